import type { Stale } from '../../ports/stale.ts'
import type { Considered } from '../considered.ts'
import { type Effect, urgency } from '../effects.ts'
import { saysForgeRefused } from '../forge-refusal.ts'
import { gatedDigest } from '../gated-digest.ts'
import type { Pull, Snapshot } from '../snapshot.ts'
import type { Standing } from './standing.ts'
import { mergeTrailers } from './trailers-for.ts'

interface Merges {
  readonly effects: readonly Effect[]
  readonly lookAgain: readonly Stale[]
}

/**
 * The merge lane: one a round, reverts first, then what somebody ordered, then the oldest. What waits only for fresher
 * reads is looked at again at once.
 */
export function mergeNext({ snapshot }: Considered, standings: ReadonlyMap<number, Standing>): Merges {
  const waiting = snapshot.pulls.toSorted(
    (a, b) => rank(snapshot, a) - rank(snapshot, b) || a.pull.number - b.pull.number,
  )
  const next = waiting.find((pull) => ['ready', 'look-again'].includes(standings.get(pull.pull.number)?.is ?? ''))
  if (next === undefined) return { effects: [], lookAgain: [] }
  if (standings.get(next.pull.number)?.is === 'look-again') {
    return {
      effects: [],
      lookAgain: [
        { is: 'pull', pull: next.pull.number },
        { is: 'checks', head: next.pull.head },
      ],
    }
  }
  return { effects: [mergeEffect(snapshot, next)], lookAgain: [{ is: 'refs' }] }
}

function rank(snapshot: Snapshot, pull: Pull): number {
  // One that the forge refuses again and again must not hold up the lane; its head is tried when nothing else waits.
  if (pull.check !== undefined && saysForgeRefused(pull.check.title)) return 3
  if (pull.takesBack !== null || pull.intent?.kind === 'rollback') return 0
  const isOrdered = snapshot.state.folded.directives.some(
    (one) => one.kind === 'merge' && one.pull === pull.pull.number && !snapshot.lapsed.has(one.event),
  )
  return isOrdered ? 1 : 2
}

function mergeEffect(snapshot: Snapshot, pull: Pull): Effect {
  return {
    kind: 'merge-pull',
    urgency: pull.takesBack === null ? urgency.merge : urgency.revert,
    pull: pull.pull.number,
    nodeId: pull.pull.nodeId,
    autoMerge: pull.pull.autoMerge !== null,
    head: pull.pull.head,
    branch: pull.intent === null ? null : pull.pull.headBranch,
    title: pull.pull.title,
    slots: pull.changes.map((change) => change.slot),
    trailers: mergeTrailers(snapshot, pull, gatedDigest(pull.changes)),
  }
}
