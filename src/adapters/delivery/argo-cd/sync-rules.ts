import { cut, type Rule, unknown } from '../rules.ts'
import { automationOf } from './application.ts'
import { condition, type ApplicationFacts as Facts, operationText, phase, syncStatus } from './application-facts.ts'
import { isComparedToSpec } from './freshness.ts'
import { isHeldBack, isTerminated, lastSyncEnded, refusal } from './last-sync.ts'
import { isApplied, jobsGone, leftBecause } from './left-out-of-sync.ts'
import { attemptOf, failed, failedResources, progressing, waiting } from './sighting-of.ts'

const isOutOfSync = (facts: Facts): boolean => syncStatus(facts) === 'OutOfSync' && !isApplied(facts)

const refused = 'argo.sync-refused'

/** What cannot be judged, whatever it follows. */
export const objectRules: readonly Rule<Facts>[] = [
  {
    reason: 'argo.being-deleted',
    when: ({ object }) => object.metadata.deletionTimestamp !== undefined,
    gives: unknown(() => 'the Application is being deleted'),
  },
  {
    // Two commits, dry and hydrated, and neither field means what it means elsewhere.
    reason: 'argo.hydrated',
    when: ({ object }) => object.spec.sourceHydrator !== undefined,
    gives: unknown(() => 'the Application uses the source hydrator'),
  },
]

/** Whether what Git holds is applied. Where none of these holds it is, and at which revision. */
export const syncRules: readonly Rule<Facts>[] = [
  {
    reason: 'argo.reconcile-skipped',
    when: ({ object }) => object.metadata.annotations?.['argocd.argoproj.io/skip-reconcile'] === 'true',
    gives: waiting(() => 'the annotation argocd.argoproj.io/skip-reconcile stops Argo CD'),
  },
  {
    reason: 'argo.invalid-spec',
    when: (facts) => condition('InvalidSpecError')(facts) !== undefined,
    gives: unknown((facts) => condition('InvalidSpecError')(facts)?.message ?? ''),
  },
  {
    // The repository cannot be fetched, or its manifests cannot be generated: sync and health are then what they were.
    reason: 'argo.comparison-error',
    when: (facts) => condition('ComparisonError')(facts) !== undefined,
    gives: unknown((facts) => condition('ComparisonError')(facts)?.message ?? ''),
  },
  {
    reason: 'argo.not-started',
    when: ({ object }) => object.status.sync === undefined,
    gives: progressing(() => 'Argo CD has not looked at the Application yet'),
  },
  {
    reason: 'argo.spec-not-compared',
    when: ({ object }) => !isComparedToSpec(object),
    gives: progressing(() => 'Argo CD has not compared with the newest spec of the Application yet'),
  },
  {
    reason: 'argo.sync-window',
    when: isHeldBack('Sync operation blocked by sync window'),
    gives: waiting(() => 'a sync window of its project closed during the sync'),
  },
  {
    reason: 'argo.prune-unconfirmed',
    when: isHeldBack('waiting for pruning confirmation of'),
    gives: waiting(
      (facts) => `${operationText(facts)}; say so with the annotation argocd.argoproj.io/deletion-approved`,
    ),
  },
  {
    reason: 'argo.syncing',
    when: (facts) => facts.object.operation !== undefined || ['Running', 'Terminating'].includes(phase(facts)),
    gives: (facts, reason) => ({
      ...progressing(() => `a sync is running: ${operationText(facts)}`)(facts, reason),
      ...attemptOf(facts),
    }),
  },
  {
    reason: 'argo.sync-unfinished',
    when: (facts) => isTerminated(facts) && lastSyncEnded('Failed')(facts),
    gives: waiting(() => 'somebody ended the sync before it was done; somebody has to sync it again'),
  },
  {
    // Argo CD does not try the same commit again by itself. Where all is there, only a hook is left to have failed.
    reason: 'argo.sync-failed',
    when: (facts) => lastSyncEnded('Failed')(facts) && facts.synced !== undefined && !isApplied(facts),
    gives: failed({
      words: operationText,
      objects: failedResources,
      ofLastSync: (facts) => ({ reason: refused, detail: cut(refusal(facts) ?? '') }),
    }),
  },
  {
    // The operation could not even be carried out.
    reason: 'argo.sync-error',
    when: lastSyncEnded('Failed', 'Error'),
    gives: unknown(operationText),
  },
  {
    // Before what asks for a sync.
    reason: 'argo.job-gone',
    when: (facts) => isOutOfSync(facts) && jobsGone(facts) !== undefined,
    gives: waiting(
      (facts) =>
        `${jobsGone(facts)} is not there any more as it was synced, as after ttlSecondsAfterFinished: make it a hook, or take that setting away; a sync runs it again`,
    ),
  },
  {
    reason: 'argo.sync-window',
    when: (facts) => isOutOfSync(facts) && automationOf(facts.object) !== undefined && facts.windowClosed,
    gives: waiting(() => 'a sync window of its project holds automated syncs back'),
  },
  {
    reason: 'argo.manual-sync',
    when: (facts) => isOutOfSync(facts) && automationOf(facts.object) === undefined,
    gives: waiting(() => 'the Application is not synced automatically; somebody has to sync it'),
  },
  {
    reason: refused,
    when: (facts) => isOutOfSync(facts) && refusal(facts) !== undefined,
    gives: waiting((facts) => refusal(facts) ?? ''),
  },
  {
    reason: 'argo.drifted',
    when: (facts) => isOutOfSync(facts) && leftBecause(facts) !== undefined,
    gives: waiting((facts) => leftBecause(facts) ?? ''),
  },
  {
    reason: 'argo.out-of-sync',
    when: isOutOfSync,
    gives: progressing(() => 'Argo CD has seen a difference and not synced it yet'),
  },
  {
    reason: 'argo.sync-unknown',
    when: (facts) => !isApplied(facts),
    gives: unknown((facts) => `the sync status is ${syncStatus(facts) || 'empty'}`),
  },
  {
    reason: 'argo.revision-unreadable',
    when: ({ compared }) => compared === undefined,
    gives: unknown(({ object }) => `the synced revision is ${object.status.sync?.revision || 'empty'}`),
  },
]
