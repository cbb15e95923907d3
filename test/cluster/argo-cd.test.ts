import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HealthSettings } from '../../src/domain/health.ts'
import { defaultHealth, foldHealth } from '../adapters/delivery/fold-health.ts'
import { deployment, overlayPath } from './app-files.ts'
import { crashPods } from './crash-pods.ts'
import { calledWell, looksAgain, tellTimes } from './own-word.ts'
import { restart } from './pods.ts'
import { rigFolder } from './rig-folder.ts'
import { soaksWithoutABreak } from './soaks-without-a-break.ts'
import { tellWhy } from './tell-why.ts'
import { digestOf, startWorld, type World } from './world.ts'

const folder = rigFolder()
let world: World
beforeAll(async () => {
  world = await startWorld(folder(), ['argo-cd'])
})
afterAll(() => world?.end())

const project = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', namespace: 'argocd' }

describe.concurrent('Argo CD', { timeout: 300_000 }, () => {
  test('syncs a merged release, which is healthy at its merge commit', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('merged', 'argo-cd')
    await app.sightings.until({ is: 'healthy' })
    const from = app.sightings.mark()
    const commit = await app.release(digestOf('b'))
    const merged = performance.now()
    const controllers = await calledWell(world.rig.kube, app.object, (at) => at === commit)
    const seen = await app.sightings.until({ is: 'healthy', revision: commit })
    tellTimes('Argo CD, one application: merge → healthy at this commit', merged, { controllers, sluice: seen.atMs })
    app.sightings.never(['failed', 'unknown'], from)
  })

  test('says that a crashing digest failed at its commit, which names its Deployment, and the revert is healthy again', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('crashing', 'argo-cd', { progressDeadline: 10 })
    await app.sightings.until({ is: 'healthy' })
    await world.rig.badImage(digestOf('c'), 'crash')
    const bad = await app.release(digestOf('c'))
    const objects = [{ kind: 'Deployment', namespace: 'crashing', name: 'crashing' }]
    await app.sightings.until({ is: 'failed', revision: bad, reason: 'argo.degraded', final: false, objects })
    const from = app.sightings.mark()
    const good = await app.release(digestOf('a'))
    await app.sightings.until({ is: 'healthy', revision: good })
    for (const { sighting } of app.sightings.all().slice(from))
      if (sighting.is === 'failed') expect(sighting.revision, 'the revert is not blamed').toBe(bad)
  })

  test('calls thirty seconds of Degraded in mid-rollout a failure that may heal, and it heals', async (context) => {
    tellWhy(context, world.rig)
    // Argo CD says Degraded of a Deployment only where that is over its progress deadline.
    const app = await world.app('degraded', 'argo-cd', { progressDeadline: 10 })
    await app.sightings.until({ is: 'healthy' })
    await world.rig.badImage(digestOf('7'), 'crash')
    const commit = await app.release(digestOf('7'))
    const objects = [{ kind: 'Deployment', namespace: 'degraded', name: 'degraded' }]
    const ill = await app.sightings.until({ is: 'failed', revision: commit, reason: 'argo.degraded', objects })
    expect(ill.sighting).toHaveProperty('detail', expect.stringContaining('timed out progressing'))
    await pause(30_000)
    expect(app.sightings.all().at(-1)?.sighting, 'all that time').toMatchObject({ is: 'failed', revision: commit })
    await world.rig.goodImage(digestOf('7'))
    await restart(world.rig.kube, 'degraded', 'degraded')
    await app.sightings.until({ is: 'healthy', revision: commit })
    for (const { sighting } of app.sightings.all())
      if (sighting.is === 'failed') expect(sighting.final, 'it is not given up at once').toBe(false)
    const words = (settings: HealthSettings) =>
      foldHealth(app.sightings.looks(), [commit], settings).map(({ health }) => health.is)
    expect(words(defaultHealth), 'it is not confirmed within two minutes').not.toContain('failed')
    expect(words({ ...defaultHealth, confirm: 15_000 }), 'whoever waits for less takes it back').toContain('failed')
  })

  test('never says of pods that begin to crash more than that it waits for their Deployment', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('crashed', 'argo-cd')
    await app.sightings.until({ is: 'healthy' })
    await crashPods(world.rig.kube, 'crashed', digestOf('a'))
    const objects = [{ kind: 'Deployment', namespace: 'crashed', name: 'crashed' }]
    await app.sightings.until({ is: 'progressing', reason: 'argo.progressing', objects })
    const from = app.sightings.mark()
    await restart(world.rig.kube, 'crashed', 'crashed')
    await app.sightings.until({ is: 'healthy' }, { from })
    app.sightings.never(['failed'])
  })

  test('names the second application of a shared Application where that one fails, and only that one', async (context) => {
    tellWhy(context, world.rig)
    const neighbour = deployment('neighbour', `registry.invalid/acme/neighbour@${digestOf('9')}`)
    const app = await world.app('shared', 'argo-cd', { more: { 'neighbour.yaml': neighbour } })
    await app.sightings.until({ is: 'healthy' })
    const commit = await app.release(digestOf('b'))
    await app.sightings.until({ is: 'healthy', revision: commit })
    const from = app.sightings.mark()
    await crashPods(world.rig.kube, 'shared', digestOf('9'))
    const illness = { is: 'progressing', reason: 'argo.progressing', revision: commit }
    const { sighting } = await app.sightings.until(illness, { from })
    expect(sighting).toHaveProperty('objects', [{ kind: 'Deployment', namespace: 'shared', name: 'neighbour' }])
  })

  test('without automated sync waits for a person and is never failed', async (context) => {
    tellWhy(context, world.rig)
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

  test('in a closed sync window waits and is never failed, and what it held back is healthy once it opens', async (context) => {
    tellWhy(context, world.rig)
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

  test('skips a commit, which is never reported, and the newest is healthy', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('skipped', 'argo-cd')
    await app.sightings.until({ is: 'healthy' })
    const back = app.cutOff()
    const skipped = await app.release(digestOf('d'))
    const last = await app.release(digestOf('e'))
    back()
    await app.sightings.until({ is: 'healthy', revision: last })
    expect(app.sightings.naming(skipped)).toEqual([])
    app.sightings.never(['failed'])
  })

  test('refreshes ten times and sees unrelated commits without interrupting a soak', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('soaking', 'argo-cd')
    await app.sightings.until({ is: 'healthy' })
    const commit = await app.release(digestOf('b'))
    await app.sightings.until({ is: 'healthy', revision: commit })
    await looksAgain(world.rig.kube, app.object, 5)
    const unrelated = await app.commit({ 'README.md': 'Other words.\n' }, 'Reword')
    await app.sightings.until({ is: 'healthy', revision: unrelated })
    await looksAgain(world.rig.kube, app.object, 5)
    soaksWithoutABreak(app.sightings.looks(), [commit, unrelated])
  })

  test('cannot build an overlay, which gives no verdict, and is healthy once it is mended', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('unbuildable', 'argo-cd')
    await app.sightings.until({ is: 'healthy' })
    await app.commit({ [`${overlayPath}/kustomization.yaml`]: 'resources: [nowhere]\n' }, 'Break')
    await app.sightings.until({ is: 'unknown', reason: 'argo.comparison-error' })
    const good = await app.release(digestOf('b'))
    await app.sightings.until({ is: 'healthy', revision: good })
    app.sightings.never(['failed'])
  })

  test('that cannot fetch the repository gives no verdict, and comes back by itself', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('unfetched', 'argo-cd')
    await app.sightings.until({ is: 'healthy' })
    const back = app.cutOff()
    const commit = await app.release(digestOf('b'))
    await app.sightings.until({ is: 'unknown', reason: 'argo.comparison-error' })
    back()
    await app.sightings.until({ is: 'healthy', revision: commit })
    app.sightings.never(['failed'])
  })

  test.for(['reset', 'errors', 'silent'] as const)(
    'T43 I6 goes on behind an API server which answers us with %s: unknown and never failed',
    async (state, context) => {
      tellWhy(context, world.rig)
      const app = await world.app(`unseen-${state}`, 'argo-cd')
      await app.sightings.until({ is: 'healthy' })
      app.door.set(state)
      await app.sightings.until({ is: 'unknown', reason: expect.stringMatching(/^cluster\./) })
      const commit = await app.release(digestOf('b'))
      await pause(10_000)
      app.door.set('open')
      await app.sightings.until({ is: 'healthy', revision: commit })
      app.sightings.never(['failed'])
    },
  )
})

test.for(['controller', 'repoServer'] as const)(
  'a stopped %s gives no verdict about what it has not seen',
  async (which, context) => {
    tellWhy(context, world.rig)
    const app = await world.app(`stopped-${which.toLowerCase()}`, 'argo-cd')
    const first = await app.sightings.until({ is: 'healthy' })
    const stopped = world.rig.argoCd?.[which]
    stopped?.freeze()
    try {
      const from = app.sightings.mark()
      await world.rig.badImage(digestOf('d'), 'crash', app.namespace)
      await app.release(digestOf('d'))
      await pause(8_000)
      for (const { sighting } of app.sightings.all().slice(from))
        if (sighting.is === 'healthy')
          expect(sighting).toHaveProperty('revision', 'revision' in first.sighting && first.sighting.revision)
      const good = await app.release(digestOf('b'))
      stopped?.thaw()
      await app.sightings.until({ is: 'healthy', revision: good })
      app.sightings.never(['failed'])
    } finally {
      stopped?.thaw()
    }
  },
)
