import { describe, expect, test } from 'vitest'
import type { Sha } from '../../src/domain/ids.ts'
import { ann, type Company, digestAt, digestNamed, type Files, headOfMain, sam, textAt, tom } from '../fakes/company.ts'
import { closePull, openPull, pullOf } from '../fakes/forge.ts'
import { approve, beginWith, bringsTo, propose, pushDirectly, say } from '../fakes/people.ts'
import { news, newUniverse, pass, restart, settle, type Universe } from './universe.ts'

/** Whole rounds on the company's model, of what was so before: before Sluice came, before a promotion, before a restart. */

const openOn = ({ company }: Universe, branch: string) =>
  [...company.pulls.values()].find(({ state, headBranch }) => state === 'open' && headBranch === branch)
const runs = (company: Company, slot: `${string}/${string}`) => digestAt(company, headOfMain(company), slot)

/** Brings a release of api to dev and lets it travel, for as long as it takes to get to the gates of production. */
async function travels(universe: Universe, release: string): Promise<number | undefined> {
  await propose(universe.company, ann, bringsTo('api', 'dev', release), release)
  universe.sluice.hint(...news)
  await settle(universe)
  await pass(universe, 192_000)
  return openOn(universe, 'sluice/promote/production/api')?.number
}

async function letIn(universe: Universe, number: number | undefined): Promise<void> {
  if (number === undefined) throw new Error('no promotion to production is open')
  approve(universe.company, sam, number)
  universe.sluice.hint({ is: 'pull', pull: number })
  await settle(universe)
}

describe('what was there when Sluice came', () => {
  test('is promoted by nobody, and stands in the way of nothing that comes after (T72)', async () => {
    const universe = await newUniverse((company) => beginWith(company, bringsTo('api', 'staging', 'api 5')))
    const { company } = universe
    await pass(universe, 300_000)
    expect([...company.pulls.values()]).toEqual([])
    expect(await travels(universe, 'api 9')).toBeDefined()
    expect(await runs(company, 'api/staging')).toBe(digestNamed('api 9'))
  })

  test('is what stood upstream when the later of the two environments was described (T72)', async () => {
    const universe = await newUniverse(async (company) => {
      const rules = (await textAt(company, headOfMain(company), '.sluice/production.yaml')) ?? ''
      await beginWith(company, { '.sluice/production.yaml': null })
      await pushDirectly(company, ann, bringsTo('api', 'staging', 'api 5'))
      await pushDirectly(company, ann, { '.sluice/production.yaml': rules })
    })
    await pass(universe, 300_000)
    expect([...universe.company.pulls.values()]).toEqual([])
    expect(await runs(universe.company, 'api/production')).toBe(digestNamed('api 0'))
  })
})

/** Sluice promotes a file and a field beside the digests, and each environment begins with its own. */
const promoting = (files: Files) => (company: Company) =>
  beginWith(company, {
    '.sluice/applications.yaml': `apiVersion: sluice.dev/v1alpha1
kind: Application
metadata: { name: "*" }
spec:
  owners: ["acme/platform"]
  promotes:
    files: [flags.yaml]
    fields: [{ file: release.yaml, path: chart.version }]
`,
    ...files,
  })
const overlayOf = (environment: string) => `apps/api/overlays/${environment}`
const flags = (environment: string, text: string) => ({ [`${overlayOf(environment)}/flags.yaml`]: text })
const chart = (environment: string, version: string) => ({
  [`${overlayOf(environment)}/release.yaml`]: `name: ${environment}\nchart: { version: "${version}" }\n`,
})
const stateOf = (universe: Universe, number: number | undefined) =>
  universe.sluice
    .last()
    ?.considered.judgements.get(number ?? 0)
    ?.flatMap(({ verdicts }) => verdicts.filter(({ type }) => type === 'state'))
    .map(({ reason, values }) => `${reason} ${values['parts'] ?? ''}`.trim())

describe('what an environment holds that upstream never held', () => {
  test('is not overwritten before somebody orders it, who is told what and how; then it never waits again (T72)', async () => {
    const universe = await newUniverse(
      promoting({
        ...flags('dev', 'of dev\n'),
        ...flags('staging', 'of staging\n'),
        ...flags('production', 'of production\n'),
      }),
    )
    const { company } = universe
    await travels(universe, 'api 1')
    const pull = openOn(universe, 'sluice/promote/staging/api')
    expect(stateOf(universe, pull?.number)).toEqual(['state.divergence file flags.yaml'])
    expect(pull?.body).toContain('Next: `/sluice promote staging --app api`')
    expect(await textAt(company, headOfMain(company), `${overlayOf('staging')}/flags.yaml`)).toBe('of staging\n')

    say(company, sam, pull?.number ?? 0, '/sluice promote staging --app api')
    universe.sluice.hint(...news)
    await settle(universe)
    await pass(universe, 192_000)
    expect(await textAt(company, headOfMain(company), `${overlayOf('staging')}/flags.yaml`)).toBe('of dev\n')
    const next = openOn(universe, 'sluice/promote/production/api')
    expect(stateOf(universe, next?.number)).toEqual(['state.divergence file flags.yaml'])

    await travels(universe, 'api 2')
    expect(await runs(company, 'api/staging')).toBe(digestNamed('api 2'))
  })

  test('does not wait where upstream held it at some time, however long ago and in whichever environment above', async () => {
    const universe = await newUniverse(async (company) => {
      await promoting({ ...flags('dev', 'old\n'), ...chart('dev', '1.0.0') })(company)
      await pushDirectly(company, ann, { ...flags('dev', 'new\n'), ...chart('dev', '2.0.0') })
      await pushDirectly(company, ann, { ...flags('production', 'old\n'), ...chart('production', '1.0.0') })
      await pushDirectly(company, ann, { ...flags('staging', 'new\n'), ...chart('staging', '2.0.0') })
    })
    const { company } = universe
    const number = await travels(universe, 'api 1')
    expect(await runs(company, 'api/staging')).toBe(digestNamed('api 1'))
    expect(stateOf(universe, number)).toEqual(['state.clear'])
    await letIn(universe, number)
    expect(await textAt(company, headOfMain(company), `${overlayOf('production')}/flags.yaml`)).toBe('new\n')
    expect(await textAt(company, headOfMain(company), `${overlayOf('production')}/release.yaml`)).toBe(
      'name: production\nchart: { version: "2.0.0" }\n',
    )
  })

  test('is named field by field, and passes once somebody brought it upstream first', async () => {
    const universe = await newUniverse(
      promoting({ ...chart('dev', '2.0.0'), ...chart('staging', '1.9.7'), ...chart('production', '1.9.7') }),
    )
    const { company } = universe
    await travels(universe, 'api 1')
    const waiting = openOn(universe, 'sluice/promote/staging/api')
    expect(stateOf(universe, waiting?.number)).toEqual(['state.divergence field release.yaml#chart.version'])

    await pushDirectly(company, ann, chart('dev', '1.9.7'))
    await pushDirectly(company, ann, chart('dev', '2.0.0'))
    universe.sluice.hint(...news)
    await settle(universe)
    await pass(universe, 12_000)
    expect(await runs(company, 'api/staging')).toBe(digestNamed('api 1'))
  })

  test('does not wait for what Sluice itself put back', async () => {
    const universe = await newUniverse(
      promoting({ ...flags('dev', 'of dev\n'), ...flags('staging', 'of dev\n'), ...flags('production', 'mine\n') }),
    )
    const { company } = universe
    company.cluster.bad.set(digestNamed('api 1'), new Set(['production']))
    const number = await travels(universe, 'api 1')
    expect(stateOf(universe, number)).toEqual(['state.divergence file flags.yaml'])
    say(company, tom, number ?? 0, '/sluice promote production --app api')
    universe.sluice.hint(...news)
    await settle(universe)
    await letIn(universe, number)
    expect(await runs(company, 'api/production')).toBe(digestNamed('api 1'))
    await pass(universe, 192_000)
    expect(await textAt(company, headOfMain(company), `${overlayOf('production')}/flags.yaml`)).toBe('mine\n')
    expect(stateOf(universe, await travels(universe, 'api 2'))).toEqual(['state.clear'])
  })
})

describe('a promotion that fails in production', () => {
  const failing = async (wasIll: boolean): Promise<Universe> => {
    const universe = await newUniverse()
    const { bad } = universe.company.cluster
    bad.set(digestNamed('api 1'), new Set(['production']))
    if (wasIll) bad.set(digestNamed('api 0'), new Set(['production']))
    await letIn(universe, await travels(universe, 'api 1'))
    expect(await runs(universe.company, 'api/production')).toBe(digestNamed('api 1'))
    await pass(universe, 192_000)
    return universe
  }

  test('is taken back where production was well before it', async () => {
    const { company } = await failing(false)
    expect(await runs(company, 'api/production')).toBe(digestNamed('api 0'))
  })

  test('is left where production was ill before it: it may be the fix, and ill for another cause (T71)', async () => {
    const universe = await failing(true)
    expect(await runs(universe.company, 'api/production')).toBe(digestNamed('api 1'))
    expect(openOn(universe, 'sluice/rollback/production/api')).toBeUndefined()
  })
})

describe('a process that begins', () => {
  test('does not believe a state that the newest promotion was not made with (T67)', async () => {
    const universe = await newUniverse()
    const { company } = universe
    const pull = await propose(company, ann, { 'notes.md': 'x' }, 'Notes')
    const before = company.git.branches.get('sluice/state') as Sha
    say(company, sam, pull, '/sluice freeze production --reason "audit"')
    await travels(universe, 'api 1')
    const trusted = () => universe.sluice.last()?.considered.snapshot.state.trusted
    expect(trusted()).toBe(true)

    company.git.branches.set('sluice/state', before)
    await restart(universe)
    await settle(universe)
    expect(trusted()).toMatchObject({ untrusted: expect.stringContaining('does not hold the state') })
  })
})

describe('a branch of ours from which somebody else has a pull request open', () => {
  const branch = 'sluice/promote/production/api'
  const headOf = ({ company }: Universe) => company.git.branches.get(branch) as Sha
  const comments = ({ company }: Universe, number: number) =>
    company.comments.filter(({ ours, pull }) => ours && pull === number).map(({ body }) => body)

  test('is left alone, whatever else is released meanwhile, and they are told', async () => {
    const universe = await newUniverse()
    const { company } = universe
    const first = await travels(universe, 'api 1')
    closePull(company, first ?? 0)
    const theirs = openPull(company, sam, branch, 'By myself')
    const head = headOf(universe)
    await travels(universe, 'api 2')
    expect(await runs(company, 'api/staging')).toBe(digestNamed('api 2'))
    expect(headOf(universe)).toBe(head)
    expect(comments(universe, theirs)).toMatchObject([expect.stringContaining(`\`${branch}\``)])

    closePull(company, theirs)
    universe.sluice.hint(...news)
    await settle(universe)
    await pass(universe, 60_000)
    expect(openOn(universe, branch)).toMatchObject({ ours: true })
    expect(await digestAt(company, headOf(universe), 'api/production')).toBe(digestNamed('api 2'))
  })

  test('is left alone also where it is the App itself as it was registered before', async () => {
    const universe = await newUniverse()
    const number = (await travels(universe, 'api 1')) ?? 0
    const before = { id: 99, login: 'old-sluice[bot]', kind: 'bot' } as const
    Object.assign(pullOf(universe.company, number), { author: before, ours: false })
    const head = headOf(universe)
    await restart(universe)
    await pass(universe, 192_000)
    expect(headOf(universe)).toBe(head)
    expect(comments(universe, number)).toMatchObject([expect.stringContaining("Open from a branch of Sluice's")])
  })
})
