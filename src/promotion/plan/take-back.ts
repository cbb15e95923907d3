import type { DirectiveOf } from '../../domain/directive.ts'
import type { SlotKey } from '../../domain/ids.ts'
import { quarantineOf } from '../../state/in-force.ts'
import { takeBackOf, type Wish } from '../derive.ts'
import type { Snapshot } from '../snapshot.ts'
import { nothing, orders, releaseOf, type Slice, type Wanted } from './wanted.ts'
import { ranIn } from './witness.ts'

/** What a slot goes back to while what it runs is quarantined: the release before, or the one that the same command named. */
export function takeBackQuarantined(slice: Slice): Wanted | undefined {
  const { snapshot, slot } = slice
  const running = releaseOf(slot)
  if (running === undefined) return undefined
  const because = quarantineOf(snapshot.state.folded, slot.key, running.id)
  if (because === undefined) return undefined
  const restore = restoreOrder(slice)
  // The order and its quarantine are of one command. One left over from before must not turn a later revert, which waits
  // for nothing, into a restore, which waits for gates.
  if (restore?.event === because.event) return restoreTo(slice, restore, because)
  const record = snapshot.records.find((one) => one.slot === slot.key)
  if (record === undefined || record.release.id !== running.id)
    return nothing('rollback.nothing-to-take-back', running.id.slice(0, 12))
  if (record.kind === 'rollback') return nothing('rollback.once', running.id.slice(0, 12))
  if (quarantineOf(snapshot.state.folded, slot.key, record.replaces.id) !== undefined) {
    return nothing('rollback.to-quarantined', record.replaces.id.slice(0, 12))
  }
  return { is: 'rollback', release: record.replaces, because, takesBack: record, wish: takeBackOf(record) }
}

function restoreTo(slice: Slice, order: DirectiveOf<'order'>, because: DirectiveOf<'quarantine'>): Wanted | undefined {
  const known = ranIn(slice.snapshot, slice.slot.key).find((ran) => ran.release.id === order.release)
  if (known === undefined) return nothing('rollback.nothing-to-take-back', order.release.slice(0, 12))
  if (quarantineOf(slice.snapshot.state.folded, slice.slot.key, order.release) !== undefined) {
    return nothing('rollback.to-quarantined', order.release.slice(0, 12))
  }
  const wish: Wish = { is: 'bring', slot: slice.slot.key, release: known.release, from: null }
  return { is: 'rollback', release: known.release, because, takesBack: null, wish }
}

const restoreOrder = (slice: Slice): DirectiveOf<'order'> | undefined =>
  orders(slice).find((one) => one.does === 'restore')

/** A rollback that somebody closed stays closed: opening it again and again would be an argument with a person. */
export const isClosedByPerson = (
  { closed }: Snapshot,
  slot: SlotKey,
  wish: Extract<Wanted, { is: 'rollback' }>,
): boolean =>
  closed.some(
    ({ intent, pull }) =>
      intent.kind === 'rollback' &&
      intent.slot === slot &&
      intent.brings === wish.release.id &&
      // Who orders it once more after it was closed wants it all the same; a comment there only updates it.
      wish.because.at <= (pull.closedAt ?? pull.updatedAt),
  )
