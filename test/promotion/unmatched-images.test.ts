import { describe, expect, test } from 'vitest'
import { kustomizeRenderer } from '../../src/adapters/tools/kustomize/kustomize-renderer.ts'
import { parseManifests } from '../../src/config/parse-manifests.ts'
import { deliveryName } from '../../src/domain/delivery.ts'
import { type Digest, toInstant } from '../../src/domain/ids.ts'
import { releaseOf } from '../../src/domain/release.ts'
import type { Delivery } from '../../src/ports/delivery.ts'
import type { GitRepository } from '../../src/ports/git.ts'
import { derive } from '../../src/promotion/derive.ts'
import { type Round, reconcile } from '../../src/promotion/reconcile.ts'
import { overviewOf } from '../../src/promotion/report/overview.ts'
import { openRepository } from '../../src/promotion/workplace.ts'
import {
  ann,
  commitFiles,
  digestNamed,
  type Files,
  headOfMain,
  newCompany,
  repository,
  textAt,
} from '../fakes/company.ts'
import { noFaults } from '../fakes/faults.ts'
import { propose, pushDirectly } from '../fakes/people.ts'
import { workplaceOf } from '../fakes/sluice.ts'
import { tool } from '../tools.ts'

const application = (more: string) =>
  `apiVersion: sluice.dev/v1alpha1\nkind: Application\nmetadata: { name: "*" }\nspec:\n  owners: [acme/platform]\n  ${more}\n`
const environment = (name: string, from?: string) => `---
apiVersion: sluice.dev/v1alpha1
kind: Environment
metadata: { name: ${name} }
spec:
  overlay: apps/{application}/overlays/${name}
  health: { settle: 5s, confirm: 20s, deadline: 5m, watch: 30m }
  delivery: [{ type: flux, kustomization: "flux-system/{application}-${name}", cluster: here }]
${from === undefined ? '  entry: auto' : `  promotesFrom: [${from}]\n  merge: auto\n  gates: [{ name: soaked, type: upstream, soak: 1m }]`}
`
const manifestsWith = (more: string) =>
  application(more) + environment('dev') + environment('staging', 'dev') + environment('production', 'staging')
const manifests = manifestsWith('')
const fileOf = (name: string) => `apps/api/overlays/${name}/kustomization.yaml`
const overlay = (digest: Digest, base = 'base') =>
  `resources:\n  - ../../${base}\nimages:\n  - name: ghcr.io/acme/api\n    digest: ${digest}\n`
const [zero, one, two] = [digestNamed('api 0'), digestNamed('api 1'), digestNamed('proxy')]
const [api, proxy] = ['ghcr.io/acme/api', 'ghcr.io/acme/proxy']

/** Staging renders by a base that gives the image another name first: the entry of staging's own matches nothing. */
const renamedInBase: Files = {
  '.sluice/manifests.yaml': manifests,
  'apps/api/base/kustomization.yaml': 'resources: [deployment.yaml]\n',
  'apps/api/base/deployment.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: api }\nspec:\n  template:\n    spec:\n      containers: [{ name: api, image: "ghcr.io/acme/api:1.0.0" }]\n',
  'apps/api/base-eu/kustomization.yaml':
    'resources: [../base]\nimages: [{ name: ghcr.io/acme/api, newName: eu.gcr.io/acme/api, newTag: "1.0.0" }]\n',
  [fileOf('dev')]: overlay(zero),
  [fileOf('staging')]: overlay(zero, 'base-eu'),
  [fileOf('production')]: overlay(zero),
}

const renderer = async () => kustomizeRenderer({ kustomize: await tool('kustomize'), version: 'of the tests' })

/** A company that begins with these files, whose clusters run the head of the default branch and are well. */
async function aCompany(files: Files) {
  const company = await newCompany()
  company.git.branches.set('main', await commitFiles(company, null, files, 'Begin', ann))
  const delivery: Delivery = {
    read: async (expected) =>
      new Map(
        expected.map(({ spec }) => [
          deliveryName(spec),
          { sighting: { is: 'healthy', revision: headOfMain(company) }, readAt: toInstant(company.now) },
        ]),
      ),
    watch: () => ({ stop: async () => {} }),
    clusters: async () => [],
  }
  let renderings = 0
  const real = await renderer()
  const counted: typeof real = {
    render: (...asked) => {
      renderings += 1
      return real.render(...asked)
    },
  }
  const place = { ...workplaceOf(company, noFaults(), { isDead: false }), delivery, renderer: counted }
  const { world } = await openRepository(place, repository, () => {})
  let last: Round | null = null
  return {
    company,
    renderings: () => renderings,
    pass: async (seconds: number) => {
      for (const end = company.now + seconds * 1_000; company.now < end; ) {
        company.now += 20_000
        last = await reconcile(world, [{ is: 'everything' }])
      }
    },
    slot: (key: string) => last && overviewOf(last.considered, last.plan).slots.find(({ slot }) => slot === key),
    verdicts: (pull: number) => last?.considered.judgements.get(pull)?.flatMap(({ verdicts }) => verdicts),
    witnessed: (key: 'api/dev' | 'api/staging') =>
      last?.considered.snapshot.state.folded.witnessed.get(key)?.map(({ parts }) => parts.images['ghcr.io/acme/api']),
    digest: async (where: string) =>
      /digest: (\S+)/.exec((await textAt(company, headOfMain(company), fileOf(where))) ?? '')?.[1],
  }
}

describe('a digest that an overlay names and does not render (I2)', () => {
  test('is never promoted there, nor anywhere on that evidence, and explain says at which line', async () => {
    const world = await aCompany(renamedInBase)
    await world.pass(60)
    await propose(world.company, ann, { [fileOf('dev')]: overlay(one) }, 'Bring 1')
    await world.pass(600)
    expect(await world.digest('dev')).toBe(one)
    expect(await world.digest('staging')).toBe(zero)
    expect(await world.digest('production')).toBe(zero)
    expect(world.slot('api/staging')?.next.says).toMatch(
      /cannot be written: apps\/api\/overlays\/staging\/kustomization.yaml:4: .*rendered: eu\.gcr\.io\/acme\/api.*release\.image-unmatched/,
    )
  })

  test('soaks nowhere where somebody wrote it by hand', async () => {
    const world = await aCompany(renamedInBase)
    await world.pass(60)
    await pushDirectly(world.company, ann, {
      [fileOf('dev')]: overlay(one),
      [fileOf('staging')]: overlay(one, 'base-eu'),
    })
    await world.pass(400)
    const production = await propose(world.company, ann, { [fileOf('production')]: overlay(one) }, 'Bring 1 by hand')
    await world.pass(200)
    expect(await world.digest('production')).toBe(zero)
    expect(world.witnessed('api/dev')).toContain(one)
    expect(world.witnessed('api/staging')).not.toContain(one)
    expect(world.slot('api/production')?.next).toMatchObject({ reason: 'upstream.unreadable' })
    expect(world.slot('api/production')?.next.says).toContain(`${fileOf('staging')}:4: the entry ghcr.io/acme/api`)
    expect(world.verdicts(production)).toContainEqual(
      expect.objectContaining({ is: 'wait', reason: 'upstream.unknown' }),
    )
    await pushDirectly(world.company, ann, { [fileOf('staging')]: overlay(one) })
    await world.pass(300)
    expect(world.witnessed('api/staging')).toContain(one)
    expect(await world.digest('production')).toBe(one)
  })

  test('is no evidence either where it was there from the beginning', async () => {
    const world = await aCompany({ ...renamedInBase, [fileOf('staging')]: overlay(one, 'base-eu') })
    await world.pass(200)
    const production = await propose(world.company, ann, { [fileOf('production')]: overlay(one) }, 'Bring 1 by hand')
    await world.pass(200)
    expect(world.verdicts(production)).toContainEqual(
      expect.objectContaining({ is: 'wait', reason: 'upstream.unknown' }),
    )
  })

  test('is looked for where something came, and not again', async () => {
    const world = await aCompany(renamedInBase)
    await world.pass(60)
    expect(world.renderings()).toBe(0)
    await pushDirectly(world.company, ann, { [fileOf('staging')]: overlay(one, 'base-eu') })
    await world.pass(200)
    expect(world.renderings()).toBe(1)
  })

  test('is a problem of the promotion, with the line of its entry', async () => {
    expect(await bring(renamedInBase, 'production', { [api]: one })).toMatchObject({ is: 'edits' })
    expect(await bring(renamedInBase, 'staging', { [api]: one })).toMatchObject({
      is: 'problem',
      problem: { reason: 'release.image-unmatched', file: fileOf('staging'), line: 4 },
    })
  })
})

test('what would match nothing is not asked for: the place that renames it is named', async () => {
  const placeholder = (digest: Digest) =>
    `resources: [../../base]\nimages:\n  - name: api\n    newName: ${api}\n    digest: ${digest}\n`
  const files: Files = {
    ...renamedInBase,
    'apps/api/base/deployment.yaml': String(renamedInBase['apps/api/base/deployment.yaml']).replace(
      `${api}:1.0.0`,
      'api',
    ),
    [fileOf('dev')]: placeholder(one),
    [fileOf('eu')]: placeholder(zero),
    [fileOf('production')]: 'resources: [../eu]\nnamePrefix: eu-\n',
  }
  const brought = await bring(files, 'production', { api: one })
  const detail = brought.is === 'problem' ? brought.problem.detail : ''
  expect(detail).toContain(`(rendered: ${api}); ${fileOf('eu')}:3 renames it first`)
  expect(detail).not.toContain('add it')
})

test('a container that comes with a promoted tree brings the entry of its image along', async () => {
  const deployment = (containers: string) =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: api }\nspec: { template: { spec: { containers: [${containers}] } } }\n`
  const copyOf = (where: string, containers: string): Files => ({
    [`apps/api/overlays/${where}/base/kustomization.yaml`]: 'resources: [deployment.yaml]\n',
    [`apps/api/overlays/${where}/base/deployment.yaml`]: deployment(containers),
  })
  const own = (images: string) => `resources: [base]\nimages:\n${images}`
  const files: Files = {
    '.sluice/manifests.yaml': manifestsWith('promotes: { images: all, trees: [base] }'),
    ...copyOf('dev', `{ name: api, image: ${api} }, { name: proxy, image: ${proxy} }`),
    ...copyOf('staging', `{ name: api, image: ${api} }`),
    [fileOf('dev')]: own(`  - name: ${api}\n    digest: ${one}\n  - name: ${proxy}\n    digest: ${two}\n`),
    [fileOf('staging')]: own(`  - name: ${api}\n    digest: ${zero}\n`),
  }
  const world = await aCompany(files)
  const tree = (await world.company.git.entry(headOfMain(world.company), 'apps/api/overlays/dev/base'))?.oid
  if (tree === undefined) throw new Error('dev has no base')
  const brought = await bring(files, 'staging', { [api]: one, [proxy]: two }, { base: tree })
  expect(brought).toMatchObject({ is: 'edits', edits: [{ oid: tree }, { path: fileOf('staging') }] })
  expect(JSON.stringify(brought)).toContain(two)
  // Without the tree nothing there would run it.
  expect(await bring(files, 'staging', { [api]: one, [proxy]: two })).toMatchObject({
    problem: { reason: 'release.image-unmatched' },
  })
})

async function bring(files: Files, where: 'staging' | 'production', images: Record<string, Digest>, trees = {}) {
  const company = await newCompany()
  const base = await commitFiles(company, null, files, 'Begin', ann)
  const { config } = parseManifests(new Map([['.sluice/manifests.yaml', String(files['.sluice/manifests.yaml'])]]))
  if (config === null) throw new Error('the manifests do not parse')
  const release = releaseOf({ images, trees, files: {}, fields: {} })
  const ports = { git: company.git as unknown as GitRepository, renderer: await renderer() }
  return derive(ports, config, base, { is: 'bring', slot: `api/${where}`, release, from: 'apps/api/overlays/dev' })
}
