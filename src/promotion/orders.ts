import { type DirectiveOf, ofKind } from '../domain/directive.ts'
import { partsOfSlot, type ReleaseId, type SlotKey, slotKey } from '../domain/ids.ts'
import { includes, pinnedIn, type Release } from '../domain/release.ts'
import { ranIn } from './plan/witness.ts'
import type { Pull, Snapshot } from './snapshot.ts'

/** Something that may be done because a person ordered it; by the time it is, they may have lost the right to. */
export type Order =
  | { readonly asks: 'merge'; readonly of: DirectiveOf<'merge'>; readonly pull: Pull }
  | { readonly asks: 'promote'; readonly of: DirectiveOf<'order'> }
  | { readonly asks: 'rollback'; readonly of: DirectiveOf<'order' | 'quarantine'> }

export type OrderFacts = Pick<Snapshot, 'config' | 'state' | 'pulls' | 'slots' | 'brought'>

/** Every order that something may rest on now: not carried out yet, and of what is still there. */
export function ordersAtWork(facts: OrderFacts): readonly Order[] {
  const { directives } = facts.state.folded
  const merges = ofKind(directives, 'merge').flatMap((of) => {
    const pull = facts.pulls.find((one) => one.pull.number === of.pull && one.pull.head === of.head)
    return pull === undefined ? [] : [{ asks: 'merge', of, pull } as const]
  })
  const others = ofKind(directives, 'order')
    .filter((of) => facts.slots.has(of.slot) && !isReached(facts, of))
    .map((of) => ({ asks: of.does === 'promote' ? 'promote' : 'rollback', of }) as const)
  const reverts = ofKind(directives, 'quarantine')
    .filter((of) => of.by !== 0 && pinnedIn(facts.slots.get(of.slot)?.release)?.id === of.release)
    .map((of) => ({ asks: 'rollback', of }) as const)
  return [...merges, ...others, ...reverts]
}

/** An order ends when the slot got there: it must not bring its release back over a newer one for ever. */
export function isReached(facts: Omit<OrderFacts, 'pulls'>, order: DirectiveOf<'order'>): boolean {
  const isThere = (one: { readonly slot: SlotKey; readonly release: ReleaseId }) =>
    one.slot === order.slot && one.release === order.release
  if (facts.brought.some((one) => isThere(one) && one.at >= order.at)) return true
  const since = (facts.state.folded.witnessed.get(order.slot) ?? []).filter((one) => one.lastSeen >= order.at)
  if (since.some((one) => one.release === order.release)) return true
  // Somebody may have brought it by hand, into an overlay that holds more and so gives what it runs another name.
  const ordered = since.length === 0 || order.does === 'restore' ? undefined : upstreamRelease(facts, order)
  return ordered !== undefined && since.some(({ release, parts }) => includes({ id: release, parts }, ordered))
}

function upstreamRelease(
  facts: Omit<OrderFacts, 'pulls'>,
  { slot, release }: DirectiveOf<'order'>,
): Release | undefined {
  const { application, environment } = partsOfSlot(slot)
  const names = facts.config.checked.environments.get(environment)?.promotesFrom ?? []
  return names.flatMap((name) => ranIn(facts, slotKey(application, name))).find((ran) => ran.release.id === release)
    ?.release
}
