import { ofSlot } from '../../domain/directive.ts'
import { type SlotKey, slotKey } from '../../domain/ids.ts'
import { breakerOf } from '../../state/in-force.ts'
import type { Snapshot } from '../snapshot.ts'
import { unreadWords } from '../unread-words.ts'
import { bringFromUpstream, bringOrdered } from './bring.ts'
import { isClosedByPerson, takeBackQuarantined } from './take-back.ts'
import { nothing, type Slice, type Wanted } from './wanted.ts'

/** For every slot, by the first rule of the list that has an answer. */
export function wantedBySlot(snapshot: Snapshot): ReadonlyMap<SlotKey, Wanted> {
  const wanted = new Map<SlotKey, Wanted>()
  for (const slot of snapshot.slots.values()) {
    const environment = snapshot.config.checked.environments.get(slot.environment)
    if (environment !== undefined) wanted.set(slot.key, wantedOf({ snapshot, slot, environment }))
  }
  return wanted
}

type Rule = (slice: Slice) => Wanted | undefined

/** Reverts come before everything that only promotions wait for. */
function wantedOf(slice: Slice): Wanted {
  const hindered = firstOf(hindrances, slice)
  if (hindered !== undefined) return hindered
  const back = takeBackQuarantined(slice)
  const instead = back?.is === 'rollback' ? bringInstead(slice, back) : undefined
  if (instead !== undefined) return instead
  if (back?.is === 'rollback' && !isClosedByPerson(slice.snapshot, slice.slot.key, back)) return back
  const forward = firstOf(promotions, slice) ?? nothing('upstream.same')
  // What is not taken back may be mended by a newer release; where there is none, it is why nothing happens.
  return forward.is === 'nothing' ? (back ?? forward) : forward
}

/** While a rollback is only proposed, somebody may order the release that mends it instead. */
function bringInstead(slice: Slice, { because }: Extract<Wanted, { is: 'rollback' }>): Wanted | undefined {
  const isProposed = because.by === 0 && slice.environment.rollback.when === 'propose'
  const ordered = isProposed ? bringOrdered(slice) : undefined
  return ordered?.is === 'promotion' && (ordered.ordered?.at ?? 0) > because.at ? ordered : undefined
}

function firstOf(rules: readonly Rule[], slice: Slice): Wanted | undefined {
  for (const rule of rules) {
    const answer = rule(slice)
    if (answer !== undefined) return answer
  }
  return undefined
}

/** The lists are the documentation. */
const hindrances: readonly Rule[] = [waitForTrustedState, waitForWholeHistory, waitForReadableOverlay]
const promotions: readonly Rule[] = [
  bringOrdered,
  leaveFirstEnvironment,
  waitForConfig,
  waitForAcceptance,
  waitForBreaker,
  bringFromUpstream,
]

function waitForTrustedState({ snapshot: { state } }: Slice): Wanted | undefined {
  return state.trusted === true ? undefined : nothing('state.untrusted', state.trusted.untrusted)
}

function waitForWholeHistory({ snapshot: { audit } }: Slice): Wanted | undefined {
  return audit.rewritten ? nothing('history.rewritten', audit.upTo.slice(0, 12)) : undefined
}

function waitForReadableOverlay({ slot }: Slice): Wanted | undefined {
  if (slot.release.is === 'pinned') return undefined
  return nothing('slot.unreadable', unreadWords(slot.release))
}

function leaveFirstEnvironment({ environment }: Slice): Wanted | undefined {
  return environment.promotesFrom.length === 0 ? nothing('slot.first') : undefined
}

function waitForConfig({ snapshot: { config } }: Slice): Wanted | undefined {
  return config.broken === null ? undefined : nothing('config.broken', config.broken.split('\n')[0])
}

function waitForAcceptance({ snapshot, slot }: Slice): Wanted | undefined {
  const { directives } = snapshot.state.folded
  const [ungated] = [slot.key, slotKey('*', slot.environment)].flatMap((key) => ofSlot(directives, 'ungated', key))
  return ungated === undefined ? undefined : nothing('state.ungated', ungated.commit.slice(0, 12))
}

function waitForBreaker({ snapshot, slot }: Slice): Wanted | undefined {
  const open = breakerOf(snapshot.state.folded, slot.environment)
  return open === undefined ? undefined : nothing('state.breaker', open.why)
}
