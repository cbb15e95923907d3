import { afterEach, expect, test, vi } from 'vitest'
import { type ClusterAccess, kubernetesDelivery } from '../../../src/adapters/delivery/kubernetes-delivery.ts'
import { deliveryName } from '../../../src/domain/delivery.ts'
import type { Sighting } from '../../../src/domain/health.ts'
import { toInstant } from '../../../src/domain/ids.ts'
import type { Delivery, ExpectedDelivery } from '../../../src/ports/delivery.ts'
import { argoApplication, fluxKustomization } from '../../../src/sandbox/cluster/start-cluster.ts'
import { type ClusterWorld, clusterWorld, goodDigest, nextDigest } from '../../sandbox/cluster/cluster-world.ts'

let world: ClusterWorld
afterEach(() => world.end())

const overlay = 'apps/api/overlays/staging'
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

const flux = (): ExpectedDelivery =>
  expected({ type: 'flux', cluster: 'staging', namespace: 'flux-system', name: 'api' })
const argo = (): ExpectedDelivery => expected({ type: 'argo-cd', cluster: 'staging', namespace: 'argocd', name: 'api' })
const expected = (spec: ExpectedDelivery['spec']): ExpectedDelivery => ({
  spec,
  repositoryUrls: [world.repoUrl],
  branch: 'main',
  path: overlay,
})

function deliveryOf(more: Partial<ClusterAccess> = {}, timeoutMs = 2_000, watchSeconds = 60): Delivery {
  const { url, token } = world.cluster
  const access = { name: 'staging', server: url, token, ...more }
  return kubernetesDelivery({
    clusters: [access],
    now: () => toInstant(Date.now()),
    log: quiet,
    timeoutMs,
    watchSeconds,
  })
}

const read = async (delivery: Delivery, one: ExpectedDelivery): Promise<Sighting | undefined> =>
  (await delivery.read([one])).get(deliveryName(one.spec))?.sighting

const eventually = (check: () => Promise<void> | void) => vi.waitFor(check, { timeout: 8_000, interval: 40 })

const sees = (delivery: Delivery, one: ExpectedDelivery, wanted: object) =>
  eventually(async () => expect(await read(delivery, one)).toMatchObject(wanted))

async function bringUp(kind: 'flux' | 'argo-cd', options: { manual?: boolean } = {}): Promise<string> {
  world = await clusterWorld()
  const commit = world.release(goodDigest)
  const common = { name: 'api', repoUrl: world.repoUrl, branch: 'main', path: overlay }
  if (kind === 'flux') world.cluster.apply(...fluxKustomization({ ...common, namespace: 'flux-system' }))
  else world.cluster.apply(...argoApplication({ ...common, ...options, namespace: 'argocd' }))
  return commit
}

test('a release that Flux has rolled out is healthy at its commit', async () => {
  const commit = await bringUp('flux')
  await sees(deliveryOf(), flux(), { is: 'healthy', revision: commit })
})

test('a release that crashes is failed and names its Deployment, and not for good once its deadline is over: it may heal', async () => {
  await bringUp('flux')
  const delivery = deliveryOf()
  await sees(delivery, flux(), { is: 'healthy' })
  world.cluster.badImage(nextDigest, 'crash')
  const bad = world.release(nextDigest)
  const objects = [{ kind: 'Deployment', namespace: 'api-staging', name: 'api' }]
  await sees(delivery, flux(), { is: 'failed', revision: bad, reason: 'flux.health-check-failed', objects })
  const late = { is: 'failed', revision: bad, detail: expect.stringContaining('timed out progressing'), final: false }
  await sees(delivery, flux(), late)
  expect(await read(delivery, flux())).not.toHaveProperty('infrastructure')
})

test('T45 what crashes between two checks of Flux is seen where it is looked at closely, and costs nothing elsewhere', async () => {
  const commit = await bringUp('flux')
  const delivery = deliveryOf()
  await sees(delivery, flux(), { is: 'healthy' })
  // Its last word stands, as it does until its next interval.
  world.cluster.stopController(true)
  world.cluster.badImage(goodDigest, 'flap', 1_000)
  const closely = { ...flux(), closely: true }
  const crashing = { is: 'progressing', reason: 'flux.workload-crashing', isCrashing: true }
  await sees(delivery, closely, crashing)
  await sees(delivery, closely, { is: 'healthy', revision: commit, restartedAt: expect.any(Number) })
  const asked = world.cluster.asked().length
  expect(await read(delivery, flux())).toMatchObject({ is: 'healthy', revision: commit })
  expect(world.cluster.asked().slice(asked)).toHaveLength(2)
})

test('T65 a release whose image the registry does not serve fails for infrastructure', async () => {
  await bringUp('flux')
  const delivery = deliveryOf()
  await sees(delivery, flux(), { is: 'healthy' })
  world.cluster.registryAway(true)
  const bad = world.release(nextDigest)
  await sees(delivery, flux(), { is: 'failed', revision: bad, infrastructure: expect.stringContaining('image pull') })
})

test.each([403, 500] as const)(
  'T65 a release fails for infrastructure while its pods cannot be read (%i), and so does a registry that is away',
  async (code) => {
    await bringUp('flux')
    const delivery = deliveryOf()
    await sees(delivery, flux(), { is: 'healthy' })
    world.cluster.refuse('v1/pods', code)
    world.cluster.registryAway(true)
    const bad = world.release(nextDigest)
    const why = expect.stringMatching(RegExp(`^pods of api-staging cannot be read: GET .*: ${code}, `))
    const objects = [{ kind: 'Deployment', namespace: 'api-staging', name: 'api' }]
    await sees(delivery, flux(), { is: 'failed', revision: bad, infrastructure: why, detail: why, objects })
    world.cluster.refuse('v1/pods', null)
    await sees(delivery, flux(), { is: 'failed', revision: bad, infrastructure: expect.stringContaining('image pull') })
  },
)

test.each(['v1/pods', 'apps/v1/replicasets', 'apps/v1/deployments'])(
  'T45 what is looked at closely is not well while %s cannot be read, and doctor is told',
  async (collection) => {
    const commit = await bringUp('flux')
    const delivery = deliveryOf()
    const closely = { ...flux(), closely: true }
    await sees(delivery, closely, { is: 'healthy' })
    expect(await delivery.clusters()).toEqual([{ cluster: 'staging' }])
    world.cluster.refuse(collection, 403)
    const detail = expect.stringMatching(/ of api-staging cannot be read: GET .*: 403, .*is forbidden/)
    // At its interval Flux only looks again.
    await sees(delivery, closely, { is: 'unknown', reason: 'cluster.pods-unread', detail })
    await sees(delivery, flux(), { is: 'healthy', revision: commit })
    const unread = [expect.stringMatching(RegExp(`^${collection}: cluster\\.refused: GET .*: 403, `))]
    expect(await delivery.clusters()).toEqual([{ cluster: 'staging', unread }])
    world.cluster.refuse(collection, null)
    await sees(delivery, closely, { is: 'healthy', revision: commit })
  },
)

test('T45 progress of what is looked at closely says that nobody sees whether it crashes', async () => {
  await bringUp('argo-cd')
  const delivery = deliveryOf()
  await sees(delivery, argo(), { is: 'healthy' })
  world.cluster.refuse('v1/pods', 500)
  world.cluster.badImage(nextDigest, 'never-ready')
  const bad = world.release(nextDigest)
  const why = expect.stringContaining('pods of api-staging cannot be read')
  const progress = { is: 'progressing', revision: bad, infrastructure: why, detail: why }
  await sees(delivery, { ...argo(), closely: true }, { ...progress, isUnseen: true })
})

test('without the right to read events causes are told less exactly, and nothing else', async () => {
  const commit = await bringUp('flux')
  const delivery = deliveryOf()
  world.cluster.refuse('v1/events', 403)
  await sees(delivery, { ...flux(), closely: true }, { is: 'healthy', revision: commit })
  expect(await delivery.clusters()).toEqual([{ cluster: 'staging' }])
})

test('T43 I6 a cluster that cannot be seen is unknown, never failed, and is seen again by itself', async () => {
  const commit = await bringUp('flux')
  const delivery = deliveryOf({}, 400)
  await sees(delivery, flux(), { is: 'healthy' })
  world.cluster.goDark(true)
  await sees(delivery, flux(), { is: 'unknown', reason: 'cluster.unreachable' })
  world.cluster.goDark('errors-500')
  await sees(delivery, flux(), { is: 'unknown', reason: 'cluster.error' })
  world.cluster.goDark('reset')
  await sees(delivery, flux(), { is: 'unknown', reason: 'cluster.unreachable' })
  world.cluster.goDark('hang')
  await sees(delivery, flux(), { is: 'unknown', reason: 'cluster.timeout' })
  world.cluster.goDark(false)
  await sees(delivery, flux(), { is: 'healthy', revision: commit })
}, 20_000)

test('T43 wrong credentials are unknown, and doctor is told', async () => {
  await bringUp('flux')
  const delivery = deliveryOf({ token: 'wrong' })
  expect(await read(delivery, flux())).toMatchObject({ is: 'unknown', reason: 'cluster.refused' })
  expect(await delivery.clusters()).toEqual([
    { cluster: 'staging', problem: expect.stringContaining('cluster.refused') },
  ])
})

test('a cluster that nobody configured is unknown', async () => {
  await bringUp('flux')
  const one = expected({ type: 'flux', cluster: 'elsewhere', namespace: 'flux-system', name: 'api' })
  expect(await read(deliveryOf(), one)).toMatchObject({ is: 'unknown', reason: 'cluster.not-configured' })
})

test('T64 an object that is pointed at another folder is not ours', async () => {
  await bringUp('flux')
  const one = { ...flux(), path: 'apps/api/overlays/production' }
  expect(await read(deliveryOf(), one)).toMatchObject({ is: 'unknown', reason: 'flux.not-ours' })
})

test('two that expect different things of one object are both told what the stricter one is', async () => {
  await bringUp('flux')
  const delivery = deliveryOf()
  await sees(delivery, flux(), { is: 'healthy' })
  for (const both of [
    [flux(), { ...flux(), path: 'elsewhere' }],
    [{ ...flux(), path: 'elsewhere' }, flux()],
  ]) {
    const readings = await delivery.read(both)
    expect(readings.get(deliveryName(flux().spec))?.sighting).toMatchObject({ reason: 'flux.not-ours' })
  }
})

test('a suspended Kustomization waits for a person', async () => {
  await bringUp('flux')
  const delivery = deliveryOf()
  await sees(delivery, flux(), { is: 'healthy' })
  world.cluster.suspend('Kustomization', 'flux-system', 'api')
  expect(await read(delivery, flux())).toMatchObject({ is: 'waiting', reason: 'flux.suspended' })
})

test('a release that Argo CD has rolled out is healthy at its commit', async () => {
  const commit = await bringUp('argo-cd')
  await sees(deliveryOf(), argo(), { is: 'healthy', revision: commit })
})

test('a release that Argo CD cannot roll out is degraded, and names its Deployment', async () => {
  await bringUp('argo-cd')
  const delivery = deliveryOf()
  await sees(delivery, argo(), { is: 'healthy' })
  world.cluster.badImage(nextDigest, 'never-ready')
  const bad = world.release(nextDigest)
  const objects = [{ kind: 'Deployment', namespace: 'api-staging', name: 'api' }]
  await sees(delivery, argo(), { is: 'progressing', revision: bad, objects })
  await sees(delivery, argo(), { is: 'failed', revision: bad, reason: 'argo.degraded', final: false, objects })
})

test('a closed sync window and a manual Application wait for a person', async () => {
  await bringUp('argo-cd')
  const delivery = deliveryOf()
  await sees(delivery, argo(), { is: 'healthy' })
  world.cluster.syncWindow(true)
  world.release(nextDigest)
  await sees(delivery, argo(), { is: 'waiting', reason: 'argo.sync-window' })
  world.cluster.syncWindow(false)
  await sees(delivery, argo(), { is: 'healthy' })
})

test('an Application that is synced by hand waits for a person', async () => {
  await bringUp('argo-cd', { manual: true })
  await sees(deliveryOf(), argo(), { is: 'waiting', reason: 'argo.manual-sync' })
})

test('a change in the cluster arrives as a hint, and so does the end of a time without sight', async () => {
  await bringUp('flux')
  const hints: string[] = []
  const delivery = deliveryOf()
  const watch = delivery.watch((cluster) => hints.push(cluster))
  await eventually(() => expect(hints).toContain('staging'))
  await sees(delivery, flux(), { is: 'healthy' })
  // From here on nothing changes any more.
  world.cluster.suspend('Kustomization', 'flux-system', 'api')
  await sees(delivery, flux(), { is: 'waiting' })
  world.cluster.goDark('errors-500')
  await sees(delivery, flux(), { is: 'unknown' })
  hints.length = 0
  world.cluster.goDark(false)
  await eventually(() => expect(hints).toContain('staging'))
  await watch.stop()
})

test('T43 a watch that says nothing any more is given up, and what it kept quiet is a hint', async () => {
  await bringUp('flux')
  const hints: string[] = []
  const delivery = deliveryOf({}, 2_000, 1)
  const watch = delivery.watch((cluster) => hints.push(cluster))
  await sees(delivery, flux(), { is: 'healthy' })
  await eventually(() => expect(hints).toContain('staging'))
  world.cluster.muteWatches(true)
  hints.length = 0
  world.cluster.suspend('Kustomization', 'flux-system', 'api')
  await sees(delivery, flux(), { is: 'waiting' })
  // Nothing changes any more, so that this can only be of the watch that was given up.
  world.cluster.muteWatches(false)
  await eventually(() => expect(hints).toContain('staging'))
  await watch.stop()
})

test('I10 nothing is ever written to the cluster', async () => {
  await bringUp('flux')
  const delivery = deliveryOf({ token: world.cluster.adminToken })
  const watch = delivery.watch(() => {})
  world.cluster.badImage(goodDigest, 'crash')
  await sees(delivery, flux(), { is: 'failed' })
  await delivery.clusters()
  await watch.stop()
  expect(world.cluster.asked().filter(({ method }) => method !== 'GET')).toEqual([])
})

const canary = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  replicas: 1
`

const bringRollout = (): string =>
  world.commit({
    'apps/api/base/rollout.yaml': canary,
    'apps/api/base/kustomization.yaml': 'resources: [deployment.yaml, service.yaml, rollout.yaml]\n',
  })

/** As the controller of Argo Rollouts would. */
async function rolloutSays(status: object): Promise<void> {
  const { url, adminToken } = world.cluster
  const path = '/apis/argoproj.io/v1alpha1/namespaces/api-staging/rollouts/web/status'
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/merge-patch+json' }
  const body = JSON.stringify({ status: { observedGeneration: '1', ...status } })
  await eventually(async () => expect((await fetch(url + path, { method: 'PATCH', headers, body })).status).toBe(200))
}

test('T45 Rollouts are read where one was applied, and are missed nowhere else', async () => {
  await bringUp('flux')
  const delivery = deliveryOf()
  const closely = { ...flux(), closely: true }
  world.cluster.refuse('argoproj.io/v1alpha1/rollouts', 403)
  await sees(delivery, closely, { is: 'healthy' })
  expect(await delivery.clusters()).toEqual([{ cluster: 'staging' }])
  const commit = bringRollout()
  const detail = expect.stringContaining('rollouts of api-staging cannot be read')
  await sees(delivery, closely, { is: 'unknown', reason: 'cluster.pods-unread', detail })
  world.cluster.refuse('argoproj.io/v1alpha1/rollouts', null)
  await sees(delivery, closely, { is: 'healthy', revision: commit })
})

test('a Rollout that Flux does not check is judged by what its controller says', async () => {
  await bringUp('flux')
  const [, kustomization] = fluxKustomization({
    ...{ name: 'api', repoUrl: world.repoUrl, branch: 'main', path: overlay, namespace: 'flux-system' },
  })
  if (kustomization === undefined) throw new Error('no Kustomization')
  world.cluster.apply({ ...kustomization, spec: { ...kustomization.spec, wait: false } })
  const delivery = deliveryOf()
  const commit = bringRollout()
  await rolloutSays({ phase: 'Progressing', message: 'more replicas need to be updated' })
  const web = [{ kind: 'Rollout', namespace: 'api-staging', name: 'web' }]
  await sees(delivery, flux(), { is: 'progressing', reason: 'flux.workload-progressing', objects: web })
  await rolloutSays({ phase: 'Paused', message: 'CanaryPauseStep' })
  await sees(delivery, flux(), { is: 'waiting', detail: expect.stringContaining('it is paused: CanaryPauseStep') })
  await rolloutSays({ phase: 'Degraded', message: 'RolloutAborted: Rollout aborted update to revision 2' })
  await sees(delivery, flux(), { is: 'failed', revision: commit, final: true, objects: web })
  await rolloutSays({ phase: 'Healthy', message: '' })
  await sees(delivery, flux(), { is: 'healthy', revision: commit })
})
