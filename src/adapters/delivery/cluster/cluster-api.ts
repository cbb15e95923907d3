import type { KubeConfig, ResponseContext } from '@kubernetes/client-node'
import PQueue from 'p-queue'
import type { RawObject } from '../kube-object.ts'
import { type Query, type Read, reading } from './send.ts'
import { type Listed, type Unseen, unseen } from './sight.ts'

/** What we ask of a cluster's API: lists, and streams of what changes. Both as JSON, of any kind; nothing is written. */
export interface ClusterApi {
  /** All objects of a collection such as `apps/v1/deployments`, of one namespace or of all. Never throws. */
  list(collection: string, namespace?: string): Promise<Listed | Unseen>
  /** One object; unseen where it is not there. Never throws. */
  get(collection: string, object: NamespacedName): Promise<Found | Unseen>
  /** The collection's present version and whether it can be listed at all. Never throws. */
  peek(collection: string): Promise<Listed | Unseen>
  /**
   * Follows a collection from a version until the server ends the stream; answers the version to go on from, or
   * undefined where it has to be asked anew. Throws on anything else.
   */
  follow(collection: string, version: string, onChange: OnChange, signal: AbortSignal): Promise<string | undefined>
}

export interface NamespacedName {
  readonly namespace: string
  readonly name: string
}

export interface Found {
  readonly is: 'found'
  readonly object: RawObject
}

/** What changed, and whether it is still there. */
export type OnChange = (object: RawObject, change: 'changed' | 'deleted') => void

const pageSize = 500
const mostPages = 200
const mostBytes = 64 << 20

export interface ClusterApiOptions {
  /** For each list. */
  readonly timeoutMs: number
  /** How long the server is asked to keep a watch open; 60. */
  readonly watchSeconds?: number
}

export function clusterApi(config: KubeConfig, options: ClusterApiOptions): ClusterApi {
  const read = reading(config)
  const inTurn = new PQueue({ concurrency: 8 })
  const get = (path: string, query: Query): Promise<Answer> =>
    inTurn.add(() => getJson(read, path, query, AbortSignal.timeout(options.timeoutMs)))
  return {
    list: (collection, namespace) => listAll((query) => get(pathOf(collection, namespace), query)),
    get: async (collection, object) => {
      const answer = await get(pathOf(collection, object.namespace, object.name), {})
      return answer.is === 'unseen' ? answer : { is: 'found', object: (answer.body ?? {}) as RawObject }
    },
    peek: (collection) => listPage((query) => get(pathOf(collection), query), { limit: '1' }),
    follow: (collection, version, onChange, signal) =>
      follow(read, { path: pathOf(collection), version, seconds: options.watchSeconds ?? 60 }, onChange, signal),
  }
}

type Answer = { readonly is: 'answered'; readonly body: unknown } | Unseen

async function listAll(get: (query: Query) => Promise<Answer>): Promise<Listed | Unseen> {
  const objects: RawObject[] = []
  let from: string | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const query: Query = { limit: String(pageSize), ...(from === undefined ? {} : { continue: from }) }
    const listed: (Listed & { readonly next?: string }) | Unseen = await listPage(get, query)
    if (listed.is === 'unseen') return listed
    objects.push(...listed.objects)
    from = listed.next
    if (from === undefined || from === '') return { is: 'listed', objects, version: listed.version }
  }
  return unseen('cluster.garbled', `the list does not end after ${mostPages} pages`)
}

async function listPage(
  get: (query: Query) => Promise<Answer>,
  query: Query,
): Promise<(Listed & { readonly next?: string }) | Unseen> {
  const answer = await get(query)
  if (answer.is === 'unseen') return answer
  const { items, metadata } = (answer.body ?? {}) as {
    readonly items?: unknown
    readonly metadata?: { readonly resourceVersion?: unknown; readonly continue?: unknown }
  }
  if (!Array.isArray(items)) return unseen('cluster.garbled', 'the answer holds no list of items')
  const objects = items.filter((item) => typeof item === 'object' && item !== null).map(withoutManagedFields)
  const next = metadata?.continue
  const version = String(metadata?.resourceVersion ?? '')
  return { is: 'listed', objects, version, ...(typeof next === 'string' ? { next } : {}) }
}

/** Often larger than the rest of the object, and nothing that we judge by. */
function withoutManagedFields(item: Record<string, unknown>): RawObject {
  const metadata = item.metadata
  if (typeof metadata !== 'object' || metadata === null) return item
  const { managedFields: _managedFields, ...kept } = metadata as Record<string, unknown>
  return { ...item, metadata: kept }
}

async function getJson(read: Read, path: string, query: Query, signal: AbortSignal): Promise<Answer> {
  try {
    const response = await read(path, query, signal)
    const body = await textOf(response)
    if (response.httpStatusCode !== 200) return refused(response.httpStatusCode, `GET ${path}`, body)
    return { is: 'answered', body: JSON.parse(body) }
  } catch (error) {
    return lost(error)
  }
}

export function refused(code: number, asked: string, body: string): Unseen {
  const detail = `${asked}: ${code}, ${messageIn(body).slice(0, 200)}`
  if (code === 401 || code === 403) return unseen('cluster.refused', detail)
  return unseen(code === 404 ? 'cluster.not-installed' : 'cluster.error', detail)
}

/** Of a `Status` object what is meant for people, which stands behind all else; what a proxy answers is taken as it is. */
function messageIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown }
    return typeof message === 'string' ? message : body
  } catch {
    return body // not JSON, or null
  }
}

/** By kind of error, never by its words; the words are for people. */
export function lost(error: unknown): Unseen {
  const detail =
    error instanceof Error ? [error.message, causeText(error.cause)].filter(Boolean).join(': ') : String(error)
  if (error instanceof Error && ['TimeoutError', 'AbortError'].includes(error.name))
    return unseen('cluster.timeout', detail)
  return unseen(error instanceof SyntaxError ? 'cluster.garbled' : 'cluster.unreachable', detail)
}

const causeText = (cause: unknown): string => (cause instanceof Error ? cause.message : '')

export async function textOf(response: ResponseContext): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of chunksOf(response)) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > mostBytes) throw new SyntaxError(`the answer is longer than ${mostBytes} bytes`)
  }
  return text + decoder.decode()
}

const chunksOf = (response: ResponseContext): AsyncIterable<Uint8Array> =>
  (response.body.stream() ?? []) as unknown as AsyncIterable<Uint8Array>

async function follow(
  read: Read,
  { path, version, seconds }: { readonly path: string; readonly version: string; readonly seconds: number },
  onChange: OnChange,
  signal: AbortSignal,
): Promise<string | undefined> {
  const query = {
    watch: 'true',
    resourceVersion: version,
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(seconds),
  }
  // The watchdog: a server that is gone without a word does not end the stream either.
  const within = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1_250)])
  const response = await read(path, query, within)
  if (response.httpStatusCode === 410) return undefined
  if (response.httpStatusCode !== 200) throw new Error(`the watch was answered with ${response.httpStatusCode}`)
  let at: string | undefined = version
  for await (const line of linesOf(response)) {
    const { type, object } = JSON.parse(line) as WatchLine
    if (type === 'ERROR') return undefined
    at = versionOf(object) ?? at
    if (type !== 'BOOKMARK' && object !== undefined) onChange(object, type === 'DELETED' ? 'deleted' : 'changed')
  }
  return at
}

interface WatchLine {
  readonly type?: string
  readonly object?: RawObject
}

function versionOf(object: RawObject | undefined): string | undefined {
  const version = (object?.metadata as { readonly resourceVersion?: unknown } | undefined)?.resourceVersion
  return typeof version === 'string' ? version : undefined
}

async function* linesOf(response: ResponseContext): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunksOf(response)) {
    rest += decoder.decode(chunk, { stream: true })
    if (rest.length > mostBytes) throw new SyntaxError('a line of the watch does not end')
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line.trim() !== '')
  }
}

export function pathOf(collection: string, namespace?: string, name?: string): string {
  const at = collection.lastIndexOf('/')
  const version = collection.slice(0, at)
  const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  const one = name === undefined ? '' : `/${encodeURIComponent(name)}`
  return `${root}${within}/${collection.slice(at + 1)}${one}`
}
