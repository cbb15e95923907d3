import type { Digest, Instant, ReleaseId, SlotKey } from '../domain/ids.ts'
import type { ReleaseParts } from '../domain/release.ts'
import type { WitnessedRelease } from '../domain/witness.ts'
import type { StateEventOf } from './events.ts'

/** A release that ran in a slot, as it was witnessed there. */
export interface Witness extends WitnessedRelease {
  readonly parts: ReleaseParts
  readonly alias?: string
  readonly healthy: readonly HealthyInterval[]
  readonly firstSeen: Instant
  readonly lastSeen: Instant
}

/** A stretch in which it was seen healthy from the first look to the last; nothing is said of what came after. */
export interface HealthyInterval {
  readonly from: Instant
  readonly until: Instant
  /** The content that was healthy: an edit that keeps the release begins another interval. */
  readonly inputs: Digest
}

/** What each slot ran, by when it was first seen there. `events` in order of time; each says a whole stretch, so one more or one less never changes another. */
export function witnessedOf(events: readonly StateEventOf<'witness'>[]): ReadonlyMap<SlotKey, readonly Witness[]> {
  const slots = new Map<SlotKey, Map<ReleaseId, Witness>>()
  for (const event of events) {
    const releases = slots.get(event.slot) ?? new Map<ReleaseId, Witness>()
    slots.set(event.slot, releases)
    releases.set(event.release, witnessAfter(releases.get(event.release), event))
  }
  return new Map([...slots].map(([slot, releases]) => [slot, [...releases.values()].toSorted(byFirstSeen)]))
}

const byFirstSeen = (a: Witness, b: Witness): number => a.firstSeen - b.firstSeen || (a.release < b.release ? -1 : 1)

function witnessAfter(before: Witness | undefined, event: StateEventOf<'witness'>): Witness {
  const alias = event.alias ?? before?.alias
  return {
    release: event.release,
    parts: event.parts,
    ...(alias === undefined ? {} : { alias }),
    healthy: event.is === 'healthy' ? withInterval(before?.healthy ?? [], event) : (before?.healthy ?? []),
    failed: event.is === 'failed',
    firstSeen: before === undefined || event.from < before.firstSeen ? event.from : before.firstSeen,
    lastSeen: event.at,
  }
}

/** The same stretch told again is told further; another one stands beside it. */
function withInterval(
  intervals: readonly HealthyInterval[],
  { from, at, inputs }: StateEventOf<'witness'>,
): readonly HealthyInterval[] {
  const isSame = (one: HealthyInterval): boolean => one.from === from && one.inputs === inputs
  const longest = Math.max(at, ...intervals.filter(isSame).map((one) => one.until)) as Instant
  return [...intervals.filter((one) => !isSame(one)), { from, until: longest, inputs }]
}
