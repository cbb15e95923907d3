import { afterEach, expect, test, vi } from 'vitest'
import { kubernetesDelivery } from '../../../src/adapters/delivery/kubernetes-delivery.ts'
import { kubernetesReconcileRequests } from '../../../src/adapters/delivery/kubernetes-reconcile-requests.ts'
import { deliveryName } from '../../../src/domain/delivery.ts'
import { toInstant, toSha } from '../../../src/domain/ids.ts'
import type { ExpectedDelivery } from '../../../src/ports/delivery.ts'
import type { ReconcileRequest, ReconcileRequests } from '../../../src/ports/reconcile-requests.ts'
import { argoApplication, fluxKustomization } from '../../../src/sandbox/cluster/start-cluster.ts'
import { type ClusterWorld, clusterWorld, goodDigest, nextDigest } from '../../sandbox/cluster/cluster-world.ts'

let world: ClusterWorld
afterEach(() => world.end())

type By = ExpectedDelivery['spec']['type']
const namespaces = { flux: 'flux-system', 'argo-cd': 'argocd' } as const
const overlay = 'apps/api/overlays/staging'
const mergedAt = toInstant(Date.UTC(2026, 5, 1, 12))

/** Controllers that look again in ten minutes only, and a release that they have rolled out. */
async function atRest(by: By): Promise<void> {
  world = await clusterWorld({ intervals: { fetchMs: 600_000, reconcileMs: 600_000 } })
  const commit = world.release(goodDigest)
  deliver(by, 'api')
  await sees(by, { is: 'healthy', revision: commit })
}

function deliver(by: By, name: string, source?: string): void {
  const common = { name, namespace: namespaces[by], repoUrl: world.repoUrl, branch: 'main', path: overlay }
  const objects = by === 'flux' ? fluxKustomization({ ...common, ...(source && { source }) }) : argoApplication(common)
  world.cluster.apply(...objects)
}

const expected = (by: By, name = 'api'): ExpectedDelivery => ({
  spec: { type: by, cluster: 'staging', namespace: namespaces[by], name },
  repositoryUrls: [world.repoUrl],
  branch: 'main',
  path: overlay,
})

const requestOf = (commit: string, one: ExpectedDelivery): ReconcileRequest => ({
  slot: 'api/staging',
  merge: { commit: toSha(commit), at: mergedAt },
  expected: one,
})

function requests(token: string = world.cluster.requesterToken, more: object = {}): ReconcileRequests {
  const access = { name: 'staging', server: world.cluster.url, token, reconcileRequests: true, ...more }
  return kubernetesReconcileRequests({ clusters: [access], timeoutMs: 1_000, patienceMs: 1_000 })
}

async function sees(by: By, wanted: object): Promise<void> {
  const quiet = { debug() {}, info() {}, warn() {}, error() {} }
  const { url, token } = world.cluster
  const clusters = [{ name: 'staging', server: url, token }]
  const delivery = kubernetesDelivery({ clusters, now: () => toInstant(Date.now()), log: quiet })
  const one = expected(by)
  const look = async () => (await delivery.read([one])).get(deliveryName(one.spec))?.sighting
  await vi.waitFor(async () => expect(await look()).toMatchObject(wanted), { timeout: 8_000, interval: 40 })
}

const written = () => world.cluster.asked().filter(({ method }) => method !== 'GET')

test.each([
  {
    by: 'flux',
    path: '/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/api?fieldManager=sluice',
    annotations: (commit: string) => ({ 'reconcile.fluxcd.io/requestedAt': `2026-06-01T12:00:00.000Z ${commit}` }),
  },
  {
    by: 'argo-cd',
    path: '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/api?fieldManager=sluice',
    annotations: () => ({ 'argocd.argoproj.io/refresh': 'normal' }),
  },
] as const)('I10 asked once, $by brings the merge now, and one annotation is all that was written', async (how) => {
  const { by, path, annotations } = how
  await atRest(by)
  const merge = world.release(nextDigest)
  const request = requestOf(merge, expected(by))
  const asking = requests()
  expect([...asking.clusters]).toEqual(['staging'])
  expect(await asking.ask([request])).toMatchObject([{ request, is: 'asked' }])
  await sees(by, { is: 'healthy', revision: merge })
  expect(await asking.ask([request])).toMatchObject([{ is: 'asked-before' }])
  expect(await requests().ask([request]), 'another process, or this one after a restart').toMatchObject([
    { is: 'asked-before' },
  ])
  const [patch, ...more] = written()
  expect(more).toEqual([])
  expect(patch).toMatchObject({ who: 'requester', method: 'PATCH', path })
  expect(JSON.parse(patch?.body ?? '')).toEqual({ metadata: { annotations: annotations(merge) } })
})

test('I10 where the operator has not switched it on nothing is asked, and the cluster hears nothing of it', async () => {
  await atRest('flux')
  const heard = world.cluster.asked().length
  const off = requests(world.cluster.adminToken, { reconcileRequests: false })
  expect([...off.clusters]).toEqual([])
  const request = requestOf(world.release(nextDigest), expected('flux'))
  expect(await off.ask([request])).toMatchObject([{ is: 'refused', detail: 'asking is off for the cluster staging' }])
  expect(world.cluster.asked().slice(heard)).toEqual([])
})

test.each(['flux', 'argo-cd'] as const)('T46 T64 a delivery object of %s that is not ours is not asked', async (by) => {
  await atRest(by)
  const merge = world.release(nextDigest)
  const wrong: readonly ExpectedDelivery[] = [
    { ...expected(by), path: 'apps/api/overlays/production' },
    { ...expected(by), branch: 'other' },
    { ...expected(by), repositoryUrls: ['https://forge.example/acme/other'] },
    expected(by, 'another'),
  ]
  const answers = await requests().ask(wrong.map((one) => requestOf(merge, one)))
  expect(answers.map(({ is }) => is)).toEqual(['refused', 'refused', 'refused', 'refused'])
  expect(written()).toEqual([])
})

test('a name that would lead elsewhere in the API stays a name', async () => {
  await atRest('flux')
  const spec = { type: 'flux', cluster: 'staging', namespace: 'flux-system', name: '../../../../v1/secrets' } as const
  const request = requestOf(world.release(nextDigest), { ...expected('flux'), spec })
  const heard = world.cluster.asked().length
  expect(await requests().ask([request])).toMatchObject([{ is: 'refused' }])
  const paths = world.cluster.asked().slice(heard)
  expect(paths.map(({ path }) => path)).toEqual([expect.stringContaining('/kustomizations/..%2F..%2F')])
})

test('a GitRepository that names the branch in full, as the Flux Operator writes it, is asked', async () => {
  await atRest('flux')
  world.cluster.stopController(true)
  const kind = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' }
  const live = world.cluster.get(kind, 'flux-system', 'api')
  if (live === undefined) throw new Error('the GitRepository is gone')
  const follow = (ref: object) => world.cluster.apply({ ...live, spec: { ...(live['spec'] as object), ref } })
  const request = requestOf(world.release(nextDigest), expected('flux'))
  follow({ name: 'refs/tags/main' })
  expect(await requests().ask([request])).toMatchObject([{ is: 'refused' }])
  follow({ name: 'refs/heads/main' })
  expect(await requests().ask([request])).toMatchObject([{ is: 'asked' }])
})

test('many Kustomizations of one GitRepository ask it once', async () => {
  await atRest('flux')
  deliver('flux', 'web', 'api')
  const merge = world.release(nextDigest)
  const answers = await requests().ask([requestOf(merge, expected('flux')), requestOf(merge, expected('flux', 'web'))])
  expect(answers.map(({ is }) => is).sort()).toEqual(['asked', 'asked-before'])
  expect(written()).toHaveLength(1)
})

test('somebody’s hard refresh stays what it is', async () => {
  await atRest('argo-cd')
  world.cluster.stopController(true)
  const kind = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' }
  const live = world.cluster.get(kind, 'argocd', 'api')
  if (live === undefined) throw new Error('the Application is gone')
  world.cluster.apply({
    ...live,
    metadata: { ...live.metadata, annotations: { 'argocd.argoproj.io/refresh': 'hard' } },
  })
  const request = requestOf(world.release(nextDigest), expected('argo-cd'))
  expect(await requests().ask([request])).toMatchObject([{ is: 'asked-before' }])
  expect(written()).toEqual([])
})

test('without the role, or out of sight, it is refused in words and soon', async () => {
  await atRest('flux')
  const request = requestOf(world.release(nextDigest), expected('flux'))
  expect(await requests(world.cluster.token).ask([request])).toMatchObject([
    { is: 'refused', detail: expect.stringMatching(/^PATCH .*gitrepositories\/api: 403/) },
  ])
  world.cluster.goDark('hang')
  const began = performance.now()
  const answers = await requests().ask(Array.from({ length: 40 }, () => request))
  expect(new Set(answers.map(({ is }) => is))).toEqual(new Set(['refused']))
  expect(performance.now() - began).toBeLessThan(8_000)
})
