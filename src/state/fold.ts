import { type Directive, type DirectiveOf, ofKind } from '../domain/directive.ts'
import type { Instant, ReleaseId, Sha, SlotKey } from '../domain/ids.ts'
import { directivesOf, isOver } from './directives.ts'
import type { StateEvent, StateEventKind, StateEventOf } from './events.ts'
import { inOrder } from './in-order.ts'
import { isOvertaken } from './overtaken.ts'
import { type Witness, witnessedOf } from './witnessed.ts'

/** What the events say together: only what is still true at `now`, and facts that stay. */
export interface Folded {
  readonly directives: readonly Directive[]
  /** Quarantines that are no longer in force, since a later release got healthy there; automation remembers them. */
  readonly overtaken: readonly DirectiveOf<'quarantine'>[]
  readonly witnessed: ReadonlyMap<SlotKey, readonly Witness[]>
  /** Comments whose commands were taken, by id. */
  readonly takenComments: ReadonlySet<number>
  /** When the newest comment that was taken was written. */
  readonly newestComment: Instant | null
  /** Pull requests that Sluice closed itself: no decline. */
  readonly closedByUs: ReadonlySet<number>
  /** The commit of the default branch up to which pushes were audited. */
  readonly audited: Sha | null
  /** Oldest first. */
  readonly reverts: readonly Revert[]
  /** When each environment's breaker was last closed by a person: reverts before count no more. */
  readonly resumed: ReadonlyMap<string, Instant>
  readonly notified: ReadonlySet<string>
  /** The default branch when Sluice first came: what it held is baseline. */
  readonly genesis: Sha | null
  /** The ids of all events: what is on record already need not be recorded. */
  readonly recorded: ReadonlySet<string>
  /** When a person last lifted the quarantine of a release in a slot, keyed `slot release`. */
  readonly unquarantined: ReadonlyMap<string, Instant>
  readonly repairs: readonly StateEventOf<'repair'>[]
}

export interface Revert {
  readonly slot: SlotKey
  readonly release: ReleaseId
  readonly pull: number
  readonly at: Instant
  readonly automatic: boolean
}

/** Independent of the order of the events, and of how often each is met. */
export const foldEvents = (events: Iterable<StateEvent>, now: Instant): Folded => foldedAt(foldAll(events), now)

/** What is still true at `now` of what was folded once: nothing but time ends without an event. */
export function foldedAt(folded: Folded, now: Instant): Folded {
  const directives = folded.directives.filter((directive) => !isOver(directive, now))
  return directives.length === folded.directives.length ? folded : { ...folded, directives }
}

/** All that the events say, whose time is over included. */
export function foldAll(events: Iterable<StateEvent>): Folded {
  const ordered = inOrder(events)
  const taken = all(ordered, 'command')
  const witnessed = witnessedOf(all(ordered, 'witness'))
  const standing = directivesOf(ordered)
  const overtaken = ofKind(standing, 'quarantine').filter((one) => isOvertaken(one, witnessed))
  return {
    directives: standing.filter((one) => one.kind !== 'quarantine' || !overtaken.includes(one)),
    overtaken,
    witnessed,
    takenComments: new Set(taken.map(({ comment }) => comment)),
    newestComment: taken.at(-1)?.at ?? null,
    closedByUs: new Set(all(ordered, 'closed').map(({ pull }) => pull)),
    audited: all(ordered, 'audited').at(-1)?.commit ?? null,
    reverts: all(ordered, 'reverted').map(revertOf),
    resumed: resumedOf(taken),
    notified: new Set(all(ordered, 'notified').map(({ key }) => key)),
    genesis: all(ordered, 'genesis')[0]?.base ?? null,
    recorded: new Set(ordered.map(({ id }) => id)),
    unquarantined: unquarantinedOf(taken),
    repairs: all(ordered, 'repair'),
  }
}

const all = <K extends StateEventKind>(events: readonly StateEvent[], kind: K): readonly StateEventOf<K>[] =>
  events.filter((event): event is StateEventOf<K> => event.kind === kind)

const revertOf = ({ slot, release, pull, at, automatic }: StateEventOf<'reverted'>): Revert => ({
  slot,
  release,
  pull,
  at,
  automatic,
})

function unquarantinedOf(taken: readonly StateEventOf<'command'>[]): ReadonlyMap<string, Instant> {
  const lifted = new Map<string, Instant>()
  for (const { taken: order, at } of taken) {
    if (order.verb !== 'unquarantine') continue
    for (const { slot, release } of order.slots) lifted.set(`${slot} ${release}`, at)
  }
  return lifted
}

function resumedOf(taken: readonly StateEventOf<'command'>[]): ReadonlyMap<string, Instant> {
  const resumed = new Map<string, Instant>()
  for (const event of taken) if (event.taken.verb === 'resume') resumed.set(event.taken.environment, event.at)
  return resumed
}
