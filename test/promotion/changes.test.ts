import { expect, test } from 'vitest'
import { parseManifests } from '../../src/config/parse-manifests.ts'
import { toSha } from '../../src/domain/ids.ts'
import { noInitiators } from '../../src/domain/person.ts'
import type { GitObjects } from '../../src/ports/git.ts'
import { changesBetween } from '../../src/promotion/observe/changes.ts'
import { observeOverlays } from '../../src/promotion/observe/overlays.ts'
import { type Files, memoryRepository } from '../overlays/memory-repository.ts'
import { ann } from './world.ts'

const overlay = 'apps/api/overlays/production'
const manifests = {
  '.sluice/production.yaml': `apiVersion: sluice.dev/v1alpha1
kind: Environment
metadata: { name: production }
spec:
  overlay: apps/{application}/overlays/production
  render: { as: flux }
  entry: auto
  delivery: [{ type: none }]
`,
  '.sluice/application.yaml':
    'apiVersion: sluice.dev/v1alpha1\nkind: Application\nmetadata: { name: "*" }\nspec: { owners: [acme/team] }\n',
}

/** The slots of which a pull request that brings these files is a change. */
async function changed(before: Files, brought: Files): Promise<readonly string[]> {
  const repository = memoryRepository()
  const { config, diagnostics } = parseManifests(new Map(Object.entries(manifests)))
  if (config === null) throw new Error(JSON.stringify(diagnostics))
  const git = repository.reader as GitObjects
  const [base, result] = [repository.addTree(before), repository.addTree({ ...before, ...brought })]
  const changes = await changesBetween(
    {
      ...{ git, base, result, config, nextConfig: config, repositoryName: 'config', head: toSha('a'.repeat(40)) },
      overlays: await observeOverlays(git, base, config, 'config', null),
      paths: Object.keys(brought),
      origin: { in: 'pull-request', pull: 1, author: ann, initiators: noInitiators },
      renderer: {
        render: async () => ({
          is: 'unsupported',
          problem: { reason: 'render.tool', file: overlay, detail: 'not here' },
        }),
      },
    },
    () => 'edit',
  )
  // An ignore file is a guard path as well, and what guards an environment is a change of all of it.
  return changes.flatMap(({ slot }) => (slot === '*/production' ? [] : [slot]))
}

const plain = { [`${overlay}/deployment.yaml`]: 'kind: Deployment', [`${overlay}/service.yaml`]: 'kind: Service' }
const kustomized = { ...plain, [`${overlay}/kustomization.yaml`]: 'resources: [deployment.yaml, service.yaml]\n' }

test.each([plain, kustomized])(
  'T24 an ignore file that hides from Flux what production applies is a change of production',
  async (files) => {
    expect(await changed(files, { '.sourceignore': 'service.yaml' })).toEqual(['api/production'])
    expect(await changed(files, { 'apps/.sourceignore': 'service.yaml' })).toEqual(['api/production'])
    expect(await changed({ ...files, '.sourceignore': '/docs' }, { '.sourceignore': '/apps' })).toEqual([
      'api/production',
    ])
  },
)

test.each([plain, kustomized])('one that hides nothing of it is none', async (files) => {
  expect(await changed(files, { '.sourceignore': '/docs' })).toEqual([])
  expect(await changed(files, { 'docs/.sourceignore': '*' })).toEqual([])
})
