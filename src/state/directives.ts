import type { Directive, DirectiveOf, Scope } from '../domain/directive.ts'
import { isOfKind, isWithin } from '../domain/directive.ts'
import type { Instant, ReleaseId, SlotKey } from '../domain/ids.ts'
import type { StateEvent, StateEventOf } from './events.ts'
import { namesRelease } from './in-force.ts'
import type { Taken } from './taken.ts'

/** What was ordered and not taken back, for however long. `events` in order of time: the later word counts. */
export function directivesOf(events: readonly StateEvent[]): readonly Directive[] {
  const standing: Standing = new Map()
  for (const event of events) applyEvent(standing, event)
  const accepted = acceptedCommits(events)
  return [...standing.values()].filter((one) => one.kind !== 'ungated' || !accepted.has(one.commit))
}

/** Only locks and freezes end by themselves. */
export const isOver = (directive: Directive, now: Instant): boolean =>
  (directive.kind === 'lock' || directive.kind === 'freeze') && directive.until !== undefined && directive.until <= now

/** Keyed by what a later word of the same kind replaces. */
type Standing = Map<string, Directive>
type Ordered = Pick<Directive, 'by' | 'byLogin' | 'at' | 'event'>

/** Whatever the order: a commit that was accepted stays so when it is found again. */
function acceptedCommits(events: readonly StateEvent[]): ReadonlySet<string> {
  const commits = new Set<string>()
  for (const event of events) {
    if (event.kind === 'command' && event.taken.verb === 'accept') commits.add(event.taken.commit)
  }
  return commits
}

function applyEvent(standing: Standing, event: StateEvent): void {
  switch (event.kind) {
    case 'command':
      applyTaken(standing, orderedBy(event), event.taken.verb, event.taken, event.pull)
      break
    case 'quarantine': {
      const { slot, release, brings, parts, why } = event
      const given = event.by === undefined ? bySluice(event) : orderedBy({ ...event, by: event.by })
      const what = { slot, release, ...(brings === undefined ? {} : { brings }), parts, why }
      quarantine(standing, { ...given, kind: 'quarantine', ...what })
      break
    }
    case 'decline': {
      const { slot, release, pull } = event
      // Who closes what was ordered has changed somebody's mind; else nothing newer would ever come after it.
      lift(standing, 'order', (order) => isSame(order, { slot, release }))
      set(standing, { ...orderedBy(event), kind: 'decline', slot, release, pull, why: '' })
      break
    }
    case 'ungated':
      for (const slot of event.slots) {
        const { commit, pull = null, why } = event
        set(standing, { ...bySluice(event), kind: 'ungated', slot, commit, pull, why })
      }
      break
    case 'auto-merge':
      set(standing, { ...orderedBy(event), kind: 'merge', pull: event.pull, head: event.head, why: '' })
      break
    case 'breaker':
      set(standing, { ...bySluice(event), kind: 'breaker', environment: event.environment, why: event.why })
  }
}

type TakenOf<V extends Taken['verb']> = Extract<Taken, { verb: V }>
type Words = {
  readonly [V in Taken['verb']]: (standing: Standing, by: Ordered, taken: TakenOf<V>, saidOn: number) => void
}

/** What each verb does to what stands. */
const words: Words = {
  lock: (standing, by, { scope, until, why }) =>
    set(standing, { ...by, kind: 'lock', scope, why, ...(until === null ? {} : { until }) }),
  unlock: (standing, _, { scope }) => lift(standing, 'lock', (lock) => isWithin(lock.scope, scope)),
  freeze: (standing, by, { scope, until, why }, saidOn) =>
    set(standing, { ...by, kind: 'freeze', scope, why, saidOn, ...(until === null ? {} : { until }) }),
  thaw: (standing, _, { scope }) => lift(standing, 'freeze', (freeze) => isWithin(freeze.scope, scope)),
  hold: (standing, by, { pull, why }) => set(standing, { ...by, kind: 'hold', pull, why }),
  unhold: (standing, _, { pull }) => lift(standing, 'hold', (hold) => hold.pull === pull),
  merge: (standing, by, { pull, head }) => set(standing, { ...by, kind: 'merge', pull, head, why: '' }),
  gate: (standing, by, { gate, head, slots = [], is, why }) =>
    set(standing, { ...by, kind: 'answer', gate, head, slots, is, why }),
  promote: (standing, by, { orders }) => {
    for (const { slot, release } of orders) promote(standing, by, slot, release)
  },
  rollback: (standing, by, { slots, why }) => {
    for (const each of slots) rollBack(standing, by, each, why)
  },
  unquarantine: (standing, _, { slots }) =>
    lift(standing, 'quarantine', (held) => slots.some((each) => isSame(each, held))),
  resume: (standing, _, { environment }) => lift(standing, 'breaker', (breaker) => breaker.environment === environment),
  // Counted for all times at once, in `acceptedCommits`.
  accept: () => {},
}

/** The one generic that the table needs. */
const applyTaken = <V extends Taken['verb']>(
  standing: Standing,
  by: Ordered,
  verb: V,
  taken: TakenOf<V>,
  saidOn: number,
): void => words[verb](standing, by, taken, saidOn)

/** Who orders a release that was declined there has changed somebody's mind. */
function promote(standing: Standing, by: Ordered, slot: SlotKey, release: ReleaseId): void {
  lift(standing, 'decline', (declined) => isSame(declined, { slot, release }))
  set(standing, { ...by, kind: 'order', slot, does: 'promote', release, why: '' })
}

type RolledBack = TakenOf<'rollback'>['slots'][number]

/** Quarantine first; the revert follows from it. What was ordered for the slot before is off. */
function rollBack(standing: Standing, by: Ordered, { to, ...what }: RolledBack, why: string): void {
  const { slot } = what
  lift(standing, 'order', (order) => order.slot === slot)
  quarantine(standing, { ...by, kind: 'quarantine', ...what, why })
  if (to !== null) set(standing, { ...by, kind: 'order', slot, does: 'restore', release: to, why })
}

/** An order that brought the release there has been carried out; it must not bring it back when the quarantine is lifted. */
function quarantine(standing: Standing, directive: DirectiveOf<'quarantine'>): void {
  lift(standing, 'order', (order) => order.slot === directive.slot && namesRelease(directive, order.release))
  set(standing, directive)
}

interface InSlot {
  readonly slot: SlotKey
  readonly release: ReleaseId
}
const isSame = (a: InSlot, b: InSlot): boolean => a.slot === b.slot && a.release === b.release

const set = (standing: Standing, directive: Directive): void => {
  standing.set(keyOf(directive), directive)
}

function lift<K extends Directive['kind']>(
  standing: Standing,
  kind: K,
  isMeant: (directive: DirectiveOf<K>) => boolean,
): void {
  for (const [key, directive] of standing) if (isOfKind(directive, kind) && isMeant(directive)) standing.delete(key)
}

/**
 * A lock has one holder. Freezes of several people stand side by side, so that a short one does not end a long one; the
 * same holds for answers to a gate.
 */
function keyOf(directive: Directive): string {
  switch (directive.kind) {
    case 'lock':
      return `lock ${scopeName(directive.scope)}`
    case 'freeze':
      return `freeze ${scopeName(directive.scope)} ${directive.by}`
    case 'hold':
    case 'merge':
      return `${directive.kind} ${directive.pull}`
    case 'decline':
    case 'quarantine':
      return `${directive.kind} ${directive.slot} ${directive.release}`
    case 'order':
      return `order ${directive.slot}`
    case 'answer':
      return `answer ${directive.head} ${directive.by} ${directive.gate}`
    case 'ungated':
      return `ungated ${directive.commit} ${directive.slot}`
    case 'breaker':
      return `breaker ${directive.environment}`
  }
}

const scopeName = (scope: Scope): string =>
  scope === 'all' ? 'all' : `${scope.environment}/${scope.application ?? ''}`

const orderedBy = (event: Pick<StateEventOf<'command' | 'decline' | 'auto-merge'>, 'by' | 'at' | 'id'>): Ordered => ({
  by: event.by.id,
  byLogin: event.by.login,
  at: event.at,
  event: event.id,
})

const bySluice = (event: StateEvent): Ordered => ({ by: 0, byLogin: 'sluice', at: event.at, event: event.id })
