import { createHmac } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HealthSettings } from '../../src/domain/health.ts'
import { defaultHealth, foldHealth } from '../adapters/delivery/fold-health.ts'
import { deployment, overlayPath } from './app-files.ts'
import { crashPods } from './crash-pods.ts'
import { kindOf } from './delivery-objects.ts'
import { chart, helmRelease, receiver } from './flux-objects.ts'
import { isLookedAtInItsSpoke } from './in-its-spoke.ts'
import { calledWell, looksAgain, tellTimes } from './own-word.ts'
import { podsOf, restart } from './pods.ts'
import { blamesNoReleaseForAQuota, database } from './quota.ts'
import { rigFolder } from './rig-folder.ts'
import { soaksWithoutABreak } from './soaks-without-a-break.ts'
import { saysNothingOfWhatWaits, soaksNoMore } from './stopped.ts'
import { tellWhy } from './tell-why.ts'
import { goesOnUnseen } from './unseen.ts'
import { type App, digestOf, startWorld, type World } from './world.ts'

const folder = rigFolder()
let world: World
beforeAll(async () => {
  world = await startWorld(folder(), ['flux'], { fluxMore: true })
})
afterAll(() => world?.end())

const groundworkFiles = {
  'groundwork/kustomization.yaml': 'resources: [settings.yaml]\n',
  'groundwork/settings.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: groundwork }\n',
}

const deploymentOf = (name: string) => [{ kind: 'Deployment', namespace: name, name }]

// Before the others: once it goes on, a controller that was stopped looks at everything that there is first.
test.for(['source', 'kustomize'] as const)(
  'a stopped %s-controller gives no verdict about what it has not seen',
  async (which, context) => {
    tellWhy(context, world.rig)
    const app = await world.app(`stopped-${which}`, 'flux', { progressDeadline: 15 })
    const controller = world.rig.flux?.[which]
    try {
      await saysNothingOfWhatWaits(world, app, () => controller?.freeze())
      const good = await app.release(digestOf('b'))
      controller?.thaw()
      // It may take up the bad commit before it hears of the good one.
      await app.sightings.until({ is: 'healthy', revision: good })
    } finally {
      controller?.thaw()
    }
  },
)

describe.concurrent('Flux', { timeout: 300_000 }, () => {
  // The longest come first: whoever comes last is waited for.
  test('waits through thirty seconds of unreadiness in mid-rollout where it may wait that long', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('slow', 'flux', { timeout: '120s' })
    const commit = await unreadyFor30s(app, digestOf('f'))
    app.sightings.never(['failed'])
    const words = wordsOf(app, commit)
    expect(words(defaultHealth)).not.toContain('failed')
    expect(words({ ...defaultHealth, deadline: 20_000 }), 'whoever waits for less takes it back').toContain('failed')
  })

  test('gives up thirty seconds of unreadiness in mid-rollout where it may wait no longer, and it heals before that is confirmed', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('slower', 'flux', { timeout: '30s' })
    const commit = await unreadyFor30s(app, digestOf('4'), {
      is: 'failed',
      reason: 'flux.health-check-failed',
      final: false,
    })
    const words = wordsOf(app, commit)
    expect(words(defaultHealth), 'it is not confirmed within two minutes').not.toContain('failed')
    expect(words({ ...defaultHealth, confirm: 1_000 }), 'whoever waits for less takes it back').toContain('failed')
  })

  test('names the HelmRelease whose upgrade failed, and the revert is healthy again', async (context) => {
    tellWhy(context, world.rig)
    const release = (digest: string): string => helmRelease('charted', digest)
    const app = await world.app('charted', 'flux', { more: { 'release.yaml': release(digestOf('5')) }, files: chart })
    await app.sightings.until({ is: 'healthy' })
    const upgraded = await app.commit({ 'base/release.yaml': release(digestOf('6')) }, 'Upgrade')
    await app.sightings.until({ is: 'healthy', revision: upgraded })
    const [pod] = await podsOf(world.rig.kube, 'charted', 'worker')
    expect(pod?.['spec'].containers[0].image).toContain(digestOf('6'))
    await world.rig.badImage(digestOf('8'), 'crash')
    const bad = await app.commit({ 'base/release.yaml': release(digestOf('8')) }, 'Upgrade to a bad one')
    const objects = [{ kind: 'HelmRelease', namespace: 'charted', name: 'worker' }]
    await app.sightings.until({ is: 'failed', revision: bad, reason: 'flux.health-check-failed', objects })
    const good = await app.commit({ 'base/release.yaml': release(digestOf('6')) }, 'Take it back')
    await app.sightings.until({ is: 'healthy', revision: good })
  })

  test('T44 blames no release for pods that a quota lets nobody make, and is healthy once that is lifted', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('full', 'flux', { progressDeadline: 10, more: database })
    await blamesNoReleaseForAQuota(world, app)
  })

  test('names the second application of a shared Kustomization where that one fails, and only that one', async (context) => {
    tellWhy(context, world.rig)
    const neighbour = deployment('neighbour', `registry.invalid/acme/neighbour@${digestOf('9')}`)
    const app = await world.app('shared', 'flux', { more: { 'neighbour.yaml': neighbour } })
    await app.sightings.until({ is: 'healthy' })
    const commit = await app.release(digestOf('b'))
    await app.sightings.until({ is: 'healthy', revision: commit })
    await crashPods(world.rig.kube, 'shared', digestOf('9'))
    const { sighting } = await app.sightings.until({ is: 'failed', revision: commit })
    expect(sighting).toHaveProperty('objects', [{ kind: 'Deployment', namespace: 'shared', name: 'neighbour' }])
    await restart(world.rig.kube, 'shared', 'neighbour')
    const from = app.sightings.mark()
    await app.sightings.until({ is: 'healthy', revision: commit }, { from })
  })

  test('reconciles ten times and sees unrelated commits without interrupting a soak', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('soaking', 'flux')
    await app.sightings.until({ is: 'healthy' })
    const commit = await app.release(digestOf('b'))
    await app.sightings.until({ is: 'healthy', revision: commit })
    await looksAgain(world.rig.kube, app.object, 5)
    const unrelated = await app.commit({ 'README.md': 'Other words.\n' }, 'Reword')
    await app.sightings.until({ is: 'healthy', revision: unrelated })
    await looksAgain(world.rig.kube, app.object, 5)
    soaksWithoutABreak(app.sightings.looks(), [commit, unrelated])
  })

  test('waits for a Kustomization on the same source after every commit, which interrupts no soak', async (context) => {
    tellWhy(context, world.rig)
    const { kube } = world.rig
    const { namespace, ...kind } = kindOf.flux
    const app = await world.app('dependent', 'flux', { dependsOn: 'groundwork', files: groundworkFiles })
    await kube.apply({
      ...kind,
      metadata: { name: 'groundwork', namespace },
      spec: {
        ...{ interval: '3s', path: './groundwork', prune: true, targetNamespace: app.namespace },
        sourceRef: { kind: 'GitRepository', name: 'dependent' },
      },
    })
    await app.sightings.until({ is: 'healthy' })
    const commits = [await app.release(digestOf('b'))]
    await app.sightings.until({ is: 'healthy', revision: commits[0] })
    const from = app.sightings.mark()
    for (const words of ['One.', 'Two.', 'Three.', 'Four.']) {
      const unrelated = await app.commit({ 'README.md': `${words}\n` }, 'Reword')
      commits.push(unrelated)
      await app.sightings.until({ is: 'healthy', revision: unrelated })
      await looksAgain(kube, app.object, 2)
    }
    await app.sightings.until({ halted: { reason: 'flux.dependency-not-ready' } }, { from })
    app.sightings.never(['failed', 'unknown', 'waiting'], from)
    soaksWithoutABreak(app.sightings.looks(), commits)
  })

  test('applies a merged release, which is healthy at its merge commit', async (context) => {
    tellWhy(context, world.rig)
    const { rig } = world
    const app = await world.app('merged', 'flux')
    await app.sightings.until({ is: 'healthy' })
    const from = app.sightings.mark()
    const commit = await app.release(digestOf('b'))
    const merged = performance.now()
    const controllers = await calledWell(rig.kube, app.object, (at) => at === commit)
    const seen = await app.sightings.until({ is: 'healthy', revision: commit })
    tellTimes('Flux, one application: merge → healthy at this commit', merged, { controllers, sluice: seen.atMs })
    app.sightings.never(['failed', 'unknown'], from)
    const [pod] = await rig.kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'merged' })
    expect(pod?.['spec'].containers[0].image).toContain(digestOf('b'))
  })

  test('says that a crashing digest failed at its commit, which names its Deployment, and the revert is healthy again', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('crashing', 'flux', { progressDeadline: 15 })
    await app.sightings.until({ is: 'healthy' })
    await world.rig.badImage(digestOf('c'), 'crash')
    const bad = await app.release(digestOf('c'))
    const objects = deploymentOf('crashing')
    const failed = { is: 'failed', revision: bad, reason: 'flux.health-check-failed', objects }
    const { sighting } = await app.sightings.until(failed)
    expect(sighting).not.toHaveProperty('infrastructure')
    const late = { detail: expect.stringContaining('timed out progressing'), final: false }
    await app.sightings.until({ ...failed, ...late })
    const good = await app.release(digestOf('a'))
    await app.sightings.until({ is: 'healthy', revision: good })
  })

  test('T65 waits for a registry that does not answer, which is infrastructure', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('pulling', 'flux')
    await app.sightings.until({ is: 'healthy' })
    await world.rig.badImage(digestOf('1'), 'registry-away')
    const away = await app.release(digestOf('1'))
    await app.sightings.until({ is: 'failed', revision: away, infrastructure: expect.stringContaining('image pull') })
  })

  test('T65 T45 waits for a registry that does not answer while pods cannot be read either, and blames no release', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('hidden', 'flux')
    await app.sightings.until({ is: 'healthy' })
    await world.rig.badImage(digestOf('3'), 'registry-away', 'hidden')
    app.door.withhold('pods')
    const away = await app.release(digestOf('3'))
    const why = expect.stringContaining('pods of hidden cannot be read')
    const failed = { is: 'failed', revision: away, objects: deploymentOf('hidden') }
    await app.sightings.until({ ...failed, infrastructure: why, detail: why })
    app.door.withhold()
    await app.sightings.until({ ...failed, infrastructure: expect.stringContaining('image pull') })
    for (const { sighting } of app.sightings.all())
      if (sighting.is === 'failed') expect(sighting).toHaveProperty('infrastructure')
  })

  test('T45 credits nothing that crashes while pods cannot be read, whatever Flux said last', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('uncredited', 'flux', { closely: true, interval: '10m' })
    const { sighting } = await app.sightings.until({ is: 'healthy' })
    const content = 'revision' in sighting ? [String(sighting.revision)] : []
    app.door.withhold('pods')
    const unread = await app.sightings.until({ is: 'unknown', reason: 'cluster.pods-unread' })
    const from = app.sightings.all().indexOf(unread)
    const looks = app.sightings.looks().length
    await crashPods(world.rig.kube, 'uncredited', digestOf('a'))
    await pause(5_000)
    app.sightings.never(['healthy', 'waiting', 'failed'], from)
    const tracks = foldHealth(app.sightings.looks(), content, { ...defaultHealth, settle: 0 })
    expect(
      tracks.slice(0, looks).map(({ health }) => health.is),
      'it was well',
    ).toContain('healthy')
    expect(tracks.length - looks, 'it looks all along').toBeGreaterThan(2)
    expect(tracks.slice(looks).filter(({ healthy }) => healthy !== null)).toEqual([])
    app.door.withhold()
    await app.sightings.until({ is: 'progressing', reason: 'flux.workload-crashing', isCrashing: true }, { from })
  })

  test('T45 that applies to another cluster is looked at there', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('spoken', 'flux', { inSpoke: true, closely: true })
    await isLookedAtInItsSpoke(world, app)
  })

  test('T65 waits for an image that is not there, which is the release', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('imageless', 'flux')
    await app.sightings.until({ is: 'healthy' })
    await world.rig.badImage(digestOf('2'), 'no-such-image')
    const missing = await app.release(digestOf('2'))
    const { sighting } = await app.sightings.until({ is: 'failed', revision: missing })
    expect(sighting).not.toHaveProperty('infrastructure')
  })

  test('that is suspended waits for a person and is never failed', async (context) => {
    tellWhy(context, world.rig)
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

  test('T24 leaves alone what somebody told it to in the cluster: that waits for a person, though Flux says it is applied', async (context) => {
    tellWhy(context, world.rig)
    const { kube } = world.rig
    const app = await world.app('frozen', 'flux', { closely: true })
    await app.sightings.until({ is: 'healthy' })
    const frozen = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'frozen', name: 'frozen' }
    const told = (word: string | null) => ({
      metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': word } },
    })
    await kube.patch(frozen, told('disabled'))
    const commit = await app.release(digestOf('b'))
    await calledWell(kube, app.object, (at) => at === commit)
    await app.sightings.until({ is: 'waiting', reason: 'flux.left-alone', revision: commit })
    const [pod] = await podsOf(kube, 'frozen', 'frozen')
    expect(pod?.['spec'].containers[0].image, 'what ran before').toContain(digestOf('a'))
    app.sightings.never(['failed'])
    expect(app.sightings.naming(commit).map(({ is }) => is)).not.toContain('healthy')
    await kube.patch(frozen, told(null))
    await looksAgain(kube, app.object, 2)
    const from = app.sightings.mark()
    await app.sightings.until({ is: 'healthy', revision: commit }, { from: from - 1 })
    const images = (await podsOf(kube, 'frozen', 'frozen')).map((pod) => pod['spec'].containers[0].image)
    expect(images).toEqual(images.map(() => expect.stringContaining(digestOf('b'))))
  })

  test('that cannot fetch the repository says so, goes on judging what it applied, and comes back by itself', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('unfetched', 'flux')
    const first = await app.sightings.until({ is: 'healthy' })
    const back = app.cutOff()
    const from = app.sightings.mark()
    const commit = await app.release(digestOf('b'))
    const halted = { reason: 'flux.source-not-fetched', detail: expect.stringContaining('503') }
    const { sighting } = await app.sightings.until({ is: 'healthy', halted }, { from })
    expect(sighting).toMatchObject({ revision: 'revision' in first.sighting ? first.sighting.revision : '' })
    await pause(8_000)
    app.sightings.never(['failed', 'waiting', 'unknown'], from)
    const source = await world.rig.kube.get({
      ...{ apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' },
      ...{ namespace: 'flux-system', name: 'unfetched' },
    })
    expect(source?.['status'].conditions).toContainEqual(
      expect.objectContaining({ type: 'FetchFailed', status: 'True', reason: 'GitOperationFailed' }),
    )
    back()
    const { sighting: fetched } = await app.sightings.until({ is: 'healthy', revision: commit })
    expect(fetched).not.toHaveProperty('halted')
  })

  test('skips a commit, which is never reported, and the newest is healthy', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('skipped', 'flux')
    await app.sightings.until({ is: 'healthy' })
    const back = app.cutOff()
    const skipped = await app.release(digestOf('d'))
    const last = await app.release(digestOf('e'))
    back()
    await app.sightings.until({ is: 'healthy', revision: last })
    expect(app.sightings.naming(skipped)).toEqual([])
    app.sightings.never(['failed', 'unknown'])
  })

  test('cannot build an overlay, which is failed at its commit, and healthy once it is mended', async (context) => {
    tellWhy(context, world.rig)
    const app = await world.app('unbuildable', 'flux')
    await app.sightings.until({ is: 'healthy' })
    const bad = await app.commit({ [`${overlayPath}/kustomization.yaml`]: 'resources: [nowhere]\n' }, 'Break')
    await app.sightings.until({ is: 'failed', revision: bad, reason: 'flux.build-failed' })
    const good = await app.release(digestOf('b'))
    await app.sightings.until({ is: 'healthy', revision: good })
  })

  test('that looks every ten minutes sees a merge at once where a webhook tells it', async (context) => {
    tellWhy(context, world.rig)
    const { kube, fluxMore } = world.rig
    const app = await world.app('told', 'flux', { interval: '10m' })
    await app.sightings.until({ is: 'healthy' })
    const token = 'what-the-forge-signs-with'
    const path = await receiver(kube, 'told', token)
    const commit = await app.release(digestOf('b'))
    await pause(5_000)
    const old = app.sightings.all().at(-1)?.sighting
    expect(old).not.toMatchObject({ revision: commit })
    const body = JSON.stringify({ ref: 'refs/heads/main', after: commit })
    const signature = `sha256=${createHmac('sha256', token).update(body).digest('hex')}`
    const headers = { 'content-type': 'application/json', 'x-github-event': 'push', 'x-hub-signature-256': signature }
    expect((await fetch(`${fluxMore?.hooks}${path}`, { method: 'POST', headers, body })).status).toBe(200)
    await app.sightings.until({ is: 'healthy', revision: commit }, { withinMs: 60_000 })
  })

  test.for(['reset', 'errors', 'silent'] as const)(
    'T43 I6 goes on behind an API server which answers us with %s: unknown and never failed',
    async (state, context) => {
      tellWhy(context, world.rig)
      await goesOnUnseen(await world.app(`unseen-${state}`, 'flux'), state)
    },
  )
})

// After the others: nothing starts them again.
test('controllers that are gone, the first for longer than the deadline, make nothing ill that runs, and what crashes then soaks no more', async (context) => {
  tellWhy(context, world.rig)
  const app = await world.app('gone', 'flux', { closely: true })
  const stopped = performance.now()
  const { runs } = await saysNothingOfWhatWaits(world, app, () => world.rig.flux?.source.stop())
  const halted = { reason: 'flux.source-not-fetched', detail: expect.stringContaining('failed to download') }
  await app.sightings.until({ is: 'healthy', revision: runs, halted })
  await pause(25_000 - (performance.now() - stopped))
  const patience = { settle: 2_000, confirm: 3_000, deadline: 8_000, watch: 1_800_000 }
  const health = foldHealth(app.sightings.looks(), [runs], patience).map(({ health }) => health)
  const settled = health.findIndex(({ is }) => is === 'healthy')
  expect(health.slice(settled)).toEqual(health.slice(settled).map(() => health[settled]))

  await world.rig.flux?.kustomize.stop()
  await crashPods(world.rig.kube, 'gone', digestOf('a'))
  await soaksNoMore(app, runs)
})

/** Thirty seconds of crashes from the first moment of a release, and until Flux said so much; then it is healthy. */
async function unreadyFor30s(
  { sightings, namespace, release }: App,
  digest: string,
  whatIsSaid?: object,
): Promise<string> {
  await sightings.until({ is: 'healthy' })
  await world.rig.badImage(digest, 'crash', namespace)
  const from = sightings.mark()
  const commit = await release(digest)
  await sightings.until(
    { is: 'progressing', attempt: { revision: commit }, objects: deploymentOf(namespace) },
    { from },
  )
  await pause(30_000)
  if (whatIsSaid !== undefined) await sightings.until({ ...whatIsSaid, revision: commit }, { from })
  for (const { sighting } of sightings.all().slice(from))
    if (sighting.is === 'healthy') expect(sighting.revision, 'it is not well yet').not.toBe(commit)
  await world.rig.goodImage(digest)
  await restart(world.rig.kube, namespace, namespace)
  await sightings.until({ is: 'healthy', revision: commit }, { from })
  return commit
}

/** What Sluice made of a commit. */
const wordsOf =
  ({ sightings }: App, commit: string) =>
  (settings: HealthSettings) =>
    foldHealth(sightings.looks(), [commit], settings).map(({ health }) => health.is)
