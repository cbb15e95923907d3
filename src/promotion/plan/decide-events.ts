import { ofKind } from '../../domain/directive.ts'
import { partsOfSlot, type Sha, type SlotKey, slotKey } from '../../domain/ids.ts'
import { changedParts } from '../../domain/release.ts'
import { type StateEvent, stateEvent } from '../../state/events.ts'
import { quarantineOf } from '../../state/in-force.ts'
import type { Gathered } from '../gathered.ts'
import type { PromotionRecord, Snapshot } from '../snapshot.ts'
import { decideFailures } from './decide-failures.ts'
import type { NotTakenBack } from './not-taken-back.ts'
import { witnessEvents } from './witness-events.ts'

export interface Decided {
  readonly events: readonly StateEvent[]
  readonly notTakenBack: readonly NotTakenBack[]
}

/** What this round has to put on record before anything may be done that stands on it. */
export function decideEvents(snapshot: Snapshot, gathered: Gathered): Decided {
  // What the branch holds when it first comes under rules is its beginning, so there is none before.
  if (snapshot.config.neverParsed) return { events: [], notTakenBack: [] }
  const failures = decideFailures(snapshot, gathered)
  // Nothing may be written, but who fails is told all the same.
  if (snapshot.state.trusted !== true) return { events: [], notTakenBack: failures.notTakenBack }
  if (isNew(snapshot)) return { events: genesis(snapshot), notTakenBack: [] }
  const events = [
    ...failures.events,
    ...ungatedEvents(snapshot),
    ...declineEvents(snapshot),
    ...revertEvents(snapshot),
    ...witnessEvents(snapshot),
  ]
  // A round that writes does nothing else, so what is on record already must not be written for ever.
  const news = events.filter(({ id }) => !snapshot.state.folded.recorded.has(id))
  return { events: [...news, ...auditMark(snapshot, news)], notTakenBack: failures.notTakenBack }
}

/** Moved along whenever something is written anyway, so that no audit after a restart begins at the very first commit. */
function auditMark({ at, audit, state }: Snapshot, events: readonly StateEvent[]): readonly StateEvent[] {
  const isDue = events.length > 0 && audit.ungated.length === 0 && !audit.rewritten
  return isDue && state.folded.audited !== audit.upTo ? [stateEvent({ kind: 'audited', at, commit: audit.upTo })] : []
}

/** Nothing is on record but orders that were given before any manifests parsed. */
const isNew = ({ state: { missing, head, folded } }: Snapshot): boolean =>
  missing || (head !== null && folded.genesis === null && folded.repairs.length === 0)

const genesis = ({ at, base }: Snapshot): readonly StateEvent[] => [
  stateEvent({ kind: 'genesis', at, base }),
  stateEvent({ kind: 'audited', at, commit: base }),
]

/** What was found on the default branch; the mark moves with it, so that it is found once. */
function ungatedEvents(snapshot: Snapshot): readonly StateEvent[] {
  const { at, audit, state } = snapshot
  if (audit.rewritten || audit.ungated.length === 0) return []
  const events: readonly StateEvent[] = [
    ...audit.ungated.map(({ commit, slots, pull, why }) =>
      stateEvent({
        ...{ kind: 'ungated', at, commit, slots: [...slots, ...frozenBy(audit, commit)], why },
        ...(pull === null ? {} : { pull }),
      }),
    ),
    ...mismatchEvents(snapshot),
  ]
  return state.folded.audited === audit.upTo ? [] : [...events, stateEvent({ kind: 'audited', at, commit: audit.upTo })]
}

/** A merge that holds something else than was gated stops its whole environment (I3). */
const frozenBy = ({ mismatched }: Snapshot['audit'], commit: Sha): readonly SlotKey[] => [
  ...new Set(
    mismatched.flatMap((one) => (one.commit === commit ? [slotKey('*', partsOfSlot(one.slot).environment)] : [])),
  ),
]

/** The promotion that came out otherwise than it was gated is quarantined, from which its revert follows (I3). */
function mismatchEvents({ at, audit, records }: Snapshot): readonly StateEvent[] {
  return audit.mismatched.flatMap(({ commit, slot }) => {
    const record = records.find((one) => one.slot === slot && one.merge === commit && one.kind === 'promotion')
    if (record === undefined) return []
    const { brings, release } = record
    const parts = [...changedParts(record.replaces, record.release)]
    const why = `${commit.slice(0, 12)} holds another content than was gated`
    return [stateEvent({ kind: 'quarantine', at, slot, release: release.id, brings, parts, why, evidence: [commit] })]
  })
}

/** A pull request of ours that somebody closed is a decline of its release there. */
function declineEvents({ at, closed }: Snapshot): readonly StateEvent[] {
  return closed
    .filter(({ intent }) => intent.kind === 'promotion')
    .map(({ pull, intent }) =>
      stateEvent({
        kind: 'decline',
        // When it was done, not when it was seen: who orders it in between has the last word.
        at: pull.closedAt ?? at,
        slot: intent.slot,
        release: intent.brings,
        pull: pull.number,
        by: { id: 0, login: '' },
      }),
    )
}

/**
 * Merged rollbacks, for the breaker: written once, whoever merged them. What people took back by a revert of their own is
 * quarantined as if they had ordered it: the environment before still runs it, and would bring it again at once (I12).
 */
function revertEvents(snapshot: Snapshot): readonly StateEvent[] {
  const { at, records, state } = snapshot
  const known = new Set(state.folded.reverts.map((one) => one.pull))
  return records
    .filter((record) => record.kind === 'rollback' && !known.has(record.pull))
    .flatMap((record) => {
      const { slot, pull, replaces } = record
      const quarantine = quarantineOf(state.folded, slot, replaces.id)
      const automatic = quarantine?.by === 0
      const reverted = stateEvent({ kind: 'reverted', at, slot, release: replaces.id, pull, automatic })
      const isWanted = (state.folded.unquarantined.get(`${slot} ${replaces.id}`) ?? 0) >= record.mergedAt
      return quarantine === undefined && !isWanted ? [reverted, quarantineBy(snapshot, record)] : [reverted]
    })
}

function quarantineBy(
  { state, brought }: Snapshot,
  { slot, pull, release, replaces, merge, mergedAt }: PromotionRecord,
) {
  const order = ofKind(state.folded.directives, 'merge').find((one) => one.pull === pull)
  // Newest first, and the newest is this one.
  const [, takenBack] = brought.filter((one) => one.slot === slot)
  return stateEvent({
    ...{ kind: 'quarantine', at: mergedAt, slot, release: replaces.id },
    ...(takenBack === undefined ? {} : { brings: takenBack.release }),
    parts: [...changedParts(release, replaces)],
    ...(order === undefined ? {} : { by: { id: order.by, login: order.byLogin } }),
    ...{ why: `taken back by #${pull}`, evidence: [merge] },
  })
}
