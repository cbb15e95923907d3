import type { OperationState } from './application.ts'
import { type ApplicationFacts, condition, isSynced, isWhole, operationText, phase } from './application-facts.ts'

type SyncedResource = NonNullable<OperationState['syncResult']>['resources'][number]

/** Whether an operation that has begun stands still, as it says (`controller/sync.go`, and `setRunningPhase` of its engine). */
export const isHeldBack =
  (words: string) =>
  (facts: ApplicationFacts): boolean =>
    phase(facts) === 'Running' && operationText(facts).startsWith(words)

/**
 * Whether the last operation ended like this without bringing what is compared, and Argo CD does not try it again. A dry run
 * brings nothing, and the sync of single resources, which is how Argo CD heals, is not about the commit.
 */
export const lastSyncEnded =
  (...words: readonly string[]) =>
  (facts: ApplicationFacts): boolean =>
    words.includes(phase(facts)) &&
    isWholeSync(facts) &&
    !isSynced(facts) &&
    (isOfCompared(facts) || refusal(facts) !== undefined)

export const isOfCompared = ({ synced, compared }: ApplicationFacts): boolean =>
  synced !== undefined && synced === compared

/**
 * Why Argo CD does not sync by itself, as it says at each comparison: it would empty the Application, or an operation
 * failed that it takes for the same, at an older commit where annotations tell it that nothing changed since, or with no
 * result. While a window is closed that word is of an older comparison.
 */
export const refusal = (facts: ApplicationFacts): string | undefined =>
  isSynced(facts) || facts.windowClosed ? undefined : condition('SyncError')(facts)?.message

/**
 * The hooks that failed in the last operation, which is about what runs: that is so at the compared commit, and where the
 * objects of another one were all applied and are what this one wants (only then do PostSync hooks run, and only then is
 * there no sync of this one). They are no part of sync status or health.
 */
export function failedHooks(facts: ApplicationFacts): readonly SyncedResource[] {
  const state = facts.object.status.operationState
  if (state === undefined || facts.synced === undefined || !hasFailed(facts) || isTerminated(facts)) return []
  const hooks = (state.syncResult?.resources ?? []).filter((resource) => resource.hookType !== '' && isFailed(resource))
  return isOfCompared(facts) ? hooks : hooks.filter(({ hookType }) => hookType === 'PostSync')
}

/**
 * A Job that is over its deadline has no pods any more that would tell why: it may have waited for its image all the time
 * (T65), which is not for the release to answer for.
 */
export const lateHook = ({ object: { status } }: ApplicationFacts): string | undefined =>
  status.operationState?.syncResult?.resources.some(
    (one) => isFailed(one) && /longer than specified deadline/.test(one.message),
  )
    ? 'a Job ran out of time, as it does where its image cannot be pulled'
    : undefined

export const isFailed = ({ hookPhase }: SyncedResource): boolean => hookPhase === 'Failed' || hookPhase === 'Error'

/** By a person: of a timeout of its own Argo CD tells the cause. */
export const isTerminated = (facts: ApplicationFacts): boolean =>
  phase(facts) === 'Failed' && /^Operation terminated(?!.*triggered by)/s.test(operationText(facts))

/** Whether the last sync of all that is compared ended badly, though all its objects are there. */
export const isUnfinished = (facts: ApplicationFacts): boolean => isOfCompared(facts) && hasFailed(facts)

const hasFailed = (facts: ApplicationFacts): boolean => ['Failed', 'Error'].includes(phase(facts)) && isWholeSync(facts)

const isWholeSync = ({ object: { status } }: ApplicationFacts): boolean =>
  status.operationState !== undefined && isWhole(status.operationState)
