import { partsOfSlot, type SlotKey, slotKey } from '../../domain/ids.ts'
import { ranIn } from '../plan/witness.ts'
import type { Snapshot } from '../snapshot.ts'

/**
 * Whether the target runs a release that did not come from upstream: then a promotion would overwrite what somebody put
 * there on purpose, and waits. What it held from the beginning is its baseline, and not foreign.
 */
export function foreignness(
  snapshot: Snapshot,
  slot: SlotKey,
): { readonly is: 'foreign'; readonly detail: string } | null {
  const { application, environment } = partsOfSlot(slot)
  const target = snapshot.slots.get(slot)
  const upstream = snapshot.config.checked.environments.get(environment)?.promotesFrom ?? []
  if (target?.release.is !== 'pinned' || upstream.length === 0) return null
  const { id } = target.release.release
  if (target.original === id || snapshot.records.some((record) => record.slot === slot && record.release.id === id))
    return null
  const ranUpstream = upstream.some((name) => {
    const source = slotKey(application, name)
    const now = snapshot.slots.get(source)?.release
    return (
      (now?.is === 'pinned' && now.release.id === id) || ranIn(snapshot, source).some((ran) => ran.release.id === id)
    )
  })
  return ranUpstream
    ? null
    : { is: 'foreign', detail: `${id.slice(0, 12)} was put into ${environment} without running upstream` }
}
