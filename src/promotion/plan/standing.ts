import type { Change } from '../../domain/change.ts'
import { partsOfSlot, type SlotKey } from '../../domain/ids.ts'
import { pinnedIn } from '../../domain/release.ts'
import type { Verdict } from '../../domain/verdict.ts'
import { breakerOf, quarantineOf } from '../../state/in-force.ts'
import { isPassed, type Judgement } from '../judgement.ts'
import type { Pull, Snapshot } from '../snapshot.ts'
import { nothingWords, type Wanted } from './wanted.ts'
import { type Ran, ranIn } from './witness.ts'

/** Where an open pull request stands: what it waits for beside its gates, as data that the report words. */
export type Standing =
  | { readonly is: 'clear' }
  | { readonly is: 'conflict'; readonly paths: readonly string[] }
  | { readonly is: 'broken-config'; readonly diagnostics: string }
  /** No manifests of the default branch ever parsed, so nobody knows what it touches. */
  | { readonly is: 'ungoverned'; readonly diagnostics: string }
  | { readonly is: 'gated'; readonly open: readonly Verdict[] }
  /** Another open pull request with the same head does not pass (T62). */
  | { readonly is: 'twin'; readonly of: number }
  | { readonly is: 'needs-order'; readonly who: string }
  | {
      readonly is: 'limited'
      readonly by:
        | 'breaker'
        | 'unwanted'
        | 'in-flight'
        | 'out-of-sight'
        | 'merge-method'
        | 'history-rewritten'
        | 'quarantined'
        | 'forge'
      readonly detail: string
    }
  /** One of ours whose slot the manifests do not describe any more as it was made for. */
  | { readonly is: 'outdated'; readonly because: string }
  /** The round closes it, or puts on record that the next one does. */
  | { readonly is: 'closing'; readonly because: string }
  /** Evidence is older than this round: the next one reads it afresh and decides. */
  | { readonly is: 'look-again' }
  | { readonly is: 'ready' }
  | { readonly is: 'merged' }

interface Context {
  readonly snapshot: Snapshot
  readonly judgements: ReadonlyMap<number, readonly Judgement[]>
  readonly wanted: ReadonlyMap<SlotKey, Wanted>
}

/** By the first rule that has an answer. */
export function standingOf(context: Context, pull: Pull): Standing {
  for (const rule of rules) {
    const answer = rule(context, pull)
    if (answer !== undefined) return answer
  }
  return { is: 'ready' }
}

const rules: readonly ((context: Context, pull: Pull) => Standing | undefined)[] = [
  leaveOutdated,
  (_, { merge }) => (merge.is === 'conflict' ? { is: 'conflict', paths: merge.paths } : undefined),
  (_, { brokenConfig }) => (brokenConfig === null ? undefined : { is: 'broken-config', diagnostics: brokenConfig }),
  waitForRules,
  // One of ours with nothing left to change is closed, never merged: an empty promotion would be on record as one.
  (_, { changes, foreignCommit }) => (changes.length === 0 && foreignCommit === null ? { is: 'clear' } : undefined),
  waitForGates,
  waitForTwins,
  waitForOrder,
  waitForLimits,
  waitForFreshReads,
]

/** What it was made for is not there any more: neither a gate nor anybody's word speaks for what it would bring elsewhere. */
function leaveOutdated({ snapshot, wanted }: Context, { intent, outdated }: Pull): Standing | undefined {
  // Where none ever parsed there is nothing to compare with.
  const slot = snapshot.config.neverParsed ? undefined : (outdated ?? intent)?.slot
  if (slot === undefined || (outdated === null && wanted.has(slot))) return undefined
  const { application, environment } = partsOfSlot(slot)
  if (!snapshot.config.checked.environments.has(environment))
    return { is: 'outdated', because: `no manifest describes ${environment} any more` }
  const because = wanted.has(slot)
    ? `the overlay of ${slot} is not where it was, or is no longer read as it was`
    : `${environment} does not hold ${application} any more`
  return { is: 'outdated', because }
}

/** The one that brings manifests which parse is the way out, judged by those. */
function waitForRules({ snapshot: { config } }: Context, { paths, nextConfig }: Pull): Standing | undefined {
  if (!config.neverParsed || config.broken === null) return undefined
  const mends = nextConfig !== null && nextConfig !== config.checked && paths.length > 0
  return mends ? undefined : { is: 'ungoverned', diagnostics: config.broken }
}

function waitForGates({ judgements }: Context, { pull }: Pull): Standing | undefined {
  const open = (judgements.get(pull.number) ?? []).flatMap((judgement) =>
    judgement.verdicts.filter((one) => one.is !== 'pass'),
  )
  return open.length === 0 ? undefined : { is: 'gated', open }
}

function waitForTwins({ snapshot, judgements }: Context, asked: Pull): Standing | undefined {
  const { pull } = asked
  const twin = snapshot.pulls.find(
    (other) =>
      other.pull.number !== pull.number &&
      other.pull.head === pull.head &&
      !isStrangersCopy(asked, other) &&
      !(judgements.get(other.pull.number) ?? []).every(isPassed),
  )
  // One that could not be read passes nothing either.
  const found = twin ?? snapshot.unread.find((other) => other.pull.head === pull.head)
  return found === undefined ? undefined : { is: 'twin', of: found.pull.number }
}

/** Anybody can push our commit to a fork and open a draft of it: that must hold up no promotion, and no revert (I13). */
const isStrangersCopy = (asked: Pull, other: Pull): boolean => asked.intent !== null && !other.pull.sameRepository

/** Whether somebody, or the manifests, said that Sluice is to merge this. */
function waitForOrder({ snapshot }: Context, pull: Pull): Standing | undefined {
  if (isOrdered(snapshot, pull)) return undefined
  return {
    is: 'needs-order',
    who: pull.takesBack === null ? 'somebody with write' : 'somebody with the right to roll back',
  }
}

export function isOrdered(snapshot: Snapshot, asked: Pull): boolean {
  const { pull, writers, changes, intent } = asked
  if (isMergeOrdered(snapshot, asked)) return true
  const environments = changes.map((change) =>
    snapshot.config.checked.environments.get(partsOfSlot(change.slot).environment),
  )
  if (intent?.kind === 'promotion') return environments.every((environment) => environment?.merge === 'auto')
  if (intent?.kind === 'rollback') return isRollbackOrdered(snapshot, intent.slot)
  // What people bring into a first environment merges by itself only where nothing else rides along.
  const onlyEntries = changes.every((change) => change.guardPaths.length === 0 && change.release.is === 'pinned')
  const allEnter = environments.every((one) => one?.entry === 'auto' && one.promotesFrom.length === 0)
  return (
    onlyEntries && allEnter && changes.length > 0 && pull.sameRepository && !pull.draft && writers.has(pull.author.id)
  )
}

/** Whether somebody who may order it now ordered the merge of exactly this head. */
function isMergeOrdered({ records, state, lapsed }: Snapshot, { pull, takesBack }: Pull): boolean {
  // Before its promotion was merged it took nothing back, and whoever ordered it then was asked for another right.
  const since = takesBack === null ? 0 : (records.find(({ slot }) => slot === takesBack)?.mergedAt ?? Infinity)
  return state.folded.directives.some(
    (one) =>
      one.kind === 'merge' &&
      one.pull === pull.number &&
      one.head === pull.head &&
      one.at > since &&
      !lapsed.has(one.event),
  )
}

/** A revert that a person ordered merges by itself; one that Sluice proposed only where the environment says so. */
function isRollbackOrdered(snapshot: Snapshot, slot: SlotKey): boolean {
  const quarantine = quarantineOf(snapshot.state.folded, slot, pinnedIn(snapshot.slots.get(slot)?.release)?.id)
  if (quarantine === undefined) return false
  const when = snapshot.config.checked.environments.get(partsOfSlot(slot).environment)?.rollback.when
  return quarantine.by === 0 ? when === 'unhealthy' : !snapshot.lapsed.has(quarantine.event)
}

function waitForLimits({ snapshot, wanted }: Context, pull: Pull): Standing | undefined {
  if (!snapshot.rules.allowedMergeMethods.includes('merge')) {
    return { is: 'limited', by: 'merge-method', detail: 'the branch allows no merge commits' }
  }
  if (snapshot.repository.allowsMergeCommits === false) {
    return { is: 'limited', by: 'merge-method', detail: 'the settings of the repository allow no merge commits' }
  }
  if (snapshot.audit.rewritten) {
    return {
      is: 'limited',
      by: 'history-rewritten',
      detail: `${snapshot.audit.upTo.slice(0, 12)} is no longer on the default branch (by its first parents)`,
    }
  }
  const returning = pull.changes.find((change) => change.kind === 'rollback' && isQuarantined(snapshot, change))
  if (returning !== undefined) {
    return {
      is: 'limited',
      by: 'quarantined',
      detail: `it would bring a quarantined release back to ${returning.slot}`,
    }
  }
  if (pull.intent?.kind !== 'promotion') return undefined
  const unwanted = whyUnwanted(wanted.get(pull.intent.slot))
  if (unwanted !== undefined && !isMergeOrdered(snapshot, pull))
    return { is: 'limited', by: 'unwanted', detail: unwanted }
  const target = snapshot.slots.get(pull.intent.slot)
  // Loss of sight never promotes (I6); somebody who orders the merge has looked for themselves.
  if (target?.health.is === 'unknown' && !isMergeOrdered(snapshot, pull)) {
    return {
      is: 'limited',
      by: 'out-of-sight',
      detail: `the health of ${target.key} cannot be seen: ${target.health.detail}`,
    }
  }
  const { environment } = partsOfSlot(pull.intent.slot)
  if (breakerOf(snapshot.state.folded, environment) !== undefined && !isMergeOrdered(snapshot, pull)) {
    const detail = `the breaker of ${environment} is open until /sluice resume ${environment}`
    return { is: 'limited', by: 'breaker', detail }
  }
  const limit = snapshot.config.checked.environments.get(environment)?.inFlight ?? 1
  if (inFlight(snapshot, environment).length < limit) return undefined
  // No counts and no names: they change with every merge, and each change would be written to every pull request.
  return {
    is: 'limited',
    by: 'in-flight',
    detail: `${limit} promotions to ${environment} are under way, which is the most at once`,
  }
}

/** What stood ready when its release was quarantined or overtaken, or its slot was to be taken back, must not slip through the lane. */
function whyUnwanted(wish: Wanted | undefined): string | undefined {
  if (wish?.is === 'rollback') return 'the slot is to be rolled back first'
  const refused: readonly string[] = ['release.quarantined', 'release.declined', 'release.taken-back', 'upstream.older']
  return wish?.is === 'nothing' && refused.includes(wish.reason) ? nothingWords(wish) : undefined
}

const isQuarantined = ({ state }: Snapshot, { slot, release }: Change): boolean =>
  quarantineOf(state.folded, slot, pinnedIn(release)?.id) !== undefined

/** Slots whose last promotion is merged and neither healthy nor failed yet. */
export function inFlight(snapshot: Snapshot, environment: string): readonly SlotKey[] {
  const flying = snapshot.records.filter((record) => {
    const slot = snapshot.slots.get(record.slot)
    return (
      partsOfSlot(record.slot).environment === environment &&
      record.kind === 'promotion' &&
      slot?.release.is === 'pinned' &&
      slot.release.release.id === record.release.id &&
      slot.health.is !== 'healthy' &&
      slot.health.is !== 'failed' &&
      !wasHealthy(ranIn(snapshot, record.slot), record.release.id)
    )
  })
  return [...new Set(flying.map((record) => record.slot))]
}

const wasHealthy = (ran: readonly Ran[], release: string): boolean =>
  ran.some((one) => one.release.id === release && one.healthy.length > 0)

/** A merge rests on reads of this round. */
function waitForFreshReads({ snapshot, judgements }: Context, pull: Pull): Standing | undefined {
  const verdicts = (judgements.get(pull.pull.number) ?? []).flatMap((judgement) => judgement.verdicts)
  return verdicts.some((verdict) => verdict.asOf < snapshot.at) ? { is: 'look-again' } : undefined
}
