import { failureReason, TransientError } from '../../domain/failures.ts'
import { digestOfValue } from '../../domain/hash.ts'
import type { Instant } from '../../domain/ids.ts'
import type { EvidenceKind, Found, KeyOf, Need, ValueOf } from '../../gates/evidence.ts'
import type { Stale } from '../../ports/stale.ts'
import type { Snapshot } from '../snapshot.ts'

/** How one kind of evidence is fetched, and when what was fetched no longer counts. */
export interface Collector<K extends EvidenceKind> {
  collect(key: KeyOf<K>, snapshot: Snapshot): Promise<ValueOf<K>>
  /** What can never change again is kept without age. */
  isMutable(value: ValueOf<K>): boolean
  isStale(key: KeyOf<K>, stale: readonly Stale[]): boolean
}

export type Collectors = { readonly [K in EvidenceKind]: Collector<K> }

interface Kept {
  readonly found: Found<unknown> | null
  readonly startedAt: Instant
  /** While it is under way; resolved with the finding, never rejected. */
  readonly fetching: Promise<Found<unknown>> | null
  /** How long a round waits for it. */
  readonly patience: number
}

/** How long a round waits for evidence that is slow: a registry that hangs must not hold up everything else. */
const patience = 3_000
/**
 * And how long at most for what came late before. A merge rests on reads of its own round, so what takes four seconds each
 * time would always be of the round before, and be asked for again for ever.
 */
const mostPatience = 30_000
/** How soon something that could not be read is tried again. */
const retryAfter = 5_000
const mostKept = 20_000

/**
 * Fetches what is named: each thing once, kept by content, slow things as `pending` (their arrival is told by `onArrival`),
 * failures as `unavailable`. A failure is caught here and nowhere else: the boundary "one evidence".
 */
export function evidenceCache(collectors: Collectors, now: () => Instant, onArrival: () => void) {
  const kept = new Map<string, Kept>()

  async function collect<K extends EvidenceKind>(kind: K, key: KeyOf<K>, snapshot: Snapshot): Promise<Found<unknown>> {
    const readAt = now()
    try {
      const value = await collectors[kind].collect(key, snapshot)
      const mutable = collectors[kind].isMutable(value)
      return { is: 'known', value, readAt, id: digestOfValue({ kind, key, value }), mutable }
    } catch (error) {
      const detail = error instanceof TransientError || error instanceof Error ? error.message : String(error)
      return { is: 'unavailable', reason: failureReason(error), detail: detail.slice(0, 300) }
    }
  }

  function isUsable(one: Kept, need: Need, stale: readonly Stale[]): boolean {
    if (one.fetching !== null) return true
    if (one.found?.is === 'known' && !one.found.mutable) return true
    if (one.found?.is === 'unavailable' && now() - one.startedAt < retryAfter) return true
    return one.found?.is === 'known' && !isStaleNeed(collectors, need, stale)
  }

  async function fetch(need: Need, snapshot: Snapshot, stale: readonly Stale[]): Promise<Found<unknown>> {
    const id = idOf(need.kind, need.key)
    const before = kept.get(id)
    if (before !== undefined && isUsable(before, need, stale)) return settle(before)
    const fetching = collect(need.kind, need.key, snapshot)
    const entry: Kept = { found: null, startedAt: now(), fetching, patience: before?.patience ?? patience }
    kept.set(id, entry)
    let isLate = false
    void fetching.then((found) => {
      // Twice what it took, since it hardly takes the same again; what never arrives is never waited for longer.
      const next = Math.min(mostPatience, Math.max(patience, 2 * (now() - entry.startedAt)))
      kept.set(id, { ...entry, found, fetching: null, patience: isLate ? next : entry.patience })
      if (isLate) onArrival()
    })
    const settled = await settle(entry)
    isLate = settled.is === 'pending'
    return settled
  }

  return {
    /** Every need of the round, each once. */
    async fetchAll(
      needs: readonly Need[],
      snapshot: Snapshot,
      stale: readonly Stale[],
    ): Promise<ReadonlyMap<string, Found<unknown>>> {
      if (kept.size > mostKept) kept.clear()
      const distinct = new Map(needs.map((need) => [idOf(need.kind, need.key), need]))
      const found = await Promise.all(
        [...distinct].map(async ([id, need]) => [id, await fetch(need, snapshot, stale)] as const),
      )
      return new Map(found)
    },
  }
}

export const idOf = (kind: EvidenceKind, key: object): string => digestOfValue({ kind, key })

async function settle(entry: Kept): Promise<Found<unknown>> {
  if (entry.fetching === null) return entry.found ?? { is: 'pending', since: entry.startedAt }
  const { promise: late, resolve } = Promise.withResolvers<Found<unknown>>()
  const timer = setTimeout(() => resolve({ is: 'pending', since: entry.startedAt }), entry.patience)
  try {
    return await Promise.race([entry.fetching, late])
  } finally {
    clearTimeout(timer)
  }
}

const isStaleNeed = <K extends EvidenceKind>(
  collectors: Collectors,
  need: { readonly kind: K; readonly key: KeyOf<K> },
  stale: readonly Stale[],
): boolean => collectors[need.kind].isStale(need.key, stale)
