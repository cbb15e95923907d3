import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HealthSettings, Sighting } from '../../src/domain/health.ts'
import { defaultHealth, foldHealth } from '../adapters/delivery/fold-health.ts'
import { deployment, overlayOf, overlayPath } from './app-files.ts'
import { crashPods } from './crash-pods.ts'
import { isLookedAtInItsSpoke } from './in-its-spoke.ts'
import { calledWell, looksAgain, tellTimes } from './own-word.ts'
import { restart } from './pods.ts'
import { rigFolder } from './rig-folder.ts'
import { soaksWithoutABreak } from './soaks-without-a-break.ts'
import { saysNothingOfWhatWaits } from './stopped.ts'
import { tellWhy } from './tell-why.ts'
import { goesOnUnseen } from './unseen.ts'
import { type App, digestOf, startWorld, type World } from './world.ts'

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

  test.for([
    { name: 'windowed', isInOwnNamespace: false },
    { name: 'windowed-apart', isInOwnNamespace: true },
  ])(
    'in a closed sync window waits and is never failed, and what it held back is healthy once it opens: $name',
    async ({ name, isInOwnNamespace }, context) => {
      tellWhy(context, world.rig)
      const spec = {
        sourceRepos: ['*'],
        sourceNamespaces: ['*'],
        destinations: [{ server: '*', namespace: '*' }],
      }
      const window = { kind: 'deny', schedule: '* * * * *', duration: '24h', applications: ['*'], manualSync: true }
      const named = { ...project, name }
      const { namespace, name: _, ...type } = named
      await world.rig.kube.apply({ ...type, metadata: { name, namespace }, spec })
      const app = await world.app(name, 'argo-cd', { project: name, isInOwnNamespace })
      await app.sightings.until({ is: 'healthy' })
      await world.rig.kube.patch(named, { spec: { syncWindows: [window] } })
      const commit = await app.release(digestOf('b'))
      await app.sightings.until({ is: 'waiting', reason: 'argo.sync-window' })
      await pause(8_000)
      await world.rig.kube.patch(named, { spec: { syncWindows: [] } })
      await app.sightings.until({ is: 'healthy', revision: commit })
      app.sightings.never(['failed'])
    },
  )

  test('that renders another Application has failed where that is degraded, names it, and is healthy again with it', async (context) => {
    tellWhy(context, world.rig)
    const runs = 'registry.invalid/acme/child'
    const app = await world.app('parent', 'argo-cd', {
      files: {
        'child/kustomization.yaml': 'namespace: parent\nresources: [deployment.yaml]\n',
        'child/deployment.yaml': deployment('child', runs, 10),
      },
    })
    await app.sightings.until({ is: 'healthy' })
    const promote = (letter: string) =>
      app.commit(
        {
          'base/kustomization.yaml': 'resources: [deployment.yaml, service.yaml, child.yaml]\n',
          'base/child.yaml': childOf(app, `${runs}@${digestOf(letter)}`),
        },
        `Let the child run ${letter}`,
      )
    const first = await promote('b')
    await app.sightings.until({ is: 'healthy', revision: first })
    await world.rig.badImage(digestOf('6'), 'crash')
    const bad = await promote('6')
    const objects = [{ kind: 'Application', namespace: 'parent', name: 'child' }]
    const failure = { is: 'failed', revision: bad, reason: 'argo.child-failed', final: false, objects }
    const { sighting } = await app.sightings.until(failure)
    expect(sighting).toHaveProperty('detail', expect.stringContaining('timed out progressing'))
    const { sync, health } = (await world.rig.kube.get(app.object))?.['status'] ?? {}
    expect([sync.status, health.status], 'all that Argo CD says of the parent').toEqual(['Synced', 'Healthy'])
    const good = await promote('e')
    await app.sightings.until({ is: 'healthy', revision: good })
    const words = foldHealth(app.sightings.looks(), [bad], defaultHealth).map(({ health: { is } }) => is)
    expect(words, 'the bad one has not settled').not.toContain('healthy')
    for (const { sighting: seen } of app.sightings.all())
      if (seen.is === 'failed') expect(seen.revision, 'nothing else is blamed').toBe(bad)
  })

  test('by its defaults, neither pruning nor healing, is healthy at a promotion that leaves a generated ConfigMap behind', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('unpruned', 'argo-cd', { syncPolicy: { automated: {} } })
    await app.sightings.until({ is: 'healthy' })
    const promote = (letter: string) =>
      app.commit(
        {
          [`${overlayPath}/kustomization.yaml`]: `${overlayOf('unpruned', digestOf(letter))}configMapGenerator: [{ name: env, literals: [release=${letter}] }]\n`,
        },
        `Release ${letter}`,
      )
    const first = await promote('b')
    await app.sightings.until({ is: 'healthy', revision: first })
    const from = app.sightings.mark()
    const second = await promote('e')
    await app.sightings.until({ is: 'healthy', revision: second })
    const { sync, resources } = (await world.rig.kube.get(app.object))?.['status'] ?? {}
    expect(sync).toMatchObject({ status: 'OutOfSync', revision: second })
    expect(resources.filter((one: { readonly requiresPruning?: boolean }) => one.requiresPruning)).toMatchObject([
      { kind: 'ConfigMap', name: expect.stringMatching(/^env-/), status: 'OutOfSync' },
    ])
    const unrelated = await app.commit({ 'README.md': 'Other words.\n' }, 'Reword')
    await app.sightings.until({ is: 'healthy', revision: unrelated })
    app.sightings.never(['failed', 'waiting', 'unknown'], from)
  })

  test('by its defaults leaves drift to a person, for whom it waits and is never failed', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('drifted', 'argo-cd', { syncPolicy: { automated: {} } })
    const { sighting: well } = await app.sightings.until({ is: 'healthy' })
    const from = app.sightings.mark()
    const scaled = { ...workload, namespace: 'drifted', name: 'drifted' }
    await world.rig.kube.patch(scaled, { spec: { replicas: 3 } })
    const detail = expect.stringContaining('Deployment drifted; without selfHeal')
    await app.sightings.until({ is: 'waiting', reason: 'argo.drifted', detail }, { from })
    await pause(8_000)
    expect(app.sightings.all().at(-1)?.sighting, 'it waits on').toMatchObject({ reason: 'argo.drifted' })
    const still = app.sightings.mark()
    await world.rig.kube.patch(scaled, { spec: { replicas: 2 } })
    await app.sightings.until({ is: 'healthy', revision: revisionOf(well) }, { from: still })
    app.sightings.never(['failed', 'unknown'])
  })

  test('says of a release whose PostSync Job fails that it failed at its commit, and names the Job', async (context) => {
    tellWhy(context, world.rig)
    const syncPolicy = { automated: { prune: true, selfHeal: true }, retry: { limit: 0 } }
    const app = await world.app('hooked', 'argo-cd', { syncPolicy, more: { 'smoke.yaml': smokeTest(digestOf('8')) } })
    await app.sightings.until({ is: 'healthy' })
    await world.rig.badImage(digestOf('8'), 'fail', 'hooked')
    const from = app.sightings.mark()
    const bad = await app.release(digestOf('b'))
    const objects = [{ kind: 'Job', namespace: 'hooked', name: 'smoke' }]
    const failure = { is: 'failed', revision: bad, reason: 'argo.hook-failed', final: false, objects }
    await app.sightings.until(failure)
    const { sync, health } = (await world.rig.kube.get(app.object))?.['status'] ?? {}
    expect([sync.status, health.status], 'all that Argo CD says of it beside').toEqual(['Synced', 'Healthy'])
    const unrelated = await app.commit({ 'README.md': 'Other words.\n' }, 'Reword')
    await calledWell(world.rig.kube, app.object, (at) => at === unrelated)
    expect(app.sightings.all().at(-1)?.sighting, 'which an unrelated commit does not change').toMatchObject(failure)
    for (const { sighting } of app.sightings.all().slice(from))
      if (sighting.is === 'healthy') expect(sighting.revision, 'what ran before').not.toBe(bad)
    // Another Job: the one that failed is there until Argo CD takes it away to run it anew, and may be met before.
    const smoke = smokeTest(digestOf('a')).replace('name: smoke', 'name: smoke-again')
    const overlay = { [`${overlayPath}/kustomization.yaml`]: overlayOf('hooked', digestOf('e')) }
    const good = await app.commit({ ...overlay, 'base/smoke.yaml': smoke }, 'Release what passes another smoke test')
    await app.sightings.until({ is: 'healthy', revision: good })
  })

  test('T45 that applies to another cluster is looked at there', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('spoken', 'argo-cd', { inSpoke: true, closely: true })
    await isLookedAtInItsSpoke(world, app)
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
      await goesOnUnseen(await world.app(`unseen-${state}`, 'argo-cd'), state)
    },
  )
})

test.for(['controller', 'repoServer'] as const)(
  'a stopped %s gives no verdict about what it has not seen',
  async (which, context) => {
    tellWhy(context, world.rig)
    const app = await world.app(`stopped-${which.toLowerCase()}`, 'argo-cd')
    const stopped = world.rig.argoCd?.[which]
    try {
      await saysNothingOfWhatWaits(world, app, () => stopped?.freeze())
      const good = await app.release(digestOf('b'))
      stopped?.thaw()
      await app.sightings.until({ is: 'healthy', revision: good })
      app.sightings.never(['failed'])
    } finally {
      stopped?.thaw()
    }
  },
)

const patience = { ...defaultHealth, settle: 1_000, confirm: 2_000, deadline: 4_000 }

test('a stopped controller, whose last word is Healthy, lets nothing soak whose pods begin to crash', async (context) => {
  tellWhy(context, world.rig)
  const app = await world.app('unwatched', 'argo-cd', { closely: true })
  const { sighting: well } = await app.sightings.until({ is: 'healthy' })
  await pause(2 * patience.settle)
  const frozen = world.rig.argoCd?.controller
  frozen?.freeze()
  try {
    await crashPods(world.rig.kube, 'unwatched', digestOf('a'))
    const objects = [{ kind: 'Deployment', namespace: 'unwatched', name: 'unwatched' }]
    await app.sightings.until({ is: 'progressing', reason: 'argo.workload-crashing', isCrashing: true, objects })
    const from = app.sightings.looks().length
    await pause(6_000)
    expect((await world.rig.kube.get(app.object))?.['status'].health.status).toBe('Healthy')
    const tracks = foldHealth(app.sightings.looks(), [revisionOf(well)], patience)
    expect(
      tracks.map(({ health }) => health.is),
      'it was healthy before',
    ).toContain('healthy')
    for (const { healthy, health } of tracks.slice(from)) {
      expect(healthy, 'nothing to credit').toBeNull()
      expect(health.is).not.toBe('healthy')
    }
    expect(tracks.at(-1)?.health).toMatchObject({ is: 'failed', reason: 'health.deadline', objects })
  } finally {
    frozen?.thaw()
  }
})

// After the others: it does not come back.
test('a controller that is gone gives no verdict about what it has not seen, and ends no soak', async (context) => {
  tellWhy(context, world.rig)
  const app = await world.app('gone', 'argo-cd', { closely: true })
  await saysNothingOfWhatWaits(world, app, () => world.rig.argoCd?.controller.stop())
})

const revisionOf = (sighting: Sighting): string => {
  if (sighting.is !== 'healthy') throw new Error(`it is ${sighting.is}`)
  return sighting.revision
}

const workload = { apiVersion: 'apps/v1', kind: 'Deployment' }

/** Rendered by the overlay of an application, into whose namespace kustomize puts it, as what it applies itself. */
const childOf = ({ namespace, expected: { repositoryUrls } }: App, image: string): string =>
  `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: child }
spec:
  project: default
  source: { repoURL: ${repositoryUrls[0]}, path: child, targetRevision: main, kustomize: { images: ['${image}'] } }
  destination: { server: https://kubernetes.default.svc, namespace: ${namespace} }
  syncPolicy: { automated: { prune: true, selfHeal: true } }
`

/** A Job that Argo CD runs anew after each sync, and that is not tried twice. */
const smokeTest = (digest: string): string => `apiVersion: batch/v1
kind: Job
metadata:
  name: smoke
  annotations: { argocd.argoproj.io/hook: PostSync }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: smoke
          image: registry.invalid/acme/smoke@${digest}
`
