import { afterEach, expect, test, vi } from 'vitest'
import { argoApplication } from '../../../src/sandbox/cluster/start-cluster.ts'
import { type ClusterWorld, clusterWorld, goodDigest, nextDigest } from './cluster-world.ts'

let world: ClusterWorld
afterEach(() => world.end())

const kind = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' }
const status = () =>
  world.cluster.get(kind, 'argocd', 'api')?.status as Record<string, Record<string, string>> | undefined
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 8_000, interval: 30 })
const synced = (revision: string) => ({ sync: { status: 'Synced', revision }, health: { status: 'Healthy' } })

const workload = { apiVersion: 'apps/v1', kind: 'Deployment' }

function deliver({ automated, ...options }: { manual?: boolean; automated?: object } = {}): void {
  const common = { name: 'api', namespace: 'argocd', branch: 'main', path: 'apps/api/overlays/staging' }
  const objects = argoApplication({ ...common, ...options, repoUrl: world.repoUrl })
  const policy = automated === undefined ? {} : { syncPolicy: { automated } }
  const withPolicy = objects.map((one) =>
    one.kind === 'Application' ? { ...one, spec: { ...one.spec, ...policy } } : one,
  )
  world.cluster.apply(...withPolicy)
}

test('a commit is compared, synced and healthy, and the health is fresh afterwards', async () => {
  world = await clusterWorld()
  const commit = world.release(goodDigest)
  deliver()
  await eventually(() => expect(status()).toMatchObject(synced(commit)))
  const { operationState, reconciledAt } = status() as Record<string, Record<string, string>>
  expect(operationState).toMatchObject({ phase: 'Succeeded', syncResult: { revision: commit } })
  expect(Date.parse(String(reconciledAt))).toBeGreaterThanOrEqual(Date.parse(operationState?.finishedAt ?? ''))
})

test('a refresh is what brings a commit before its time, and is taken away with what it found', async () => {
  world = await clusterWorld({ intervals: { reconcileMs: 600_000 } })
  const first = world.release(goodDigest)
  deliver()
  await eventually(() => expect(status()).toMatchObject(synced(first)))
  const commit = world.release(nextDigest)
  const live = world.cluster.get(kind, 'argocd', 'api')
  if (live === undefined) throw new Error('the Application is gone')
  const annotations = { 'argocd.argoproj.io/refresh': 'normal', 'example.com/kept': 'yes' }
  world.cluster.apply({ ...live, metadata: { ...live.metadata, annotations } })
  await eventually(() => expect(status()).toMatchObject(synced(commit)))
  expect(world.cluster.get(kind, 'argocd', 'api')?.metadata.annotations).toEqual({ 'example.com/kept': 'yes' })
})

test('a release that never gets ready is degraded after its deadline, and a revert heals it', async () => {
  world = await clusterWorld()
  world.cluster.badImage(nextDigest, 'never-ready')
  world.release(goodDigest)
  deliver()
  await eventually(() => expect(status()?.health?.status).toBe('Healthy'))
  world.release(nextDigest)
  await eventually(() => expect(status()?.health?.status).toBe('Progressing'))
  await eventually(() => expect(status()?.health?.status).toBe('Degraded'))
  const back = world.release(goodDigest)
  await eventually(() => expect(status()).toMatchObject(synced(back)))
})

test('a release that degrades later was healthy first', async () => {
  world = await clusterWorld()
  world.cluster.badImage(goodDigest, 'degrade-after', 600)
  world.release(goodDigest)
  deliver()
  await eventually(() => expect(status()?.health?.status).toBe('Healthy'))
  await eventually(() => expect(status()?.health?.status).toBe('Progressing'))
})

test('nothing is synced by hand, in a closed window, or while the controller is stopped', async () => {
  world = await clusterWorld()
  const commit = world.release(goodDigest)
  deliver({ manual: true })
  await eventually(() => expect(status()?.sync).toMatchObject({ status: 'OutOfSync', revision: commit }))
  world.cluster.syncWindow(true)
  deliver()
  world.cluster.syncWindow(true)
  const next = world.release(nextDigest)
  await eventually(() => expect(status()?.sync).toMatchObject({ status: 'OutOfSync', revision: next }))
  expect(world.cluster.state()).toEqual([])
  world.cluster.syncWindow(false)
  await eventually(() => expect(status()).toMatchObject(synced(next)))
})

test('by its defaults it does not heal, until another commit comes', async () => {
  world = await clusterWorld()
  const commit = world.release(goodDigest)
  deliver({ automated: {} })
  await eventually(() => expect(status()).toMatchObject(synced(commit)))
  const live = world.cluster.get(workload, 'api-staging', 'api')
  if (live === undefined) throw new Error('the Deployment is gone')
  world.cluster.apply({ ...live, spec: { ...live.spec, replicas: 3 } })
  const drifted = { sync: { status: 'OutOfSync', revision: commit }, health: { status: 'Healthy' } }
  await eventually(() => expect(status()).toMatchObject(drifted))
  const comparedAt = status()?.reconciledAt
  await eventually(() => expect(status()?.reconciledAt).not.toBe(comparedAt))
  expect(status()).toMatchObject(drifted)
  const unrelated = world.commit({ 'README.md': 'Other words.\n' })
  await eventually(() => expect(status()).toMatchObject(synced(unrelated)))
  expect(status()?.operationState).toMatchObject({ phase: 'Succeeded', syncResult: { revision: unrelated } })
})

test('by its defaults it leaves what Git no longer holds, and begins no sync for that', async () => {
  world = await clusterWorld()
  const commit = world.release(goodDigest)
  deliver({ automated: {} })
  await eventually(() => expect(status()).toMatchObject(synced(commit)))
  const base = 'apps/api/base/kustomization.yaml'
  const without = world.commit({ [base]: 'resources: [deployment.yaml]\n' })
  await eventually(() => expect(status()?.sync).toMatchObject({ status: 'OutOfSync', revision: without }))
  const service = { kind: 'Service', name: 'api', status: 'OutOfSync', requiresPruning: true }
  expect(status()?.resources).toMatchObject([{ kind: 'Deployment', status: 'Synced' }, service])
  const again = world.commit({ [base]: 'resources: [deployment.yaml, service.yaml]\n' })
  await eventually(() => expect(status()).toMatchObject(synced(again)))
  expect(status()?.operationState?.syncResult, 'nothing was to be synced since').toMatchObject({ revision: commit })
})

test('an overlay that cannot be built is a comparison error, and what runs stays', async () => {
  world = await clusterWorld()
  world.release(goodDigest)
  deliver()
  await eventually(() => expect(status()?.health?.status).toBe('Healthy'))
  world.commit({ 'apps/api/overlays/staging/kustomization.yaml': 'resources: [nowhere]\n' })
  await eventually(() => expect(status()?.conditions).toMatchObject([{ type: 'ComparisonError' }]))
  expect(world.cluster.state().filter((one) => one.ready)).toHaveLength(2)
})
