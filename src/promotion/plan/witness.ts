import { type Digest, type Instant, type ReleaseId, type SlotKey, toInstant } from '../../domain/ids.ts'
import { keptFor } from '../../domain/kept-for.ts'
import { type Release, type ReleaseParts, releaseOf } from '../../domain/release.ts'
import type { Snapshot } from '../snapshot.ts'

/** A release that a slot ran, with the stretches in which it was seen healthy there. */
export interface Ran {
  readonly release: Release
  /** When it was first seen there. */
  readonly first: Instant
  readonly healthy: readonly HealthySpan[]
  /** When it was last seen to fail, confirmed; null where never. */
  readonly failedAt: Instant | null
}

/** A stretch in which one content of the release was seen healthy; an edit beside the release makes another content. */
export interface HealthySpan {
  readonly from: Instant
  readonly until: Instant
  readonly inputs: Digest
}

/** What the state branch remembers of a slot together with what this round saw, oldest release first. */
export function ranIn(snapshot: Pick<Snapshot, 'state' | 'slots'>, slot: SlotKey): readonly Ran[] {
  const ran = new Map<ReleaseId, Ran>()
  for (const witness of snapshot.state.folded.witnessed.get(slot) ?? []) {
    const { release, healthy, failed, firstSeen, lastSeen } = witness
    const known = releaseNamed(witness)
    ran.set(release, { release: known, first: firstSeen, healthy, failedAt: failed ? lastSeen : null })
  }
  const now = snapshot.slots.get(slot)
  if (now?.release.is === 'pinned') {
    const { release } = now.release
    const before = ran.get(release.id)
    // What has not settled yet is not health (T45).
    const { inputs, healthySpan, unmatched } = now
    const isItsOwn = unmatched === undefined
    const isSettled = isItsOwn && now.health.is === 'healthy' && healthySpan !== null && inputs !== null
    const spans = isSettled ? [{ ...healthySpan, inputs }] : []
    const first = isItsOwn ? (now.healthySpan?.from ?? now.appliedAt) : null
    if (before !== undefined || first !== null) {
      ran.set(release.id, {
        release,
        first: before?.first ?? (first as Instant),
        healthy: [...(before?.healthy ?? []), ...spans],
        failedAt: now.health.is === 'failed' ? now.health.since : (before?.failedAt ?? null),
      })
    }
  }
  return [...ran.values()].toSorted((a, b) => a.first - b.first)
}

const releaseNamed = ({ parts, alias }: Pick<Release, 'parts' | 'alias'>): Release =>
  alias === undefined || alias === '' ? releaseOfParts(parts) : { ...releaseOfParts(parts), alias }

/** Events live as long as the process, and naming a release is the dearest thing here. */
const releaseOfParts = keptFor((parts: ReleaseParts) => releaseOf(parts))

/** Milliseconds in which it was seen healthy, overlapping stretches counted once. */
export function healthyFor(ran: { readonly healthy: readonly Pick<HealthySpan, 'from' | 'until'>[] }): number {
  let total = 0
  let covered = toInstant(Number.NEGATIVE_INFINITY)
  for (const { from, until } of ran.healthy.toSorted((a, b) => a.from - b.from)) {
    const start = Math.max(from, covered)
    if (until > start) total += until - start
    if (until > covered) covered = until
  }
  return total
}

/**
 * Whether a slot is healthy in this very look. After a restart the clock of `settle` begins anew, so what is on record as
 * healthy with exactly this content counts from the first look that sees it so again.
 */
export function isSeenHealthy({ slots, state }: Pick<Snapshot, 'state' | 'slots'>, key: SlotKey): boolean {
  const slot = slots.get(key)
  if (slot?.health.is === 'healthy') return true
  if (slot?.health.is !== 'progressing' || slot.health.reason !== 'health.settling') return false
  return (state.folded.witnessed.get(key) ?? []).some(
    (one) => !one.failed && one.healthy.some((span) => span.inputs === slot.inputs),
  )
}
