import { type Effect, urgency } from '../effects.ts'
import type { PromotionRecord, Slot, Snapshot } from '../snapshot.ts'

/**
 * After a promotion or rollback of ours: the controllers that still act on what was there before are asked to look now,
 * where the operator lets us. Planned for as long as they do; the applier asks once.
 */
export function requestReconcile({ slots, records }: Snapshot): readonly Effect[] {
  const behind = [...slots.values()].filter(({ mayBeAsked }) => mayBeAsked.length > 0)
  if (behind.length === 0) return []
  // Newest first, of which the last that is put in stays.
  const newest = new Map(records.toReversed().map((record) => [record.slot, record]))
  const requests = behind.flatMap((slot) => {
    const merge = mergeOf(newest.get(slot.key), slot)
    return merge === undefined ? [] : slot.mayBeAsked.map((expected) => ({ slot: slot.key, merge, expected }))
  })
  return requests.length === 0 ? [] : [{ kind: 'request-reconcile', urgency: urgency.tell, requests }]
}

/** Only while it is what Git holds: who changed the overlay since has an interval of their own to wait for. */
function mergeOf(last: PromotionRecord | undefined, { release }: Slot) {
  if (last === undefined || release.is !== 'pinned' || release.release.id !== last.release.id) return undefined
  return { commit: last.merge, at: last.mergedAt }
}
