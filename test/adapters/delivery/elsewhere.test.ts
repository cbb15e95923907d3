import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ClusterApi } from '../../../src/adapters/delivery/cluster/cluster-api.ts'
import { clusterReader } from '../../../src/adapters/delivery/cluster/cluster-reader.ts'
import { type Listed, type Unseen, unseen } from '../../../src/adapters/delivery/cluster/sight.ts'
import { type ClusterAccess, kubernetesDelivery } from '../../../src/adapters/delivery/kubernetes-delivery.ts'
import { deliveryName } from '../../../src/domain/delivery.ts'
import type { Sighting } from '../../../src/domain/health.ts'
import { toInstant } from '../../../src/domain/ids.ts'
import type { Delivery, ExpectedDelivery } from '../../../src/ports/delivery.ts'
import { argoApplication, fluxKustomization } from '../../../src/sandbox/cluster/start-cluster.ts'
import { type ClusterWorld, clusterWorld, goodDigest, nextDigest } from '../../sandbox/cluster/cluster-world.ts'

/** Controllers there apply to the spoke; what they apply lies in both, so that looking in the wrong one would show. */
let hub: ClusterWorld
let spoke: ClusterWorld
beforeEach(async () => {
  hub = await clusterWorld()
  spoke = await clusterWorld({ name: 'spoke' })
})
afterEach(async () => {
  await hub.end()
  await spoke.end()
})

const deployments = { apiVersion: 'apps/v1', kind: 'Deployment' }
const overlay = 'apps/api/overlays/staging'
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** What controllers of the hub call the spoke. */
const calls = {
  'argo-cd': 'https://10.9.9.9:6443',
  flux: 'flux-system/spoke-kubeconfig',
} as const
type By = keyof typeof calls

const namespaceOf = (by: By) => (by === 'flux' ? 'flux-system' : 'argocd')

const expected = (by: By): ExpectedDelivery => ({
  spec: { type: by, cluster: 'hub', namespace: namespaceOf(by), name: 'api' },
  repositoryUrls: [hub.repoUrl],
  branch: 'main',
  path: overlay,
  closely: true,
})

function bringUp(by: By, called: string = calls[by]): string {
  const commit = hub.release(goodDigest)
  const common = { name: 'api', repoUrl: hub.repoUrl, branch: 'main', path: overlay, namespace: namespaceOf(by) }
  const objects = by === 'flux' ? fluxKustomization(common) : argoApplication(common)
  spoke.cluster.apply(...objects)
  hub.cluster.apply(
    ...objects.map((object) => {
      if (object.kind === 'Kustomization')
        return { ...object, spec: { ...object['spec'], kubeConfig: { secretRef: { name: called.split('/').at(-1) } } } }
      if (object.kind !== 'Application') return object
      const destination = called.startsWith('http') ? { server: called } : { name: called }
      return { ...object, spec: { ...object['spec'], destination: { ...destination, namespace: 'default' } } }
    }),
  )
  return commit
}

function deliveryOf(more?: Partial<ClusterAccess>, timeoutMs = 2_000): Delivery {
  const access = ({ cluster }: ClusterWorld) => ({ server: cluster.url, token: cluster.token })
  const clusters: ClusterAccess[] = [{ name: 'hub', ...access(hub) }]
  if (more !== undefined) clusters.push({ name: 'spoke', ...access(spoke), ...more })
  return kubernetesDelivery({ clusters, now: () => toInstant(Date.now()), log: quiet, timeoutMs })
}

const read = async (delivery: Delivery, one: ExpectedDelivery): Promise<Sighting | undefined> =>
  (await delivery.read([one])).get(deliveryName(one.spec))?.sighting

const sees = (delivery: Delivery, one: ExpectedDelivery, wanted: object) =>
  vi.waitFor(async () => expect(await read(delivery, one)).toMatchObject(wanted), { timeout: 8_000, interval: 40 })

/** They stand still after it: their last word is that all is well, and not that they look again. */
async function wellInBoth(by: By, commit: string) {
  const delivery = deliveryOf({ knownAs: [calls[by]] })
  const well = { is: 'healthy', revision: commit }
  const inSpoke: ExpectedDelivery = { ...expected(by), spec: { ...expected(by).spec, cluster: 'spoke' } }
  const stand = (still: boolean) => {
    hub.cluster.stopController(still)
    spoke.cluster.stopController(still)
  }
  await vi.waitFor(
    async () => {
      stand(true)
      // A round that is under way ends yet.
      await pause(1_000)
      try {
        for (const one of [expected(by), inSpoke]) expect(await read(delivery, one)).toMatchObject(well)
      } catch (error) {
        stand(false)
        throw error
      }
    },
    { timeout: 15_000, interval: 150 },
  )
}

describe.each(['flux', 'argo-cd'] as const)('%s that applies to another cluster', (by) => {
  const crashing = { is: 'progressing', isCrashing: true }

  test('T45 is looked at there, where the settings know it, and never in its own', async () => {
    const commit = bringUp(by)
    const delivery = deliveryOf({ knownAs: ['something-else', calls[by]] })
    await wellInBoth(by, commit)
    hub.cluster.badImage(goodDigest, 'crash')
    const inHub = hub.cluster.get(deployments, 'api-staging', 'api')
    await vi.waitFor(() => expect(hub.cluster.get(deployments, 'api-staging', 'api')).not.toEqual(inHub))
    expect(await read(delivery, expected(by))).toMatchObject({ is: 'healthy', revision: commit })
    expect(await read(delivery, expected(by))).not.toHaveProperty('restartedAt')
    spoke.cluster.badImage(goodDigest, 'crash')
    await sees(delivery, expected(by), crashing)
  })

  test('T45 T65 counts as unread where the settings do not know it, and says by what it is called', async () => {
    const commit = bringUp(by)
    const delivery = deliveryOf({ knownAs: ['something-else'] })
    const why = expect.stringContaining(
      `pods of api-staging cannot be read: they are in ${calls[by]}, which no cluster of the settings has`,
    )
    await sees(delivery, expected(by), { is: 'unknown', reason: 'cluster.pods-unread', detail: why })
    await sees(delivery, { ...expected(by), closely: false }, { is: 'healthy', revision: commit })
    hub.cluster.badImage(nextDigest, by === 'flux' ? 'crash' : 'never-ready')
    const bad = hub.release(nextDigest)
    await sees(delivery, expected(by), { is: 'failed', revision: bad, detail: why })
    // Argo CD names no object here, and without one nothing is taken back.
    expect(await read(delivery, expected(by))).toMatchObject(by === 'flux' ? { infrastructure: why } : { objects: [] })
  })

  test('T43 is unread while that one cannot be reached, which does not hold up the rest', async () => {
    const commit = bringUp(by)
    const delivery = deliveryOf({ knownAs: [calls[by]] }, 400)
    await sees(delivery, expected(by), { is: 'healthy', revision: commit })
    spoke.cluster.goDark('hang')
    await sees(delivery, expected(by), { is: 'unknown', reason: 'cluster.pods-unread' })
    const since = performance.now()
    for (let look = 0; look < 20; look += 1)
      expect(await read(delivery, expected(by))).toMatchObject({ is: 'unknown', reason: 'cluster.pods-unread' })
    expect(performance.now() - since, 'it is not waited for at every look').toBeLessThan(20 * 400)
    spoke.cluster.goDark(false)
    await sees(delivery, expected(by), { is: 'healthy', revision: commit })
  })
})

test('Argo CD may name another cluster by the address of its server, or by its own name for it', async () => {
  const commit = bringUp('argo-cd', `${spoke.cluster.url}/`)
  await sees(deliveryOf({}), expected('argo-cd'), { is: 'healthy', revision: commit })
  const again = bringUp('argo-cd', 'spoke-eu')
  await sees(deliveryOf({}), expected('argo-cd'), { is: 'unknown', reason: 'cluster.pods-unread' })
  await sees(deliveryOf({ knownAs: ['spoke-eu'] }), expected('argo-cd'), { is: 'healthy', revision: again })
})

test('T45 Argo CD calls its own cluster by a name too, and it is looked at there', async () => {
  bringUp('argo-cd', 'in-cluster')
  const delivery = deliveryOf({})
  await sees(delivery, expected('argo-cd'), { is: 'healthy' })
  hub.cluster.stopController(true)
  hub.cluster.badImage(goodDigest, 'crash')
  await sees(delivery, expected('argo-cd'), { is: 'progressing', isCrashing: true })
})

test('doctor asks no controllers of a cluster that only those of others apply to', async () => {
  const installed = (collection: string) => !/fluxcd|argoproj/.test(collection)
  const peek = async (collection: string): Promise<Listed | Unseen> =>
    installed(collection)
      ? { is: 'listed', objects: [], version: '1' }
      : unseen('cluster.not-installed', `GET ${collection}: 404`)
  const api: ClusterApi = {
    list: peek,
    peek,
    get: async () => unseen('cluster.error', ''),
    follow: async () => undefined,
  }
  const options = { now: () => toInstant(0), random: () => 0, elsewhere: () => undefined }
  const { problem } = await clusterReader(api, { ...options, isAppliedTo: false }).problem()
  expect(problem).toMatch(/^cluster\.not-installed: it has neither Flux nor Argo CD; .*knownAs$/)
  expect(await clusterReader(api, { ...options, isAppliedTo: true }).problem()).toEqual({})
})

test('T43 a cluster that does not answer is asked once, and not for each list of each namespace', async () => {
  const lists: string[] = []
  const away = async () => unseen('cluster.timeout', 'it does not answer')
  const list = async (collection: string) => {
    lists.push(collection)
    return await away()
  }
  const options = { now: () => toInstant(0), random: () => 0, elsewhere: () => undefined, isAppliedTo: true }
  const { applied } = clusterReader({ list, peek: away, get: away, follow: async () => undefined }, options)
  const objects = ['a', 'b', 'c'].map((namespace) => ({ kind: 'Deployment', namespace, name: 'api' }))
  const { unread } = await applied(objects)
  expect(unread.map(({ namespace, detail }) => [namespace, detail])).toEqual(
    ['a', 'b', 'c'].map((namespace) => [namespace, 'it does not answer']),
  )
  expect(lists).toEqual([])
})

test('T45 a pod that cannot be understood counts as unread: it may be the one that crashes', async () => {
  const odd = { metadata: { name: 'api-1', namespace: 'a', uid: 1 }, status: {} }
  const listed = async (collection: string): Promise<Listed> => ({
    ...{ is: 'listed', objects: collection === 'v1/pods' ? [odd] : [], version: '1' },
  })
  const api = {
    list: listed,
    peek: listed,
    get: async () => unseen('cluster.error', ''),
    follow: async () => undefined,
  }
  const options = { now: () => toInstant(0), random: () => 0, elsewhere: () => undefined, isAppliedTo: true }
  const { unread } = await clusterReader(api, options).applied([{ kind: 'Deployment', namespace: 'a', name: 'api' }])
  expect(unread).toMatchObject([{ namespace: 'a', collection: 'v1/pods', reason: 'cluster.garbled' }])
})
