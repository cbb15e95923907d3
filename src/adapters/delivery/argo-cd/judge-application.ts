import type { Sighting } from '../../../domain/health.ts'
import type { ExpectedDelivery } from '../../../ports/delivery.ts'
import { cut, firstAnswer, issuesText, type Rule, unknown } from '../rules.ts'
import { applicationSchema, automationOf, refOf, sourcesOf } from './application.ts'
import {
  type ArgoRead,
  componentsOf,
  condition,
  type ApplicationFacts as Facts,
  factsOf,
  health,
  operationText,
  patchesOf,
  phase,
  sourceTypeOf,
  syncStatus,
} from './application-facts.ts'
import { isComparedToSpec, isHealthStale } from './freshness.ts'
import { hidesImages } from './ignored-images.ts'
import { differencesFromExpected, otherSources, sourcesText } from './is-ours.ts'
import { failedHooks, isHeldBack, isTerminated, isUnfinished, lastSyncEnded, refusal } from './last-sync.ts'
import { isApplied, leftBecause } from './left-out-of-sync.ts'
import {
  attemptOf,
  degradedResources,
  failed,
  failedResources,
  hookText,
  progressing,
  since,
  waiting,
} from './sighting-of.ts'

/** What one read of an Application shows. Pure; it speaks of the commit that Argo CD compared with. */
export function judgeApplication(read: ArgoRead, expected: ExpectedDelivery): Sighting {
  if (read.application === undefined)
    return { is: 'unknown', reason: 'argo.missing', detail: 'the cluster has no Application of this name' }
  const parsed = applicationSchema.safeParse(read.application)
  if (!parsed.success) return { is: 'unknown', reason: 'argo.malformed', detail: issuesText(parsed.error) }
  return firstAnswer(rules, factsOf(parsed.data, read, expected), notKnown)
}

const isOutOfSync = (facts: Facts): boolean => syncStatus(facts) === 'OutOfSync' && !isApplied(facts)
const hasHealth = (word: string) => (facts: Facts) => isApplied(facts) && health(facts).status === word

const unreadable = 'argo.revision-unreadable'
const refused = 'argo.sync-refused'

/** Read from the top; the first that holds answers. Sources: argo-cd v3.5 `controller/appcontroller.go` and `state.go`. */
const rules: readonly Rule<Facts>[] = [
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
  {
    // T46, T64: somebody pointed it elsewhere; whatever its status says, it is not about our overlay.
    reason: 'argo.not-ours',
    when: ({ index }) => index < 0,
    gives: unknown(({ object, expected }) => differencesFromExpected(object, expected)),
  },
  {
    // T24: what another source renders is seen by no gate, and may take the place of what the overlay says.
    reason: 'argo.other-sources',
    when: ({ object, index }) => otherSources(object, index).length > 0,
    gives: unknown(
      ({ object, index }) =>
        `it also renders ${sourcesText(otherSources(object, index))}; give that an Application of its own`,
    ),
  },
  {
    // Set in the Application, or by argocd-image-updater: what runs is then not what Git says.
    reason: 'argo.images-overridden',
    when: ({ object, index }) => (sourcesOf(object)[index]?.kustomize?.images.length ?? 0) > 0,
    gives: unknown(() => 'kustomize.images of the Application replaces images of the overlay'),
  },
  {
    // T24: what is applied is then not what the overlay says, and no gate has seen it.
    reason: 'argo.patched',
    when: (facts) => patchesOf(facts) + componentsOf(facts) > 0,
    gives: unknown((facts) =>
      patchesOf(facts) > 0
        ? 'kustomize.patches of the Application changes what the overlay renders; write the patches into the overlay'
        : 'kustomize.components of the Application adds to what the overlay renders; name the components in the overlay',
    ),
  },
  {
    // As told by `helm`, `directory` or `plugin` of the source: the kustomization is then no more than a file.
    reason: 'argo.not-kustomize',
    when: (facts) => !['', 'Kustomize'].includes(sourceTypeOf(facts)),
    gives: unknown((facts) => `Argo CD builds the folder as ${sourceTypeOf(facts)}, not with kustomize`),
  },
  {
    // T24: without a difference there is no sync, and Synced is said of an image that was never applied.
    reason: 'argo.images-ignored',
    when: ({ object }) => object.spec.ignoreDifferences?.some(hidesImages) === true,
    gives: unknown(() => 'ignoreDifferences of the Application hides images; name the fields that it is meant for'),
  },
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
    reason: unreadable,
    when: ({ compared }) => compared === undefined,
    gives: unknown(({ object }) => `the synced revision is ${object.status.sync?.revision || 'empty'}`),
  },
  {
    reason: 'argo.health-stale',
    when: ({ object }) => isHealthStale(object),
    gives: progressing(() => 'the health is older than the last sync'),
  },
  {
    reason: 'argo.degraded',
    when: hasHealth('Degraded'),
    gives: failed({ words: (facts) => health(facts).message, objects: degradedResources }),
  },
  {
    // They count neither for sync nor for health, which stay what they are.
    reason: 'argo.hook-failed',
    when: (facts) => isApplied(facts) && failedHooks(facts).length > 0,
    gives: failed({
      words: (facts) => [operationText(facts), ...failedHooks(facts).map(hookText)].join(' | '),
      objects: (facts) => failedHooks(facts).map(refOf),
      ofLastSync: () => ({
        reason: 'argo.hooks-not-run',
        detail: 'hooks of an older commit failed, and Argo CD has not run those of this one; somebody has to sync it',
      }),
    }),
  },
  {
    // Hooks may be left that would have told more.
    reason: 'argo.sync-unfinished',
    when: (facts) => hasHealth('Healthy')(facts) && isUnfinished(facts),
    gives: waiting(
      (facts) =>
        `the last sync ended early, so hooks may not have run; somebody has to sync it: ${operationText(facts)}`,
    ),
  },
  {
    // Argo CD's word is as old as its last comparison, and a controller that stands still leaves it standing (T45).
    reason: 'argo.workload-crashing',
    when: (facts) => hasHealth('Healthy')(facts) && facts.diagnosis.isCrashing,
    gives: progressing(() => 'called healthy'),
  },
  {
    reason: 'argo.healthy',
    when: hasHealth('Healthy'),
    gives: ({ compared, object, diagnosis: { restartedAt } }, reason) =>
      compared === undefined
        ? { is: 'unknown', reason, detail: 'no revision is synced' }
        : {
            is: 'healthy',
            revision: compared,
            ...since(object),
            ...(restartedAt === undefined ? {} : { restartedAt }),
          },
  },
  {
    reason: 'argo.suspended',
    when: hasHealth('Suspended'),
    gives: waiting(() => 'a resource is suspended; somebody has to resume it'),
  },
  {
    reason: 'argo.progressing',
    when: (facts) => hasHealth('Progressing')(facts) || hasHealth('')(facts),
    gives: progressing((facts) => health(facts).message || 'resources are not healthy yet'),
  },
]

const notKnown: Rule<Facts> = {
  reason: 'argo.health-unknown',
  when: () => true,
  gives: unknown((facts) => `the health is ${health(facts).status}: ${health(facts).message}`),
}
