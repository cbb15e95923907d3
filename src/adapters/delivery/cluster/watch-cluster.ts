import type { Log } from '../../../ports/log.ts'
import { newsOfApplication } from '../argo-cd/news-of-application.ts'
import { applications } from '../argo-cd/read-argo.ts'
import { newsOfKustomization } from '../flux/news-of-kustomization.ts'
import { kustomizations } from '../flux/read-flux.ts'
import { objectKey, type RawObject } from '../kube-object.ts'
import { type BackOff, backOff } from './back-off.ts'
import { type ClusterApi, lost, type OnChange } from './cluster-api.ts'

/** What of an object is worth a hint, as text to compare; undefined is no news. */
const watched: Readonly<Record<string, (object: RawObject) => string | undefined>> = {
  [kustomizations]: newsOfKustomization,
  [applications]: newsOfApplication,
}

interface Watching {
  readonly name: string
  readonly log: Log
  readonly random: () => number
  readonly signal: AbortSignal
  onHint(): void
}

/**
 * Follows the delivery objects of a cluster until the signal, starting again for ever. client-node's own informer is not
 * used: it ends without a word on one 500 or one reset connection. Resolves when everything has stopped.
 */
export async function watchCluster(api: ClusterApi, watching: Watching): Promise<void> {
  await Promise.all(Object.keys(watched).map((collection) => watchForEver(api, collection, watching)))
}

async function watchForEver(api: ClusterApi, collection: string, watching: Watching): Promise<void> {
  const patience = backOff({ firstMs: 250, mostMs: 30_000, random: watching.random })
  const state: Following = { version: undefined, missed: false, onChange: hintOnNews(collection, watching) }
  while (!watching.signal.aborted) {
    const sight = await followOnce(api, collection, watching, patience, state)
    await pause(pauseAfter(sight, patience), watching.signal)
  }
}

/** A kind that is not installed may be later; a server that ends every stream at once must not be asked in a circle. */
function pauseAfter(sight: Sight, patience: BackOff): number {
  if (sight === 'not-installed') return 60_000
  return sight === 'lost' ? patience.failed() : 200
}

type Sight = 'seen' | 'lost' | 'not-installed'

interface Following {
  version: string | undefined
  /** Whether something may have happened while nobody looked. */
  missed: boolean
  readonly onChange: OnChange
}

/** Controllers write far more often than anything happens: a hundred Kustomizations at rest would wake us every second. */
function hintOnNews(collection: string, { onHint }: Watching): OnChange {
  const known = new Map<string | undefined, string>()
  return (object, change) => {
    const key = objectKey(object)
    const news = change === 'deleted' ? 'deleted' : watched[collection]?.(object)
    if (news === undefined || known.get(key) === news) return
    if (change === 'deleted') known.delete(key)
    else known.set(key, news)
    onHint()
  }
}

async function followOnce(
  api: ClusterApi,
  collection: string,
  { name, log, signal, onHint }: Watching,
  patience: BackOff,
  state: Following,
): Promise<Sight> {
  if (state.version === undefined) {
    const listed = await api.peek(collection)
    if (listed.is === 'unseen') {
      state.missed = true
      return listed.reason === 'cluster.not-installed' ? 'not-installed' : 'lost'
    }
    state.version = listed.version
    if (state.missed) onHint()
    state.missed = false
  }
  try {
    state.version = await api.follow(collection, state.version, state.onChange, signal)
    state.missed = state.version === undefined
    patience.succeeded()
    return 'seen'
  } catch (error) {
    state.version = undefined
    state.missed = true
    if (!signal.aborted) log.debug({ cluster: name, collection, ...lost(error) }, 'Watch broke off')
    return 'lost'
  }
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, milliseconds)
    signal.addEventListener('abort', finish)
  })
