import type { ServerResponse } from 'node:http'
import type { Faults } from './faults.ts'
import type { KubeObject } from './kube-object.ts'
import type { ObjectStore, WatchEvent } from './object-store.ts'

/**
 * A watch as the API server serves it: one JSON object a line, from the given resourceVersion on; without one first all
 * objects as ADDED; 410 in the stream where the version is too old; ends after `timeoutSeconds`.
 */
export function serveWatch(
  { store, faults }: { readonly store: ObjectStore; readonly faults: Faults },
  target: { readonly collection: string; readonly namespace?: string; readonly apiVersion: string },
  matches: (object: KubeObject) => boolean,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  let isMute = false
  const send = (type: string, object: unknown): void => {
    // For good: what lost its other side does not find it again.
    isMute ||= faults.watchesMuted
    if (!isMute) response.write(`${JSON.stringify({ type, object })}\n`)
  }
  const tell = ({ type, object, collection }: WatchEvent): void => {
    const here = target.namespace === undefined || object.metadata.namespace === target.namespace
    if (collection === target.collection && here && matches(object)) send(type, object)
  }
  const from = query.get('resourceVersion')
  const fresh = from === null || from === '' || from === '0'
  if (fresh) for (const object of store.list(target.collection, target.namespace).filter(matches)) send('ADDED', object)
  const stop = store.watch(fresh ? undefined : Number(from), tell)
  if (stop === null) {
    send('ERROR', { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired', code: 410 })
    return void response.end()
  }
  const seconds = Number(query.get('timeoutSeconds') ?? 0)
  const end = (): void => {
    if (query.get('allowWatchBookmarks') === 'true') send('BOOKMARK', bookmark(store, target.apiVersion))
    if (!isMute && !faults.watchesMuted) response.end()
  }
  const timer = seconds > 0 ? setTimeout(end, seconds * 1_000) : undefined
  response.on('close', () => {
    clearTimeout(timer)
    stop()
  })
}

const bookmark = (store: ObjectStore, apiVersion: string) => ({
  kind: 'Object',
  apiVersion,
  metadata: { resourceVersion: String(store.version) },
})
