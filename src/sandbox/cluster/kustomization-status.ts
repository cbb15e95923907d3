import { timestampOf, updateStatus, type World } from './controller.ts'
import { condition, ready } from './flux-conditions.ts'
import { type Condition, conditionsOf, type KubeObject, withCondition } from './kube-object.ts'
import { handledRequest } from './reconcile-requests.ts'

/** One attempt at a revision. */
export interface Round {
  readonly revision: string
  readonly startedAt: number
  /** Digest of what was built; history is kept by it. */
  readonly content?: string
  /** Whether anything was waited for. */
  readonly isChecked?: boolean
}

/** In the middle of a round; `attempted` once the revision is being built. */
export function progress(world: World, kustomization: KubeObject, message: string, attempted?: string): void {
  updateStatus(world, kustomization, (status, live) => ({
    ...status,
    ...(attempted === undefined ? {} : { lastAttemptedRevision: attempted }),
    conditions: withCondition(
      ready(world, live, 'Unknown', 'Progressing', 'Reconciliation in progress', []),
      condition(live, 'Reconciling', 'True', 'Progressing', message),
      timestampOf(world),
    ),
  }))
}

/** While it waits for what it applied. */
export function checkHealth(world: World, kustomization: KubeObject, message: string, revision: string): void {
  progress(world, kustomization, message, revision)
  updateStatus(world, kustomization, (status, live) => ({
    ...status,
    conditions: healthy(world, conditionsOf(live), condition(live, 'Healthy', 'Unknown', 'Progressing', message)),
  }))
}

const healthy = (world: World, conditions: readonly Condition[], said: Omit<Condition, 'lastTransitionTime'>) =>
  withCondition(conditions, said, timestampOf(world))

export function succeed(world: World, kustomization: KubeObject, round: Round): void {
  const { revision } = round
  const applied = `Applied revision: ${revision}`
  updateStatus(world, kustomization, (status, live) => {
    const conditions = ready(world, live, 'True', 'ReconciliationSucceeded', applied, ['Reconciling', 'Healthy'])
    const well = condition(live, 'Healthy', 'True', 'Succeeded', `Health check passed for revision ${revision}`)
    return {
      ...status,
      ...handledRequest(kustomization),
      observedGeneration: kustomization.metadata.generation,
      lastAppliedRevision: revision,
      lastAttemptedRevision: revision,
      history: withHistory(world, status, 'ReconciliationSucceeded', round),
      conditions: round.isChecked === true ? healthy(world, conditions, well) : conditions,
    }
  })
}

/** A round that failed will be tried again, so Reconciling stays; observedGeneration moves on success only. */
export function notReady(
  world: World,
  kustomization: KubeObject,
  reason: string,
  message: string,
  round?: Round,
): void {
  updateStatus(world, kustomization, (status, live) => {
    if (round === undefined)
      return {
        ...status,
        ...handledRequest(kustomization),
        conditions: ready(world, live, 'False', reason, message, ['Reconciling']),
      }
    const conditions = withCondition(
      ready(world, live, 'False', reason, message, []),
      condition(live, 'Reconciling', 'True', 'ProgressingWithRetry', message),
      timestampOf(world),
    )
    const ill = condition(live, 'Healthy', 'False', reason, message)
    return {
      ...status,
      ...handledRequest(kustomization),
      lastAttemptedRevision: round.revision,
      history: withHistory(world, status, reason, round),
      conditions: round.isChecked === true ? healthy(world, conditions, ill) : conditions,
    }
  })
}

interface HistoryEntry {
  readonly digest: string
  readonly lastReconciledStatus: string
  readonly firstReconciled: string
  readonly totalReconciliations: number
}

/** The last five by digest and outcome, newest first (fluxcd/pkg `apis/meta/history.go`). */
function withHistory(
  world: World,
  status: Readonly<Record<string, unknown>>,
  outcome: string,
  { revision, startedAt, content }: Round,
): readonly HistoryEntry[] {
  const entries = (status.history as readonly HistoryEntry[] | undefined) ?? []
  if (content === undefined) return entries
  const is = (entry: HistoryEntry) => entry.digest === content && entry.lastReconciledStatus === outcome
  const before = entries.find(is)
  const now = timestampOf(world)
  const entry = {
    digest: content,
    firstReconciled: before?.firstReconciled ?? now,
    lastReconciled: now,
    lastReconciledDuration: `${world.clock() - startedAt}ms`,
    lastReconciledStatus: outcome,
    totalReconciliations: (before?.totalReconciliations ?? 0) + 1,
    metadata: { revision },
  }
  return [entry, ...entries.filter((one) => !is(one))].slice(0, 5)
}
