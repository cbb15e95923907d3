import type { SlotKey } from '../../domain/ids.ts'
import type { Release } from '../../domain/release.ts'
import type { Witness } from '../../state/witnessed.ts'
import type { Slot } from '../snapshot.ts'

/**
 * A release keeps the tags that it was first seen with. A tag that is moved beside a digest that stays would call what has
 * been running all along by the name of a version that is not there.
 */
export function withFirstNames(
  slots: ReadonlyMap<SlotKey, Slot>,
  witnessed: ReadonlyMap<SlotKey, readonly Witness[]>,
): ReadonlyMap<SlotKey, Slot> {
  return new Map([...slots].map(([key, slot]) => [key, withFirstName(slot, witnessed.get(key) ?? [])]))
}

function withFirstName(slot: Slot, witnessed: readonly Witness[]): Slot {
  if (slot.release.is !== 'pinned') return slot
  const { release } = slot.release
  const alias = firstName(release, slot.original, witnessed)
  return alias === undefined || alias === release.alias
    ? slot
    : { ...slot, release: { is: 'pinned', release: { ...release, alias } } }
}

const firstName = ({ id }: Release, original: Release | null, witnessed: readonly Witness[]): string | undefined =>
  (original?.id === id ? original.alias : undefined) ?? witnessed.find((one) => one.release === id)?.alias
