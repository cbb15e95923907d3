import { type Instant, type Sha, toInstant } from '../../../domain/ids.ts'
import { conditionOf, timeOf } from '../kube-object.ts'
import type { Kustomization } from './kustomization.ts'
import { parseRevision } from './revision.ts'

/** Why no attempt goes on: Flux cannot get at the repository, waits for another Kustomization, or only begins to fetch. */
export type HoldUp = 'ArtifactFailed' | 'DependencyNotReady' | 'fetching'

/**
 * Said before the next attempt begins, and before `lastAttemptedRevision` moves: it tells nothing of what was attempted
 * before. Source: kustomize-controller v1.9, `kustomization_controller.go`, `Reconcile` and the beginning of `reconcile`.
 */
export function holdUpOf({ status }: Kustomization): HoldUp | undefined {
  const { status: is, reason } = conditionOf(status.conditions, 'Ready') ?? {}
  if (is === 'False' && (reason === 'ArtifactFailed' || reason === 'DependencyNotReady')) return reason
  const doing = conditionOf(status.conditions, 'Reconciling')?.message ?? ''
  return is === 'Unknown' && doing.startsWith('Fetching manifests') ? 'fetching' : undefined
}

/**
 * How the last finished attempt at the attempted revision ended. While Flux tries again, or is held up, Ready speaks of
 * something else, and a reader who comes then would take a release that keeps failing for one that makes progress: the
 * history tells (v1.7 and later) where its health check failed.
 */
export function lastOutcome(object: Kustomization): string | undefined {
  const { status } = object
  const ready = conditionOf(status.conditions, 'Ready')
  if (ready?.status === 'True' || (ready?.status === 'False' && holdUpOf(object) === undefined)) return ready.reason
  const before = outcomeBefore(object)
  const sameRevision = before?.revision === parseRevision(status.lastAttemptedRevision)?.commit
  return sameRevision && before?.word === lasting ? before.word : undefined
}

/**
 * What the next attempt does not put right by getting as far as its own health check: what could not be applied, for a
 * webhook that was away, has been applied by then, and what is not well yet only starts.
 */
export const lasting = 'HealthCheckFailed'

/**
 * How the attempt before the present one ended, at another revision. A health check takes up to `spec.timeout`, and where
 * commits come more often the next attempt follows at once: nobody may ever meet Ready being False.
 */
export function outcomeBefore({
  status,
}: Kustomization): { readonly word: string; readonly revision: Sha } | undefined {
  const newest = status.history[0]
  const revision = parseRevision(newest?.metadata?.['revision'])?.commit
  if (newest?.lastReconciledStatus === undefined || revision === undefined) return undefined
  return { word: newest.lastReconciledStatus, revision }
}

export const succeeded = 'ReconciliationSucceeded'

/** Whether the last that Flux brought to an end went well, and nothing else was attempted since. */
export const isAtRest = ({ status }: Kustomization): boolean =>
  status.lastAppliedRevision !== undefined &&
  status.lastAttemptedRevision === status.lastAppliedRevision &&
  status.history[0]?.lastReconciledStatus === succeeded

/**
 * Since when the applied content has been healthy without anything else recorded between. Not the transition of Ready:
 * that one is reset at every interval.
 */
export function healthySince({ status }: Kustomization): { readonly since?: Instant } {
  const [newest, ...others] = status.history
  const first = timeOf(newest?.firstReconciled)
  const interrupted = others.flatMap(({ lastReconciled }) => timeOf(lastReconciled) ?? [])
  const known = newest?.lastReconciledStatus === succeeded && first !== undefined
  const since = known
    ? Math.max(first, ...interrupted)
    : timeOf(conditionOf(status.conditions, 'Ready')?.lastTransitionTime)
  return since === undefined ? {} : { since: toInstant(since) }
}
