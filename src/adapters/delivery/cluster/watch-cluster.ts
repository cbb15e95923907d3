import type { Log } from '../../../ports/log.ts'
import { applications } from '../argo-cd/read-argo.ts'
import { kustomizations } from '../flux/read-flux.ts'
import { type BackOff, backOff } from './back-off.ts'
import { type ClusterApi, lost } from './cluster-api.ts'

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
  await Promise.all([kustomizations, applications].map((collection) => watchForEver(api, collection, watching)))
}

async function watchForEver(api: ClusterApi, collection: string, watching: Watching): Promise<void> {
  const patience = backOff({ firstMs: 250, mostMs: 30_000, random: watching.random })
  const state: Following = { version: undefined, missed: false }
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
    state.version = await api.follow(collection, state.version, onHint, signal)
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
