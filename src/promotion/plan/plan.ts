import type { Instant, SlotKey } from '../../domain/ids.ts'
import type { Stale } from '../../ports/stale.ts'
import { eventsPerSnapshot } from '../../state/event-files.ts'
import { type StateEvent, stateEvent } from '../../state/events.ts'
import { isChangeBranch } from '../branches.ts'
import type { Considered } from '../considered.ts'
import { type Effect, urgency } from '../effects.ts'
import type { Snapshot } from '../snapshot.ts'
import { type Answer, answerCommands } from './answer-commands.ts'
import { autoMergeOrders } from './auto-merge-orders.ts'
import { decideEvents } from './decide-events.ts'
import { mergeNext } from './merge-next.ts'
import { moveSlots } from './move-slots.ts'
import { nextLook } from './next-look.ts'
import type { NotTakenBack } from './not-taken-back.ts'
import { requestReconcile } from './request-reconcile.ts'
import { type Standing, standingOf } from './standing.ts'
import type { Wanted } from './wanted.ts'

/** What a round will do, as data: the applier does it, and the report, `sluice plan` and the audit line word it. */
export interface Plan {
  readonly effects: readonly Effect[]
  readonly lookAgain: readonly Stale[]
  readonly wakeAt: Instant | null
  readonly wanted: ReadonlyMap<SlotKey, Wanted>
  /** By pull request. */
  readonly standings: ReadonlyMap<number, Standing>
  readonly answers: readonly Answer[]
  readonly notTakenBack: readonly NotTakenBack[]
}

/** From facts to effects. Nothing here reads the world, so a round can be planned without being done. */
export function plan(considered: Considered): Plan {
  const { snapshot, gathered, judgements, wanted } = considered
  const answers = answerCommands(snapshot, gathered)
  const decided = decideEvents(snapshot, gathered)
  const standings = new Map<number, Standing>(
    snapshot.pulls.map((pull) => [pull.pull.number, standingOf({ snapshot, judgements, wanted }, pull)] as const),
  )
  const moves = moveSlots(considered, standings)
  for (const move of moves)
    if (move.kind === 'close-pull') standings.set(move.pull, { is: 'closing', because: move.because })
  const events = [
    ...decided.events,
    ...answers.flatMap((answer) => answer.events),
    ...autoMergeOrders(snapshot, standings),
    ...closingEvents(snapshot, moves),
  ]
  const common = { wanted, standings, answers, notTakenBack: decided.notTakenBack, wakeAt: nextLook(considered) }
  const written: readonly Effect[] =
    events.length === 0 ? [] : [{ kind: 'write-state', urgency: urgency.state, events, expect: snapshot.state.head }]
  const readBack: readonly Stale[] = events.length === 0 ? [] : [{ is: 'state' }]
  // Nothing forbids to look, and after a rollback there is always something to put on record.
  const requests = requestReconcile(snapshot)
  // What is put on record may forbid what would otherwise be done now, so the rest waits for the round that reads it.
  if (!events.every(forbidsNothing)) return { ...common, effects: [...written, ...requests], lookAgain: readBack }
  const merges = mergeNext(considered, standings)
  const rest = [...merges.effects, ...moves, ...tidy(snapshot, moves), ...requests]
  return {
    ...common,
    effects: [...written, ...rest, ...(events.length === 0 ? compaction(snapshot) : [])],
    lookAgain: [...readBack, ...merges.lookAgain, ...(moves.some(isMakingRoom) ? [{ is: 'refs' } as const] : [])],
  }
}

/** Health that was seen, and how far the audit is: where many soak, something of it is to be written in every round. */
const forbidsNothing = (event: StateEvent): boolean =>
  event.kind === 'audited' || (event.kind === 'witness' && event.is === 'healthy')

/** What it makes room for is opened in the next round. */
const isMakingRoom = ({ kind }: Effect): boolean => kind === 'delete-branch'

/** Put on record before it is done: a pull request of ours that is closed without that is somebody's decline. */
function closingEvents(snapshot: Snapshot, moves: readonly Effect[]): readonly StateEvent[] {
  return moves.flatMap((effect) =>
    effect.kind === 'close-pull' && !snapshot.state.folded.closedByUs.has(effect.pull)
      ? [stateEvent({ kind: 'closed', at: snapshot.at, pull: effect.pull, because: effect.because })]
      : [],
  )
}

const compaction = ({ state }: Snapshot): readonly Effect[] =>
  state.head !== null && state.trusted === true && state.loose >= eventsPerSnapshot
    ? [{ kind: 'compact-state', urgency: urgency.tell, expect: state.head }]
    : []

/**
 * Branches of ours whose pull request is known to be merged or closed. One without any may have been made a moment ago by
 * another process (T14), and deleting it would close what that one opens; the next wish of its slot builds on it.
 */
function tidy({ branches, finished, pulls }: Snapshot, moves: readonly Effect[]): readonly Effect[] {
  const used = new Set([
    ...pulls.map((pull) => pull.pull.headBranch),
    ...moves.flatMap((effect) => ('branch' in effect && effect.branch !== null ? [effect.branch] : [])),
  ])
  return [...branches].flatMap(([branch, expect]) =>
    isChangeBranch(branch) && !used.has(branch) && finished.has(expect)
      ? [{ kind: 'delete-branch', urgency: urgency.tell, branch, expect } as const]
      : [],
  )
}
