import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { fluxKustomization, type KubeObject } from '../../../src/sandbox/cluster/start-cluster.ts'
import { type ClusterWorld, clusterWorld, goodDigest, image, nextDigest } from './cluster-world.ts'

let world: ClusterWorld
afterEach(() => world.end())

const overlay = 'apps/api/overlays/staging'
const kind = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' }
const kustomization = () => world.cluster.get(kind, 'flux-system', 'api-staging')
const ready = (object: KubeObject | undefined) =>
  (object?.status?.conditions as { type: string; status: string; reason: string }[] | undefined)?.find(
    ({ type }) => type === 'Ready',
  )
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 8_000, interval: 30 })

function deliver(more: Partial<Parameters<typeof fluxKustomization>[0]> = {}): void {
  const { repoUrl } = world
  const options = { name: 'api-staging', namespace: 'flux-system', repoUrl, branch: 'main', path: overlay }
  world.cluster.apply(...fluxKustomization({ ...options, ...more }))
}

test('a commit is fetched, built, applied, rolled out, and then said to be applied', async () => {
  world = await clusterWorld()
  const commit = world.release(goodDigest)
  deliver()
  await eventually(() => expect(ready(kustomization())).toMatchObject({ status: 'True' }))
  expect(kustomization()?.status?.lastAppliedRevision).toBe(`main@sha1:${commit}`)
  const running = world.cluster.state().filter((one) => one.ready)
  expect(running.map((one) => [one.namespace, one.workload, one.image])).toEqual([
    ['api-staging', 'api', `${image}:1.0.0@${goodDigest}`],
    ['api-staging', 'api', `${image}:1.0.0@${goodDigest}`],
  ])
})

test('a request brings a commit before its time, and its end is said', async () => {
  world = await clusterWorld({ intervals: { fetchMs: 600_000, reconcileMs: 600_000 } })
  world.release(goodDigest)
  deliver()
  await eventually(() => expect(ready(kustomization())).toMatchObject({ status: 'True' }))
  const commit = world.release(nextDigest)
  const source = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' }
  const request = (about: typeof kind) => {
    const live = world.cluster.get(about, 'flux-system', 'api-staging')
    if (live === undefined) throw new Error(`the ${about.kind} is gone`)
    world.cluster.apply({
      ...live,
      metadata: { ...live.metadata, annotations: { 'reconcile.fluxcd.io/requestedAt': '1' } },
    })
  }
  const handled = (about: typeof kind) =>
    world.cluster.get(about, 'flux-system', 'api-staging')?.status?.lastHandledReconcileAt
  request(source)
  await eventually(() => expect(kustomization()?.status?.lastAppliedRevision).toBe(`main@sha1:${commit}`))
  expect(handled(source)).toBe('1')
  expect(handled(kind)).toBeUndefined()
  request(kind)
  await eventually(() => expect(handled(kind)).toBe('1'))
})

test('a release that crashes fails its health check while the old pods stay', async () => {
  world = await clusterWorld()
  world.cluster.badImage(nextDigest, 'crash')
  world.release(goodDigest)
  deliver()
  await eventually(() => expect(ready(kustomization())).toMatchObject({ status: 'True' }))
  const bad = world.release(nextDigest)
  await eventually(() => expect(ready(kustomization())).toMatchObject({ status: 'False', reason: 'HealthCheckFailed' }))
  expect(kustomization()?.status?.lastAttemptedRevision).toBe(`main@sha1:${bad}`)
  expect(world.cluster.state().filter((one) => one.ready && one.digest === goodDigest)).toHaveLength(2)
})

test('a release is healthy again when the commit before it comes back', async () => {
  world = await clusterWorld()
  world.cluster.badImage(nextDigest, 'never-ready')
  world.release(nextDigest)
  deliver()
  await eventually(() => expect(ready(kustomization())?.reason).toBe('HealthCheckFailed'))
  const back = world.release(goodDigest)
  await eventually(() => expect(kustomization()?.status?.lastAppliedRevision).toBe(`main@sha1:${back}`))
  expect(world.cluster.state().every((one) => one.ready && one.digest === goodDigest)).toBe(true)
})

test('images that the node does not hold cannot be pulled while the registry is away', async () => {
  world = await clusterWorld()
  world.release(goodDigest)
  deliver()
  await eventually(() => expect(ready(kustomization())).toMatchObject({ status: 'True' }))
  world.cluster.registryAway(true)
  world.release(nextDigest)
  await eventually(() => expect(ready(kustomization())?.reason).toBe('HealthCheckFailed'))
  world.cluster.registryAway(false)
  await eventually(() => expect(ready(kustomization())?.status).toBe('True'))
})

test('a suspended Kustomization stays where it is', async () => {
  world = await clusterWorld()
  const before = world.release(goodDigest)
  deliver()
  await eventually(() => expect(ready(kustomization())).toMatchObject({ status: 'True' }))
  world.cluster.suspend('Kustomization', 'flux-system', 'api-staging')
  const after = world.release(nextDigest)
  const source = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' }
  await eventually(() =>
    expect(world.cluster.get(source, 'flux-system', 'api-staging')?.status?.artifact).toMatchObject({
      revision: `main@sha1:${after}`,
    }),
  )
  expect(kustomization()?.status?.lastAppliedRevision).toBe(`main@sha1:${before}`)
})

test('a repository that cannot be fetched leaves what is applied alone', async () => {
  world = await clusterWorld()
  deliver({ repoUrl: 'http://127.0.0.1:9/none.git' })
  const source = () =>
    world.cluster.get(
      { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' },
      'flux-system',
      'api-staging',
    )
  await eventually(() => expect(ready(source())).toMatchObject({ status: 'False', reason: 'GitOperationFailed' }))
  await eventually(() => expect(ready(kustomization())?.reason).toBe('ArtifactFailed'))
})

test('a repository behind credentials is fetched with those of the Secret', async () => {
  world = await clusterWorld()
  const commit = world.release(goodDigest)
  const served = await serveGit(world.repoUrl.replace('file://', ''), 'sluice:secret')
  try {
    deliver({ repoUrl: served.url })
    await eventually(() => expect(ready(kustomization())?.reason).toBe('ArtifactFailed'))
    deliver({ repoUrl: served.url, credentials: { username: 'sluice', password: 'secret' } })
    await eventually(() => expect(kustomization()?.status?.lastAppliedRevision).toBe(`main@sha1:${commit}`))
  } finally {
    await served.stop()
  }
})

test('what leaves the overlay leaves the cluster', async () => {
  world = await clusterWorld()
  world.release(goodDigest)
  deliver()
  const service = () => world.cluster.get({ apiVersion: 'v1', kind: 'Service' }, 'api-staging', 'api')
  await eventually(() => expect(service()).toBeDefined())
  world.commit({ 'apps/api/base/kustomization.yaml': 'resources: [deployment.yaml]\n' })
  await eventually(() => expect(service()).toBeUndefined())
})

test('an overlay that cannot be built, or that the cluster refuses, fails as such', async () => {
  world = await clusterWorld()
  world.release(goodDigest)
  deliver()
  await eventually(() => expect(ready(kustomization())?.status).toBe('True'))
  world.commit({ [`${overlay}/kustomization.yaml`]: 'resources: [nowhere]\n' })
  await eventually(() => expect(ready(kustomization())?.reason).toBe('BuildFailed'))
  const empty = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: api }\nspec: {}\n'
  world.commit({ [`${overlay}/kustomization.yaml`]: 'resources: [a.yaml]\n', [`${overlay}/a.yaml`]: empty })
  await eventually(() => expect(ready(kustomization())?.reason).toBe('ReconciliationFailed'))
  world.commit({ [`${overlay}/kustomization.yaml`]: 'kind: [\n' })
  await eventually(() => expect(ready(kustomization())?.reason).toBe('BuildFailed'))
  expect(world.cluster.state().filter((one) => one.ready)).toHaveLength(2)
})

test('a release that flaps is healthy now and then', async () => {
  world = await clusterWorld()
  world.cluster.badImage(goodDigest, 'flap', 300)
  world.release(goodDigest)
  deliver()
  const isReady = () => world.cluster.state().some((one) => one.ready)
  await eventually(() => expect(isReady()).toBe(true))
  await eventually(() => expect(isReady()).toBe(false))
  await eventually(() => expect(isReady()).toBe(true))
})

test('a Kustomization waits for the one that it depends on', async () => {
  world = await clusterWorld()
  world.release(goodDigest)
  deliver()
  const first = kustomization() as KubeObject
  world.cluster.apply({ ...first, spec: { ...first.spec, dependsOn: [{ name: 'database' }] } })
  await eventually(() => expect(ready(kustomization())?.reason).toBe('DependencyNotReady'))
})

/** Git's plain HTTP form: files, behind a name and a password. */
async function serveGit(repository: string, credentials: string) {
  const wanted = `Basic ${Buffer.from(credentials).toString('base64')}`
  execFileSync('git', ['update-server-info'], { cwd: repository })
  const server = createServer((request, response) => {
    const path = join(repository, '.git', new URL(request.url ?? '/', 'http://git').pathname.replace('/config.git', ''))
    const allowed = request.headers.authorization === wanted
    const code = !allowed ? 401 : existsSync(path) ? 200 : 404
    response.writeHead(code, code === 401 ? { 'www-authenticate': 'Basic realm="git"' } : {})
    response.end(code === 200 ? readFileSync(path) : '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/config.git`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}
