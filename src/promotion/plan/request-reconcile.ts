import { type Effect, urgency } from '../effects.ts'
import type { Slot, Snapshot } from '../snapshot.ts'

/**
 * After a promotion or rollback of ours: the controllers that still act on what was there before are asked to look now,
 * where the operator lets us. Planned for as long as they do; the applier asks once.
 */
export function requestReconcile(snapshot: Snapshot): readonly Effect[] {
  const requests = [...snapshot.slots.values()].flatMap((slot) => {
    const merge = lastMerge(snapshot, slot)
    return merge === undefined ? [] : slot.mayBeAsked.map((expected) => ({ slot: slot.key, merge, expected }))
  })
  return requests.length === 0 ? [] : [{ kind: 'request-reconcile', urgency: urgency.tell, requests }]
}

/** Only while it is what Git holds: who changed the overlay since has an interval of their own to wait for. */
function lastMerge({ records }: Snapshot, { key, release }: Slot) {
  const last = records.find((record) => record.slot === key)
  if (last === undefined || release.is !== 'pinned' || release.release.id !== last.release.id) return undefined
  return { commit: last.merge, at: last.mergedAt }
}
