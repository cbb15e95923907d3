import { partsOfSlot, type SlotKey, slotKey } from '../../domain/ids.ts'
import { pinnedIn } from '../../domain/release.ts'
import type { WeighedReview } from '../../gates/evidence.ts'
import { roleGroups } from '../../gates/people.ts'
import { isShunned, quarantineOf } from '../../state/in-force.ts'
import { branchOf, takesOurBranch } from '../branches.ts'
import type { Considered } from '../considered.ts'
import { type Effect, type EffectOf, urgency } from '../effects.ts'
import type { Pull } from '../snapshot.ts'
import { mayStillCome } from './bring.ts'
import type { Standing } from './standing.ts'
import { isClosedByPerson } from './take-back.ts'
import { proposalTrailers } from './trailers-for.ts'
import { nothingWords, type Wanted } from './wanted.ts'

interface Slice extends Considered {
  readonly slot: SlotKey
  readonly wish: Wanted
  /** Ours, by kind, open on its branch. */
  readonly open: { readonly promotion: Pull | undefined; readonly rollback: Pull | undefined }
  readonly standings: ReadonlyMap<number, Standing>
}

/** What each slot needs done to its pull requests: at most one effect a slot, by the first rule that answers. */
export function moveSlots(considered: Considered, standings: ReadonlyMap<number, Standing>): readonly Effect[] {
  const ours = new Map(
    considered.snapshot.pulls.flatMap((pull) => {
      const what = pull.intent ?? pull.outdated
      return what === null ? [] : [[`${what.kind} ${what.slot}`, pull] as const]
    }),
  )
  const moves = [...considered.wanted].flatMap(([slot, wish]) => {
    const open = { promotion: ours.get(`promotion ${slot}`), rollback: ours.get(`rollback ${slot}`) }
    // Nearly all of thousands: nothing is wanted, and nothing is open that could be closed.
    if (wish.is === 'nothing' && open.promotion === undefined && open.rollback === undefined) return []
    return planSlot({ ...considered, standings, slot, wish, open }) ?? []
  })
  return [...moves, ...closeGone(considered, standings)]
}

/** Its slot is no more, so that none of the rules below asks for it. */
function closeGone({ snapshot, wanted }: Considered, standings: ReadonlyMap<number, Standing>): readonly Effect[] {
  const { state, audit, config } = snapshot
  if (state.trusted !== true || audit.rewritten || config.broken !== null) return []
  return snapshot.pulls.flatMap((pull) => {
    const slot = (pull.intent ?? pull.outdated)?.slot
    const standing = standings.get(pull.pull.number)
    const isGone = slot !== undefined && !wanted.has(slot) && standing?.is === 'outdated'
    return isGone ? [closeEffect(pull, standing.because)] : []
  })
}

function planSlot(slice: Slice): Effect | undefined {
  for (const rule of rules) {
    const effect = rule(slice)
    if (effect !== undefined) return effect === 'leave' ? undefined : effect
  }
  return undefined
}

/** The list is the documentation. */
const rules: readonly ((slice: Slice) => Effect | 'leave' | undefined)[] = [
  leaveWhatMerges,
  leaveForeignCommits,
  leaveTaken,
  leaveUnread,
  leaveWhileNothingIsKnown,
  openRollback,
  closeRollbackDone,
  closeUnwanted,
  openPromotion,
  refresh,
  supersede,
]

/** The merge of this round decides first. */
function leaveWhatMerges({ open, standings }: Slice): 'leave' | undefined {
  const isReady = [open.promotion, open.rollback].some(
    (pull) => pull !== undefined && standings.get(pull.pull.number)?.is === 'ready',
  )
  return isReady ? 'leave' : undefined
}

/** Somebody pushed onto the branch: it is theirs to take back, nothing is built on it (T10). */
function leaveForeignCommits({ snapshot, slot }: Slice): 'leave' | undefined {
  const branches = [branchOf('promotion', slot), branchOf('rollback', slot)]
  return snapshot.pulls.some((pull) => pull.foreignCommit !== null && branches.includes(pull.pull.headBranch))
    ? 'leave'
    : undefined
}

/** Somebody else's pull request is open from the branch. The one for a rollback is another than that for a promotion. */
function leaveTaken({ snapshot, slot, wish }: Slice): 'leave' | undefined {
  const branch = branchOf(wish.is === 'rollback' ? 'rollback' : 'promotion', slot)
  return snapshot.pulls.some(({ pull }) => pull.headBranch === branch && takesOurBranch(pull)) ? 'leave' : undefined
}

/** One of ours that cannot be read may be open there: another commit on its branch would void what people approved (T58). */
function leaveUnread({ snapshot, slot, wish }: Slice): 'leave' | undefined {
  const branch = branchOf(wish.is === 'rollback' ? 'rollback' : 'promotion', slot)
  // A fork's branch may be called like ours, and hold whatever cannot be read.
  return snapshot.unread.some(({ pull }) => pull.sameRepository && pull.headBranch === branch) ? 'leave' : undefined
}

/** Closing is put on record first, and what cannot be read is no reason to close what people may have approved. */
function leaveWhileNothingIsKnown({ wish }: Slice): 'leave' | undefined {
  const unknown: readonly string[] = ['state.untrusted', 'history.rewritten', 'slot.unreadable']
  return wish.is === 'nothing' && unknown.includes(wish.reason) ? 'leave' : undefined
}

function openRollback(slice: Slice): Effect | 'leave' | undefined {
  const { wish, open } = slice
  if (wish.is !== 'rollback') return undefined
  if (isClosedByPerson(slice.snapshot, slice.slot, wish)) return 'leave'
  if (open.rollback === undefined) return openAnew(slice, 'rollback') ?? 'leave'
  return isToBeMadeAnew(open.rollback) ? (openEffect(slice, 'rollback', open.rollback) ?? 'leave') : 'leave'
}

function closeRollbackDone({ wish, open }: Slice): Effect | undefined {
  if (wish.is === 'rollback' || open.rollback === undefined) return undefined
  return closeEffect(open.rollback, 'nothing is left to take back')
}

/** Nothing is wanted any more, or what is open is quarantined, declined or there already. */
function closeUnwanted(slice: Slice): Effect | 'leave' | undefined {
  const { wish, open, snapshot } = slice
  if (open.promotion === undefined || wish.is === 'promotion') return undefined
  if (wish.is === 'rollback') return closeEffect(open.promotion, 'the slot is to be rolled back first')
  // After a restart nothing has been seen yet of what was proposed before it, and an overlay upstream may be mended.
  const keeps: readonly string[] = [
    ...['config.broken', 'state.ungated', 'state.breaker'],
    ...['upstream.unseen', 'upstream.unreadable'],
  ]
  if (keeps.includes(wish.reason)) return 'leave'
  const sources = sourcesOf(slice)
  // Out of sight is no reason to take back what was proposed.
  if (sources.some((source) => snapshot.slots.get(source)?.health.is === 'unknown')) return 'leave'
  if (wish.reason === 'upstream.unhealthy' && mayRecover(slice, open.promotion, sources)) return 'leave'
  return closeEffect(open.promotion, nothingWords(wish))
}

/**
 * Its gate holds it while its release is ill upstream because a registry, say, is: that is over in an hour, and the approvals of
 * everything that waits would be lost with it. Not where it fails for another cause, or was taken back.
 */
function mayRecover({ snapshot, slot }: Slice, { intent }: Pull, sources: readonly SlotKey[]): boolean {
  if (intent === null) return false
  const there = sources.flatMap((source) => {
    const found = snapshot.slots.get(source)
    return pinnedIn(found?.release)?.id === intent.brings && found !== undefined ? [found.health] : []
  })
  const isOwnFault = there.some((health) => health.is === 'failed' && health.infrastructure === undefined)
  const isShunnedThere = [slot, ...sources].some((key) => isShunned(snapshot.state.folded, key, intent.brings))
  return there.length > 0 && !isOwnFault && !isShunnedThere
}

function sourcesOf({ snapshot, slot }: Slice): readonly SlotKey[] {
  const { application, environment } = partsOfSlot(slot)
  const names = snapshot.config.checked.environments.get(environment)?.promotesFrom ?? []
  return names.map((name) => slotKey(application, name))
}

function openPromotion(slice: Slice): Effect | 'leave' | undefined {
  if (slice.wish.is !== 'promotion' || slice.open.promotion !== undefined) return undefined
  return openAnew(slice, 'promotion') ?? 'leave'
}

/**
 * On a branch of its own: what a closed pull request left behind may hold commits of others, and what is built on these brings
 * them into the default branch with the merge (T10).
 */
function openAnew(slice: Slice, kind: 'promotion' | 'rollback'): Effect | undefined {
  const opens = openEffect(slice, kind, null)
  if (opens === undefined || opens.expect === null || !slice.snapshot.finished.has(opens.expect)) return opens
  const { branch, expect, urgency: when } = opens
  return { kind: 'delete-branch', urgency: when, branch, expect }
}

/** The base moved over what it sets, or the overlay itself moved: made anew on top of its own head. */
function refresh(slice: Slice): Effect | 'leave' | undefined {
  const { promotion } = slice.open
  if (promotion === undefined || !isToBeMadeAnew(promotion)) return undefined
  return openEffect(slice, 'promotion', promotion) ?? 'leave'
}

const isToBeMadeAnew = ({ merge, outdated }: Pull): boolean => merge.is === 'conflict' || outdated !== null

/** What `reconcile` asks for of each of our pull requests: whether anybody with write approved it. */
export const approvalsOf = (pull: number) => ({ kind: 'reviews', key: { pull, from: [roleGroups.write] } }) as const
const isByWriter = (review: WeighedReview): boolean => review.groups.length > 0

/** A newer release takes the place of an open one only while nobody has approved that, or where it cannot pass any more. */
function supersede(slice: Slice): Effect | 'leave' | undefined {
  const { wish, open, gathered } = slice
  if (wish.is !== 'promotion' || open.promotion === undefined) return 'leave'
  if (open.promotion.intent?.brings === wish.release.id) return 'leave'
  const reviews = gathered.evidence.find('reviews', approvalsOf(open.promotion.pull.number).key)
  const isApproved =
    reviews.is !== 'known' ||
    reviews.value.some((one) => isByWriter(one) && one.is === 'approved' && one.head === open.promotion?.pull.head)
  const mayStay = !isQuarantinedHere(slice, open.promotion) && mayStillPass(slice, open.promotion)
  if (isApproved && wish.ordered === null && mayStay) return 'leave'
  return openEffect(slice, 'promotion', open.promotion) ?? 'leave'
}

/** Approved while it soaked, and upstream moved on before it had: nothing would ever let it through. */
function mayStillPass({ snapshot, slot: key }: Slice, { intent }: Pull): boolean {
  const slot = snapshot.slots.get(key)
  const environment = snapshot.config.checked.environments.get(partsOfSlot(key).environment)
  if (intent === null || slot === undefined || environment === undefined) return true
  return mayStillCome({ snapshot, slot, environment }, intent.brings, null)
}

const isQuarantinedHere = ({ snapshot: { state }, slot }: Slice, { intent }: Pull): boolean =>
  intent !== null &&
  (isShunned(state.folded, slot, intent.brings) || quarantineOf(state.folded, slot, intent.release.id) !== undefined)

function openEffect(
  slice: Slice,
  kind: 'promotion' | 'rollback',
  moves: Pull | null,
): EffectOf<'open-pull'> | undefined {
  const { snapshot, slot, wish, gathered } = slice
  const proposal = gathered.proposals.get(slot)
  if (wish.is === 'nothing' || proposal?.is !== 'edits') return undefined
  const branch = branchOf(kind, slot)
  return {
    kind: 'open-pull',
    urgency: kind === 'rollback' ? urgency.revert : urgency.open,
    slot,
    branch,
    expect: moves?.pull.head ?? snapshot.branches.get(branch) ?? null,
    base: snapshot.base,
    edits: proposal.edits,
    brings: wish.release,
    over: pinnedIn(snapshot.slots.get(slot)?.release) ?? null,
    trailers: proposalTrailers(snapshot, slot, wish),
    moves: moves?.pull.number ?? null,
  }
}

/** Only what the state calls closed by us is closed: else it would look like a decline (`close-pull` follows its event). */
function closeEffect({ pull: { number, headBranch } }: Pull, why: string): Effect {
  const because = why.slice(0, longestReason)
  return { kind: 'close-pull', urgency: urgency.open, pull: number, branch: headBranch, because }
}

/** Details of clusters may be long, and an event holds only so much. */
const longestReason = 1_000
