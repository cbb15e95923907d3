import { type Instant, toInstant } from '../../../domain/ids.ts'
import { conditionOf, timeOf } from '../kube-object.ts'
import type { Kustomization } from './kustomization.ts'

/**
 * How the last finished attempt at the attempted revision ended. While Flux tries again Ready is Unknown, and a reader who
 * comes then would take a release that keeps failing for one that makes progress: the history tells (v1.7 and later).
 */
export function lastOutcome({ status }: Kustomization): string | undefined {
  const ready = conditionOf(status.conditions, 'Ready')
  if (ready?.status === 'True' || ready?.status === 'False') return ready.reason
  const newest = status.history[0]
  const sameRevision = newest?.metadata?.revision === status.lastAttemptedRevision
  return sameRevision && newest?.lastReconciledStatus !== 'ReconciliationSucceeded'
    ? newest?.lastReconciledStatus
    : undefined
}

/**
 * Since when the applied content has been healthy without anything else recorded between. Not the transition of Ready:
 * that one is reset at every interval.
 */
export function healthySince({ status }: Kustomization): { readonly since?: Instant } {
  const [newest, ...others] = status.history
  const first = timeOf(newest?.firstReconciled)
  const interrupted = others.flatMap(({ lastReconciled }) => timeOf(lastReconciled) ?? [])
  const known = newest?.lastReconciledStatus === 'ReconciliationSucceeded' && first !== undefined
  const since = known
    ? Math.max(first, ...interrupted)
    : timeOf(conditionOf(status.conditions, 'Ready')?.lastTransitionTime)
  return since === undefined ? {} : { since: toInstant(since) }
}
