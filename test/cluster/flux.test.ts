import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { overlayPath } from './app-files.ts'
import { digestOf, startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld(['flux'])
})
afterAll(() => world?.end())

const tellWhy = (): void => onTestFailed(() => void process.stderr.write(`${world.rig.lastWords()}\n`))
const deploymentOf = (name: string) => [{ kind: 'Deployment', namespace: name, name }]

test('a merged release is applied by Flux and healthy at its merge commit', async () => {
  tellWhy()
  const app = await world.app('merged', 'flux')
  await app.sightings.until({ is: 'healthy' })
  const from = app.sightings.mark()
  const commit = await app.release(digestOf('b'))
  await app.sightings.until({ is: 'healthy', revision: commit })
  app.sightings.never(['failed', 'unknown'], from)
  const [pod] = await world.rig.kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'merged' })
  expect(pod?.['spec'].containers[0].image).toContain(digestOf('b'))
})

test('a crashing digest is failed at its commit, names its Deployment, and the revert is healthy again', async () => {
  tellWhy()
  const app = await world.app('crashing', 'flux', { progressDeadline: 15 })
  await app.sightings.until({ is: 'healthy' })
  await world.rig.badImage(digestOf('c'), 'crash')
  const bad = await app.release(digestOf('c'))
  const objects = deploymentOf('crashing')
  const failed = { is: 'failed', revision: bad, reason: 'flux.health-check-failed', objects }
  const { sighting } = await app.sightings.until(failed)
  expect(sighting).not.toHaveProperty('infrastructure')
  await app.sightings.until({ ...failed, final: true })
  const good = await app.release(digestOf('a'))
  await app.sightings.until({ is: 'healthy', revision: good })
})

test('T65 a registry that does not answer is infrastructure, an image that is not there is the release', async () => {
  tellWhy()
  const app = await world.app('pulling', 'flux')
  await app.sightings.until({ is: 'healthy' })
  await world.rig.badImage(digestOf('1'), 'registry-away')
  const away = await app.release(digestOf('1'))
  await app.sightings.until({ is: 'failed', revision: away, infrastructure: expect.stringContaining('image pull') })
  await world.rig.badImage(digestOf('2'), 'no-such-image')
  const missing = await app.release(digestOf('2'))
  const { sighting } = await app.sightings.until({ is: 'failed', revision: missing })
  expect(sighting).not.toHaveProperty('infrastructure')
})

test('a suspended Kustomization waits for a person and is never failed', async () => {
  tellWhy()
  const app = await world.app('suspended', 'flux')
  await app.sightings.until({ is: 'healthy' })
  await world.rig.kube.patch(app.object, { spec: { suspend: true } })
  const waiting = await app.sightings.until({ is: 'waiting', reason: 'flux.suspended' })
  const from = app.sightings.all().indexOf(waiting)
  const commit = await app.release(digestOf('b'))
  await pause(8_000)
  app.sightings.never(['failed', 'healthy', 'unknown'], from)
  await world.rig.kube.patch(app.object, { spec: { suspend: false } })
  await app.sightings.until({ is: 'healthy', revision: commit })
  app.sightings.never(['failed'])
})

test.for(['reset', 'errors', 'silent'] as const)(
  'T43 I6 an API server behind which everything goes on, but which answers us with %s, is unknown and never failed',
  async (state) => {
    tellWhy()
    const app = await world.app(`unseen-${state}`, 'flux')
    await app.sightings.until({ is: 'healthy' })
    world.rig.door.set(state)
    await app.sightings.until({ is: 'unknown', reason: expect.stringMatching(/^cluster\./) })
    const commit = await app.release(digestOf('b'))
    await pause(12_000)
    app.sightings.never(['failed'])
    world.rig.door.set('open')
    await app.sightings.until({ is: 'healthy', revision: commit })
    app.sightings.never(['failed'])
  },
)

test.for(['source', 'kustomize'] as const)(
  'a stopped %s-controller gives no verdict about what it has not seen',
  async (which) => {
    tellWhy()
    const app = await world.app(`stopped-${which}`, 'flux')
    const first = await app.sightings.until({ is: 'healthy' })
    const controller = world.rig.flux?.[which]
    controller?.freeze()
    try {
      const from = app.sightings.mark()
      await world.rig.badImage(digestOf('d'), 'crash')
      await app.release(digestOf('d'))
      await pause(8_000)
      app.sightings.never(['failed'])
      for (const { sighting } of app.sightings.all().slice(from))
        if (sighting.is === 'healthy')
          expect(sighting).toHaveProperty('revision', 'revision' in first.sighting && first.sighting.revision)
      const good = await app.release(digestOf('b'))
      controller?.thaw()
      await app.sightings.until({ is: 'healthy', revision: good })
    } finally {
      controller?.thaw()
    }
  },
)

test('a commit that the controllers skip is never reported, and the newest is healthy', async () => {
  tellWhy()
  const app = await world.app('skipped', 'flux')
  await app.sightings.until({ is: 'healthy' })
  const [skipped, last] = [await app.release(digestOf('d')), await app.release(digestOf('e'))]
  await app.sightings.until({ is: 'healthy', revision: last })
  expect(last).not.toBe(skipped)
  app.sightings.never(['failed', 'unknown'])
})

test('ten reconcile intervals and unrelated commits do not interrupt a soak', async () => {
  tellWhy()
  const app = await world.app('soaking', 'flux')
  await app.sightings.until({ is: 'healthy' })
  const commit = await app.release(digestOf('b'))
  const begun = await app.sightings.until({ is: 'healthy', revision: commit })
  const from = app.sightings.all().indexOf(begun)
  await pause(16_000)
  const unrelated = await app.commit({ 'README.md': 'Other words.\n' }, 'Reword')
  await app.sightings.until({ is: 'healthy', revision: unrelated })
  await pause(14_000)
  app.sightings.never(['failed', 'unknown', 'waiting'], from)
  const since = app.sightings
    .all()
    .slice(from)
    .flatMap(({ sighting }) => (sighting.is === 'healthy' ? [sighting.since] : []))
  expect(new Set(since).size, 'healthy since the same instant for the same content').toBe(1)
})

test('thirty seconds of unreadiness in mid-rollout are progress while Flux may wait that long', async () => {
  tellWhy()
  const app = await world.app('slow', 'flux', { timeout: '60s' })
  await app.sightings.until({ is: 'healthy' })
  await world.rig.badImage(digestOf('f'), 'crash')
  const commit = await app.release(digestOf('f'))
  await app.sightings.until({ is: 'progressing' })
  await pause(30_000)
  app.sightings.never(['failed'])
  await world.rig.goodImage(digestOf('f'))
  for (const pod of await world.rig.kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'slow' }))
    await world.rig.kube.remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'slow', name: pod.metadata.name })
  await app.sightings.until({ is: 'healthy', revision: commit })
  app.sightings.never(['failed'])
})

test('an overlay that cannot be built is failed at its commit, and healthy once it is mended', async () => {
  tellWhy()
  const app = await world.app('unbuildable', 'flux')
  await app.sightings.until({ is: 'healthy' })
  const bad = await app.commit({ [`${overlayPath}/kustomization.yaml`]: 'resources: [nowhere]\n' }, 'Break')
  await app.sightings.until({ is: 'failed', revision: bad, reason: 'flux.build-failed' })
  const good = await app.release(digestOf('b'))
  await app.sightings.until({ is: 'healthy', revision: good })
})
