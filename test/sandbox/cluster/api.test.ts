import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { KubeObject, SandboxCluster } from '../../../src/sandbox/cluster/start-cluster.ts'
import { type ClusterWorld, clusterWorld, goodDigest } from './cluster-world.ts'

let world: ClusterWorld
let cluster: SandboxCluster
beforeEach(async () => {
  world = await clusterWorld()
  cluster = world.cluster
})
afterEach(() => world.end())

const maps = '/api/v1/namespaces/shop/configmaps'
const map = (name: string, data: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { app: name } },
  data,
})

const ask = (path: string, init: RequestInit & { as?: string; type?: string } = {}) =>
  fetch(cluster.url + path, {
    ...init,
    headers: {
      authorization: `Bearer ${init.as ?? cluster.adminToken}`,
      'content-type': init.type ?? 'application/json',
    },
  })

const json = async (path: string, init: Parameters<typeof ask>[1] = {}) =>
  (await ask(path, init)).json() as Promise<KubeObject>
const create = (object: KubeObject) => json(maps, { method: 'POST', body: JSON.stringify(object) })

test('objects are created, read, replaced, patched and deleted', async () => {
  expect(await create(map('a', { one: '1' }))).toMatchObject({ metadata: { namespace: 'shop', generation: 1 } })
  const put = { ...(await json(`${maps}/a`)), data: { one: '2' } }
  expect(await json(`${maps}/a`, { method: 'PUT', body: JSON.stringify(put) })).toMatchObject({
    data: { one: '2' },
    metadata: { generation: 2 },
  })
  expect((await ask(`${maps}/a`, { method: 'PUT', body: JSON.stringify(put) })).status).toBe(409)
  const merge = { method: 'PATCH', type: 'application/merge-patch+json', body: '{"data":{"one":null,"two":"2"}}' }
  expect((await json(`${maps}/a`, merge)).data).toEqual({ two: '2' })
  const list = {
    method: 'PATCH',
    type: 'application/json-patch+json',
    body: '[{"op":"replace","path":"/data/two","value":"3"}]',
  }
  expect((await json(`${maps}/a`, list)).data).toEqual({ two: '3' })
  expect((await ask(`${maps}/a`, { method: 'DELETE' })).status).toBe(200)
  expect((await ask(`${maps}/a`)).status).toBe(404)
})

test('a status is written through its own path and does not count as a new generation', async () => {
  await create(map('a'))
  const status = { method: 'PATCH', type: 'application/merge-patch+json', body: '{"status":{"ready":true}}' }
  expect(await json(`${maps}/a/status`, status)).toMatchObject({ status: { ready: true }, metadata: { generation: 1 } })
})

test('lists are paged and filtered', async () => {
  for (const name of ['a', 'b', 'c']) await create(map(name))
  const names = (listed: KubeObject) => (listed.items as KubeObject[]).map(({ metadata }) => metadata.name)
  const first = await json(`${maps}?limit=2`)
  expect(names(first)).toEqual(['a', 'b'])
  const { continue: next } = first.metadata as unknown as { continue: string }
  expect(names(await json(`${maps}?limit=2&continue=${next}`))).toEqual(['c'])
  expect(names(await json(`${maps}?labelSelector=app=b`))).toEqual(['b'])
  expect(names(await json(`${maps}?labelSelector=app!=b`))).toEqual(['a', 'c'])
  expect(names(await json('/api/v1/configmaps?fieldSelector=metadata.name=c'))).toEqual(['c'])
  expect(names(await json('/api/v1/namespaces/other/configmaps'))).toEqual([])
})

test('a watch goes on from a version, and says when that is too old', async () => {
  const { metadata } = await json(maps)
  await create(map('a'))
  const stream = await ask(
    `${maps}?watch=true&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=1&allowWatchBookmarks=true`,
  )
  await create(map('b'))
  const lines = (await stream.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; object: KubeObject })
  expect(lines.map(({ type, object }) => [type, object.metadata.name])).toEqual([
    ['ADDED', 'a'],
    ['ADDED', 'b'],
    ['BOOKMARK', undefined],
  ])
  for (let index = 0; index < 4_100; index += 1)
    cluster.apply({ ...map('a', { index }), metadata: { name: 'a', namespace: 'shop' } })
  const gone = await ask(`${maps}?watch=true&resourceVersion=${metadata.resourceVersion}`)
  expect(await gone.text()).toContain('"code":410')
})

test('the requester may read, and patch what controllers are asked by', async () => {
  const sources = '/apis/source.toolkit.fluxcd.io/v1/namespaces/shop/gitrepositories'
  const source = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', metadata: { name: 'a' }, spec: {} }
  await json(sources, { method: 'POST', body: JSON.stringify(source) })
  await create(map('a'))
  const patch = {
    method: 'PATCH',
    type: 'application/merge-patch+json',
    body: '{"metadata":{"annotations":{"b":"c"}}}',
  }
  const as = cluster.requesterToken
  expect((await ask(`${sources}/a`, { ...patch, as })).status).toBe(200)
  expect((await ask(maps, { as })).status).toBe(200)
  expect((await ask(`${maps}/a`, { ...patch, as })).status).toBe(403)
  expect((await ask(`${sources}/a/status`, { ...patch, as })).status).toBe(403)
  expect((await ask(`${sources}/a`, { method: 'DELETE', as })).status).toBe(403)
})

test('nobody gets in without a token, and the reader may not write', async () => {
  expect((await fetch(cluster.url + maps)).status).toBe(401)
  expect((await ask(maps, { as: cluster.token })).status).toBe(200)
  expect((await ask(maps, { as: cluster.token, method: 'POST', body: JSON.stringify(map('a')) })).status).toBe(403)
  expect(cluster.asked().map(({ who, method }) => `${who} ${method}`)).toEqual([
    'nobody GET',
    'reader GET',
    'reader POST',
  ])
})

test('the page shows what runs, also in the dark, and escapes it', async () => {
  const evil = '<script>alert(1)</script>'
  cluster.apply({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: evil, namespace: 'argocd' },
    spec: {},
  })
  cluster.goDark(true)
  await expect(ask(maps)).rejects.toThrow()
  const page = await (await fetch(cluster.url)).text()
  expect(page).toContain('&#60;script&#62;')
  expect(page).not.toContain(evil)
})

test('what a controller cannot digest says so, and the others go on', async () => {
  const kind = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' }
  const reason = (name: string) =>
    (cluster.get(kind, 'flux-system', name)?.status?.conditions as { reason: string }[] | undefined)?.[0]?.reason
  cluster.apply({ ...kind, metadata: { name: 'broken', namespace: 'flux-system' } })
  await vi.waitFor(() => expect(reason('broken')).toBe('ControllerError'))
  world.release(goodDigest)
  const spec = { url: world.repoUrl, ref: { branch: 'main' } }
  cluster.apply({ ...kind, metadata: { name: 'sound', namespace: 'flux-system' }, spec })
  await vi.waitFor(() => expect(reason('sound')).toBe('Succeeded'))
})
