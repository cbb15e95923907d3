import type { Instant, ReleaseId, Sha, SlotKey } from './ids.ts'
import { keptFor } from './kept-for.ts'
import type { ReleasePart } from './release.ts'

/** Which environments and applications a lock or freeze covers. */
export type Scope = { readonly environment: string; readonly application?: string } | 'all'

interface Ordered {
  /** 0 where Sluice itself gave it. */
  readonly by: number
  readonly byLogin: string
  readonly at: Instant
  readonly why: string
  /** The id of the state event that it came from. */
  readonly event: string
}

/** What somebody ordered. Desired state, never a job: true until lifted, expired or reached; safe to read twice. */
export type Directive = Ordered &
  (
    | { readonly kind: 'lock'; readonly scope: Scope; readonly until?: Instant }
    /** `saidOn`: the pull request on which it was ordered. */
    | { readonly kind: 'freeze'; readonly scope: Scope; readonly until?: Instant; readonly saidOn: number }
    | { readonly kind: 'hold'; readonly pull: number }
    | { readonly kind: 'decline'; readonly slot: SlotKey; readonly release: ReleaseId; readonly pull: number }
    | {
        readonly kind: 'quarantine'
        readonly slot: SlotKey
        /** What the slot ran, as it names it. */
        readonly release: ReleaseId
        /** What a promotion was to bring by it, as upstream names that; the two differ where the overlays hold different parts. */
        readonly brings?: ReleaseId
        /** What the release changed there: another release that holds all of it is similar, and waits. */
        readonly parts: readonly ReleasePart[]
      }
    | {
        readonly kind: 'order'
        readonly slot: SlotKey
        readonly does: 'promote' | 'restore'
        readonly release: ReleaseId
      }
    | { readonly kind: 'merge'; readonly pull: number; readonly head: Sha }
    | {
        readonly kind: 'answer'
        readonly gate: string
        readonly head: Sha
        /** What the gate stood before when it was answered; of what the head comes to touch later it says nothing. */
        readonly slots: readonly SlotKey[]
        readonly is: 'passed' | 'refused'
      }
    /** `pull`: what the commit merged, where the forge or our own seal tells. */
    | { readonly kind: 'ungated'; readonly slot: SlotKey; readonly commit: Sha; readonly pull: number | null }
    | { readonly kind: 'breaker'; readonly environment: string }
  )

export type DirectiveOf<K extends Directive['kind']> = Extract<Directive, { kind: K }>

export const isOfKind = <K extends Directive['kind']>(directive: Directive, kind: K): directive is DirectiveOf<K> =>
  directive.kind === kind

export const ofKind = <K extends Directive['kind']>(
  directives: readonly Directive[],
  kind: K,
): readonly DirectiveOf<K>[] => (byKind(directives).get(kind) ?? []).filter((one) => isOfKind(one, kind))

/** The kinds that name a slot. */
type SlotKind = Extract<Directive, { slot: SlotKey }>['kind']

/** Those of one kind that name one slot. Each of thousands of slots is asked for in every round. */
export const ofSlot = <K extends SlotKind>(
  directives: readonly Directive[],
  kind: K,
  slot: SlotKey,
): readonly DirectiveOf<K>[] => (bySlot(directives).get(slot) ?? []).filter((one) => isOfKind(one, kind))

const byKind = keptFor((directives: readonly Directive[]) => Map.groupBy(directives, ({ kind }) => kind))
const bySlot = keptFor((directives: readonly Directive[]) =>
  Map.groupBy(directives, (one) => ('slot' in one ? one.slot : undefined)),
)

export function covers(scope: Scope, slot: { readonly application: string; readonly environment: string }): boolean {
  if (scope === 'all') return true
  return (
    scope.environment === slot.environment &&
    (scope.application === undefined || scope.application === slot.application)
  )
}

/** Whether everything that `inner` covers is covered by `outer`. */
export function isWithin(inner: Scope, outer: Scope): boolean {
  if (outer === 'all') return true
  if (inner === 'all' || inner.environment !== outer.environment) return false
  return outer.application === undefined || outer.application === inner.application
}
