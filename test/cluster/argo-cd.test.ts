import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { overlayPath } from './app-files.ts'
import { digestOf, startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld(['argo-cd'])
})
afterAll(() => world?.end())

const tellWhy = (): void => onTestFailed(() => void process.stderr.write(`${world.rig.lastWords()}\n`))
const project = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', namespace: 'argocd' }

test('a merged release is synced by Argo CD and healthy at its merge commit', async () => {
  tellWhy()
  const app = await world.app('merged', 'argo-cd')
  await app.sightings.until({ is: 'healthy' })
  const from = app.sightings.mark()
  const commit = await app.release(digestOf('b'))
  await app.sightings.until({ is: 'healthy', revision: commit })
  app.sightings.never(['failed', 'unknown'], from)
})

test('a crashing digest is failed at its commit, names its Deployment, and the revert is healthy again', async () => {
  tellWhy()
  const app = await world.app('crashing', 'argo-cd', { progressDeadline: 10 })
  await app.sightings.until({ is: 'healthy' })
  await world.rig.badImage(digestOf('c'), 'crash')
  const bad = await app.release(digestOf('c'))
  const objects = [{ kind: 'Deployment', namespace: 'crashing', name: 'crashing' }]
  await app.sightings.until({ is: 'failed', revision: bad, reason: 'argo.degraded', final: true, objects })
  const from = app.sightings.mark()
  const good = await app.release(digestOf('a'))
  await app.sightings.until({ is: 'healthy', revision: good })
  for (const { sighting } of app.sightings.all().slice(from))
    if (sighting.is === 'failed') expect(sighting.revision, 'the revert is not blamed').toBe(bad)
})

test('an Application without automated sync waits for a person and is never failed', async () => {
  tellWhy()
  const app = await world.app('manual', 'argo-cd', { manual: true })
  await app.sightings.until({ is: 'waiting', reason: 'argo.manual-sync' })
  const commit = await app.release(digestOf('b'))
  await pause(8_000)
  app.sightings.never(['failed', 'healthy'])
  const operation = { initiatedBy: { username: 'ann' }, sync: { revision: commit } }
  await world.rig.kube.patch(app.object, { operation })
  await app.sightings.until({ is: 'healthy', revision: commit })
  app.sightings.never(['failed'])
})

test('a closed sync window waits and is never failed, and what it held back is healthy once it opens', async () => {
  tellWhy()
  const spec = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] }
  const window = { kind: 'deny', schedule: '* * * * *', duration: '24h', applications: ['*'], manualSync: true }
  const named = { ...project, name: 'windowed' }
  const { namespace, name, ...type } = named
  await world.rig.kube.apply({ ...type, metadata: { name, namespace }, spec })
  const app = await world.app('windowed', 'argo-cd', { project: 'windowed' })
  await app.sightings.until({ is: 'healthy' })
  await world.rig.kube.patch(named, { spec: { syncWindows: [window] } })
  const commit = await app.release(digestOf('b'))
  await app.sightings.until({ is: 'waiting', reason: 'argo.sync-window' })
  await pause(8_000)
  await world.rig.kube.patch(named, { spec: { syncWindows: [] } })
  await app.sightings.until({ is: 'healthy', revision: commit })
  app.sightings.never(['failed'])
})

test('T43 I6 an API server that resets our connections is unknown and never failed', async () => {
  tellWhy()
  const app = await world.app('unseen', 'argo-cd')
  await app.sightings.until({ is: 'healthy' })
  world.rig.door.set('reset')
  await app.sightings.until({ is: 'unknown', reason: expect.stringMatching(/^cluster\./) })
  const commit = await app.release(digestOf('b'))
  await pause(10_000)
  world.rig.door.set('open')
  await app.sightings.until({ is: 'healthy', revision: commit })
  app.sightings.never(['failed'])
})

test.for(['controller', 'repoServer'] as const)(
  'a stopped %s gives no verdict about what it has not seen',
  async (which) => {
    tellWhy()
    const app = await world.app(`stopped-${which.toLowerCase()}`, 'argo-cd')
    await app.sightings.until({ is: 'healthy' })
    const stopped = world.rig.argoCd?.[which]
    stopped?.freeze()
    try {
      await app.release(digestOf('d'))
      await pause(8_000)
      const good = await app.release(digestOf('b'))
      stopped?.thaw()
      await app.sightings.until({ is: 'healthy', revision: good })
      app.sightings.never(['failed'])
    } finally {
      stopped?.thaw()
    }
  },
)

test('a commit that Argo CD skips is never failed, and the newest is healthy', async () => {
  tellWhy()
  const app = await world.app('skipped', 'argo-cd')
  await app.sightings.until({ is: 'healthy' })
  await app.release(digestOf('d'))
  const last = await app.release(digestOf('e'))
  await app.sightings.until({ is: 'healthy', revision: last })
  app.sightings.never(['failed'])
})

test('ten refreshes and unrelated commits do not interrupt a soak', async () => {
  tellWhy()
  const app = await world.app('soaking', 'argo-cd')
  await app.sightings.until({ is: 'healthy' })
  const commit = await app.release(digestOf('b'))
  const begun = await app.sightings.until({ is: 'healthy', revision: commit })
  const from = app.sightings.all().indexOf(begun)
  await pause(16_000)
  const unrelated = await app.commit({ 'README.md': 'Other words.\n' }, 'Reword')
  await app.sightings.until({ is: 'healthy', revision: unrelated })
  await pause(14_000)
  app.sightings.never(['failed', 'unknown', 'waiting'], from)
})

test('an overlay that cannot be built gives no verdict, and is healthy once it is mended', async () => {
  tellWhy()
  const app = await world.app('unbuildable', 'argo-cd')
  await app.sightings.until({ is: 'healthy' })
  await app.commit({ [`${overlayPath}/kustomization.yaml`]: 'resources: [nowhere]\n' }, 'Break')
  await app.sightings.until({ is: 'unknown', reason: 'argo.comparison-error' })
  const good = await app.release(digestOf('b'))
  await app.sightings.until({ is: 'healthy', revision: good })
  app.sightings.never(['failed'])
})
