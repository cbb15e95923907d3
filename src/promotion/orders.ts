import { type DirectiveOf, ofKind } from '../domain/directive.ts'
import type { ReleaseId, SlotKey } from '../domain/ids.ts'
import { pinnedIn } from '../domain/release.ts'
import type { Pull, Snapshot } from './snapshot.ts'

/** Something that may be done because a person ordered it; by the time it is, they may have lost the right to. */
export type Order =
  | { readonly asks: 'merge'; readonly of: DirectiveOf<'merge'>; readonly pull: Pull }
  | { readonly asks: 'promote'; readonly of: DirectiveOf<'order'> }
  | { readonly asks: 'rollback'; readonly of: DirectiveOf<'order' | 'quarantine'> }

type Facts = Pick<Snapshot, 'state' | 'pulls' | 'slots' | 'brought'>

/** Every order that something may rest on now: not carried out yet, and of what is still there. */
export function ordersAtWork(facts: Facts): readonly Order[] {
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
export function isReached({ brought, state }: Pick<Facts, 'brought' | 'state'>, order: DirectiveOf<'order'>): boolean {
  const isThere = (one: { readonly slot: SlotKey; readonly release: ReleaseId }) =>
    one.slot === order.slot && one.release === order.release
  if (brought.some((one) => isThere(one) && one.at >= order.at)) return true
  const seen = state.folded.witnessed.get(order.slot)?.find((one) => one.release === order.release)
  return seen !== undefined && seen.lastSeen >= order.at
}
