import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Faults } from './faults.ts'
import { type KubeObject, pluralOf } from './kube-object.ts'
import { keyOf, type ObjectKey, type ObjectStore } from './object-store.ts'
import { jsonPatch, mergePatch } from './patch.ts'
import { selector } from './selectors.ts'
import { serveWatch } from './serve-watch.ts'

export interface ApiTokens {
  readonly admin: string
  /** May get, list and watch. */
  readonly reader: string
  /** That, and patch what controllers are asked by, as `manifests/reconcile-requests` lets it. */
  readonly requester: string
}

/** One request that the API was asked, for tests that prove who wrote what. */
export interface AskedRequest {
  readonly who: keyof ApiTokens | 'nobody'
  readonly method: string
  readonly path: string
  /** What was sent. */
  readonly body?: string
}

interface Target {
  readonly collection: string
  readonly apiVersion: string
  readonly plural: string
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
}

interface Reply {
  readonly code: number
  readonly body: unknown
}

/** The Kubernetes API in small: any path of any kind, JSON in and out, `Status` objects for what is refused. */
export function apiServer(store: ObjectStore, faults: Faults, tokens: ApiTokens, asked: AskedRequest[]) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://cluster')
    if (faults.dark !== false) {
      beDark(faults, response)
      return
    }
    const who = whoAsks(request, tokens)
    const { method = 'GET' } = request
    const body = method === 'GET' ? undefined : await bodyOf(request)
    asked.push({ who, method, path: url.pathname + url.search, ...(body === undefined ? {} : { body }) })
    const target = targetOf(url.pathname)
    const refused = refusal(who, method, url.pathname, target) ?? refusedCollection(faults, who, target)
    const watches = method === 'GET' && url.searchParams.get('watch') === 'true'
    if (refused !== undefined) send(response, refused)
    else if (target === undefined) send(response, discover(store, url.pathname))
    else if (watches) serveWatch({ store, faults }, target, selector(url.searchParams), url.searchParams, response)
    else send(response, serve(store, target, { request, body }, url.searchParams))
  }
}

/** Before the answer starts, or in its middle: what a proxy, a dying node or a broken server does. */
function beDark(faults: Faults, response: ServerResponse): void {
  if (faults.dark === 'hang') return
  if (faults.dark === 'errors-500') send(response, refuse(500, 'InternalError', 'etcdserver: request timed out'))
  else if (faults.dark === true) response.socket?.destroy()
  else {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"kind":"List","items":[', () => response.socket?.resetAndDestroy())
  }
}

function refusal(
  who: AskedRequest['who'],
  method: string,
  path: string,
  target: Target | undefined,
): Reply | undefined {
  if (who === 'nobody' && path !== '/version') return refuse(401, 'Unauthorized', 'Unauthorized')
  if (who === 'admin' || method === 'GET' || (who === 'requester' && isRequest(method, target))) return undefined
  return refuse(403, 'Forbidden', `User "${who}" cannot ${method} ${path}`)
}

function refusedCollection(
  { refused }: Faults,
  who: AskedRequest['who'],
  target: Target | undefined,
): Reply | undefined {
  const code = who === 'admin' ? undefined : refused.get(target?.collection ?? '')
  if (code === undefined) return undefined
  return code === 403
    ? refuse(code, 'Forbidden', `${target?.plural} is forbidden: User "${who}" cannot list it`)
    : refuse(code, 'InternalError', 'etcdserver: request timed out')
}

const isRequest = (method: string, target: Target | undefined): boolean =>
  method === 'PATCH' &&
  target?.subresource === undefined &&
  ['source.toolkit.fluxcd.io/v1/gitrepositories', 'argoproj.io/v1alpha1/applications'].includes(
    target?.collection ?? '',
  )

function whoAsks(request: IncomingMessage, tokens: ApiTokens): AskedRequest['who'] {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  return (['admin', 'reader', 'requester'] as const).find((who) => tokens[who] === token) ?? 'nobody'
}

const pathPattern =
  /^\/(?:api\/(?<core>v1)|apis\/(?<group>[^/]+\/[^/]+))(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<subresource>status))?)?$/

function targetOf(path: string): Target | undefined {
  // `/namespaces/x` names a Namespace, not the collection of something in it.
  const own = /^\/api\/v1\/namespaces(?:\/([^/]+))?$/.exec(path)
  const groups = own !== null ? { core: 'v1', plural: 'namespaces', name: own[1] } : pathPattern.exec(path)?.groups
  if (groups === undefined) return undefined
  const { core, group, namespace, plural = '', name, subresource } = groups as Record<string, string | undefined>
  const apiVersion = core ?? group ?? ''
  return {
    collection: `${apiVersion}/${plural}`,
    apiVersion,
    plural,
    ...(namespace === undefined ? {} : { namespace: decodeURIComponent(namespace) }),
    ...(name === undefined ? {} : { name: decodeURIComponent(name) }),
    ...(subresource === undefined ? {} : { subresource }),
  }
}

interface Sent {
  readonly request: IncomingMessage
  readonly body: string | undefined
}

function serve(store: ObjectStore, target: Target, { request, body }: Sent, query: URLSearchParams): Reply {
  if (request.method === 'GET' && target.name === undefined) return list(store, target, query)
  if (request.method === 'GET') return found(store.get(keyFor(target)), target)
  if (request.method === 'DELETE') return found(store.delete(keyFor(target)), target)
  try {
    return write(store, target, request, JSON.parse(body ?? '') as KubeObject)
  } catch (error) {
    return refuse(400, 'BadRequest', error instanceof Error ? error.message : String(error))
  }
}

function write(store: ObjectStore, target: Target, request: IncomingMessage, sent: KubeObject): Reply {
  if (request.method === 'POST') return create(store, target, sent)
  const before = store.get(keyFor(target))
  if (before === undefined) return found(undefined, target)
  const version = sent.metadata?.resourceVersion
  if (version !== undefined && version !== before.metadata.resourceVersion)
    return refuse(409, 'Conflict', 'the object has been modified; please apply your changes to the latest version')
  const next = request.method === 'PATCH' ? patched(before, sent, request.headers['content-type'] ?? '') : sent
  return found(
    target.subresource === 'status' ? store.setStatus(keyOf(before), next.status ?? {}) : store.put(next),
    target,
  )
}

const patched = (before: KubeObject, sent: unknown, type: string): KubeObject =>
  (type.includes('json-patch+json') ? jsonPatch(before, sent) : mergePatch(before, sent)) as KubeObject

function create(store: ObjectStore, target: Target, sent: KubeObject): Reply {
  const namespace = target.namespace ?? sent.metadata.namespace
  const object = { ...sent, metadata: { ...sent.metadata, ...(namespace === undefined ? {} : { namespace }) } }
  if (`${sent.apiVersion}/${pluralOf(sent.kind)}` !== target.collection)
    return refuse(400, 'BadRequest', `${sent.apiVersion} ${sent.kind} does not belong to ${target.collection}`)
  if (store.get(keyOf(object)) !== undefined)
    return refuse(409, 'AlreadyExists', `${target.plural} "${sent.metadata.name}" already exists`)
  return { code: 201, body: store.put(object) }
}

function list(store: ObjectStore, target: Target, query: URLSearchParams): Reply {
  const items = store.list(target.collection, target.namespace).filter(selector(query))
  const from = Number(query.get('continue') ?? 0)
  const limit = Number(query.get('limit') ?? 0) || items.length
  const rest = items.length - from - limit
  const metadata = {
    resourceVersion: String(store.version),
    ...(rest > 0 ? { continue: String(from + limit), remainingItemCount: rest } : {}),
  }
  const kind = `${items[0]?.kind ?? 'Object'}List`
  return ok({ kind, apiVersion: target.apiVersion, metadata, items: items.slice(from, from + limit) })
}

function discover(store: ObjectStore, path: string): Reply {
  const versions = store.collections().map((collection) => collection.slice(0, collection.lastIndexOf('/')))
  const group = /^\/(?:api|apis)\/(.+)$/.exec(path)?.[1]
  if (path === '/version') return ok({ major: '1', minor: '35', gitVersion: 'v1.35.0' })
  if (path === '/api') return ok({ kind: 'APIVersions', versions: ['v1'] })
  if (path === '/apis') return ok({ kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(versions) })
  if (group === undefined || !versions.includes(group))
    return refuse(404, 'NotFound', 'the server could not find the requested resource')
  const names = store.collections().filter((collection) => collection.startsWith(`${group}/`))
  const verbs = ['get', 'list', 'watch']
  const resources = names.map((name) => ({ name: name.slice(group.length + 1), namespaced: true, verbs }))
  return ok({ kind: 'APIResourceList', groupVersion: group, resources })
}

const groupsOf = (versions: readonly string[]) =>
  [...new Set(versions.filter((version) => version.includes('/')))].map((groupVersion) => ({
    name: groupVersion.split('/')[0],
    versions: [{ groupVersion, version: groupVersion.split('/')[1] }],
  }))

const keyFor = ({ collection, namespace, name }: Target): ObjectKey => ({
  collection,
  namespace: namespace ?? '',
  name: name ?? '',
})

const found = (object: KubeObject | undefined, target: Target): Reply =>
  object === undefined ? refuse(404, 'NotFound', `${target.plural} "${target.name}" not found`) : ok(object)

const ok = (body: unknown): Reply => ({ code: 200, body })

const refuse = (code: number, reason: string, message: string): Reply => ({
  code,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message, code },
})

function send(response: ServerResponse, { code, body }: Reply): void {
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
