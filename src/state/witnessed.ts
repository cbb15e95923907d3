import type { Digest, Instant, ReleaseId, SlotKey } from '../domain/ids.ts'
import type { ReleaseParts } from '../domain/release.ts'
import type { WitnessedRelease } from '../domain/witness.ts'
import type { StateEventOf } from './events.ts'

/** A release that ran in a slot, as it was witnessed there. */
export interface Witness extends WitnessedRelease {
  readonly parts: ReleaseParts
  readonly healthy: readonly HealthyInterval[]
  readonly firstSeen: Instant
  readonly lastSeen: Instant
}

export interface HealthyInterval {
  readonly from: Instant
  readonly until: Instant | null
  /** The content that was healthy: an edit that keeps the release begins another interval. */
  readonly inputs: Digest
}

/**
 * What each slot ran, by when it was first seen there. `events` in order of time. A slot runs one release: where another is
 * seen healthy or failed, what ran before has ended, even if nobody witnessed its end.
 */
export function witnessedOf(events: readonly StateEventOf<'witness'>[]): ReadonlyMap<SlotKey, readonly Witness[]> {
  const slots = new Map<SlotKey, SlotHistory>()
  for (const event of events) {
    const history = slots.get(event.slot) ?? { releases: new Map(), running: null }
    slots.set(event.slot, history)
    if (event.is !== 'ended') succeed(history, event)
    history.releases.set(event.release, witnessAfter(history.releases.get(event.release), event))
  }
  return new Map([...slots].map(([slot, { releases }]) => [slot, [...releases.values()]]))
}

interface SlotHistory {
  readonly releases: Map<ReleaseId, Witness>
  /** The last one that was seen running: no other can have an open interval. */
  running: ReleaseId | null
}

function succeed(history: SlotHistory, { release, at }: StateEventOf<'witness'>): void {
  const before = history.running
  history.running = release
  const witness = before === null || before === release ? undefined : history.releases.get(before)
  if (witness !== undefined) history.releases.set(witness.release, { ...witness, healthy: closed(witness.healthy, at) })
}

function witnessAfter(before: Witness | undefined, event: StateEventOf<'witness'>): Witness {
  const healthy = before?.healthy ?? []
  return {
    release: event.release,
    parts: event.parts,
    healthy: event.is === 'healthy' ? opened(healthy, event) : closed(healthy, event.at),
    failed: event.is === 'ended' ? (before?.failed ?? false) : event.is === 'failed',
    firstSeen: before?.firstSeen ?? event.at,
    lastSeen: event.at,
  }
}

function opened(
  intervals: readonly HealthyInterval[],
  { at, inputs }: StateEventOf<'witness'>,
): readonly HealthyInterval[] {
  const last = intervals.at(-1)
  if (last?.until === null && last.inputs === inputs) return intervals
  return [...closed(intervals, at), { from: at, until: null, inputs }]
}

function closed(intervals: readonly HealthyInterval[], at: Instant): readonly HealthyInterval[] {
  const last = intervals.at(-1)
  return last?.until === null ? intervals.with(-1, { ...last, until: at }) : intervals
}
