import { downstreamOf } from '../../config/promotion-order.ts'
import type { Instant } from '../../domain/ids.ts'
import type { ReleaseParts } from '../../domain/release.ts'
import { type StateEvent, type StateEventOf, stateEvent } from '../../state/events.ts'
import type { Slot, Snapshot } from '../snapshot.ts'
import { soakOf } from './soak.ts'
import { healthyFor } from './witness.ts'

/**
 * Health as it was seen, in stretches from one look to another: when it begins to count, at least every five minutes
 * while something soaks, when a soak is complete, and when it fails. A restart loses what lies after the last one.
 */
export function witnessEvents(snapshot: Snapshot): readonly StateEvent[] {
  return [...snapshot.slots.values()].flatMap((slot): readonly StateEvent[] => {
    if (slot.release.is !== 'pinned' || slot.inputs === null) return []
    const seen = newsOf(snapshot, slot)
    if (seen === undefined) return []
    const { id, parts, alias } = slot.release.release
    const named = alias === undefined ? {} : { alias: alias.slice(0, longestAlias) }
    const what = { slot: slot.key, release: id, parts: copyOf(parts), ...named, inputs: slot.inputs }
    return [stateEvent({ kind: 'witness', ...what, ...seen })]
  })
}

/** Enough for a hundred images; it is for people. */
const longestAlias = 2_000

/** What is to be put on record of the slot now. */
function newsOf(snapshot: Snapshot, slot: Slot): Pick<StateEventOf<'witness'>, 'at' | 'from' | 'is'> | undefined {
  const { health, healthySpan, unmatched } = slot
  // What cannot be rendered now may have failed for its release all the same; what does not run has done nothing.
  if (unmatched?.reason === 'release.image-unmatched' || (unmatched !== undefined && health.is !== 'failed'))
    return undefined
  if (health.is === 'failed') {
    const isKnown = isFailureKnown(snapshot, slot, health.since)
    return isKnown ? undefined : { at: snapshot.at, from: health.since, is: 'failed' }
  }
  if (health.is !== 'healthy' || healthySpan === null) return undefined
  const { from, until } = healthySpan
  return isDue(snapshot, slot, from, until) ? { at: until, from, is: 'healthy' } : undefined
}

/** Events own their values. */
const copyOf = ({ images, trees, files, fields }: ReleaseParts) => ({
  images: { ...images },
  trees: { ...trees },
  files: { ...files },
  fields: { ...fields },
})

function isFailureKnown({ state }: Snapshot, slot: Slot, since: Instant): boolean {
  const known = state.folded.witnessed
    .get(slot.key)
    ?.find((one) => slot.release.is === 'pinned' && one.release === slot.release.release.id)
  return known?.failed === true && known.lastSeen >= since
}

/** What a restart may cost of a soak that is under way, at most. */
const recordedWithin = 5 * 60_000

function isDue(snapshot: Snapshot, slot: Slot, from: Instant, until: Instant): boolean {
  const known = snapshot.state.folded.witnessed
    .get(slot.key)
    ?.find((one) => slot.release.is === 'pinned' && one.release === slot.release.release.id)
  const spans = known?.healthy ?? []
  const recorded = Math.max(...spans.filter((span) => span.until >= from).map((span) => span.until), 0)
  // A restart begins another stretch of what is on record: no news of thousands of slots at rest.
  const isNews = known === undefined || known.failed || !spans.some((span) => span.inputs === slot.inputs)
  if (recorded === 0 && isNews) return true
  const soak = longestSoakBehind(snapshot, slot)
  const isSoaking = soak > 0 && (recorded === 0 ? healthyFor({ healthy: spans }) : recorded - from) < soak
  return isSoaking && (until - from >= soak || until - recorded >= Math.min(recordedWithin, soak / 4))
}

const longestSoakBehind = ({ config: { checked } }: Snapshot, { application, environment }: Slot): number =>
  Math.max(
    0,
    ...downstreamOf(checked, environment).map(({ name }) => soakOf(checked, { application, environment: name })),
  )
