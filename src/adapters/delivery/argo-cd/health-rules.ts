import { type Rule, unknown } from '../rules.ts'
import { isHeldByPeople, toldToPeople } from '../workloads/diagnose.ts'
import { refOf } from './application.ts'
import { type ApplicationFacts as Facts, health, operationText, type Unwell } from './application-facts.ts'
import { isHealthStale } from './freshness.ts'
import { failedHooks, isUnfinished } from './last-sync.ts'
import { isApplied } from './left-out-of-sync.ts'
import { failed, hookText, progressing, progressingFor, since, waiting } from './sighting-of.ts'
import { childrenText, childrenThatAre, failedChildren, progressingChildren } from './sighting-of-children.ts'
import { degradedResources, progressingResources, resourcesText } from './unhealthy-resources.ts'

const hasHealth = (word: string) => (facts: Facts) => isApplied(facts) && health(facts).status === word

/** Before 3.0 the Application's own health had words. */
const wordsOf = (word: 'Degraded' | 'Progressing') => (facts: Facts) =>
  [health(facts).message, health(facts).status === word ? resourcesText(word)(facts) : '']
    .filter((text) => text !== '')
    .join(' | ')

const hasChild = (is: Unwell['is']) => (facts: Facts) => isApplied(facts) && childrenThatAre(facts, is).length > 0

/** How what is applied fares. */
export const healthRules: readonly Rule<Facts>[] = [
  {
    reason: 'argo.health-stale',
    when: ({ object }) => isHealthStale(object),
    gives: progressing(() => 'the health is older than the last sync'),
  },
  {
    // Also where `argocd-cm` restores the health of Applications, and it is only theirs which is degraded.
    reason: 'argo.child-failed',
    when: (facts) =>
      hasChild('failed')(facts) && !(hasHealth('Degraded')(facts) && degradedResources(facts).length > 0),
    gives: failedChildren,
  },
  {
    reason: 'argo.degraded',
    when: hasHealth('Degraded'),
    gives: failed({ words: wordsOf('Degraded'), objects: degradedResources }),
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
    reason: 'argo.child-unknown',
    when: hasChild('unknown'),
    gives: unknown(childrenText('unknown')),
  },
  {
    reason: 'argo.child-waiting',
    when: hasChild('waiting'),
    gives: waiting(childrenText('waiting')),
  },
  {
    reason: 'argo.child-progressing',
    when: hasChild('progressing'),
    gives: progressingChildren,
  },
  {
    // Argo CD's word is as old as its last comparison, and a controller that stands still leaves it standing (T45).
    reason: 'argo.workload-crashing',
    when: (facts) => hasHealth('Healthy')(facts) && facts.diagnosis.isCrashing,
    gives: progressing(() => 'called healthy'),
  },
  {
    // Argo CD takes what people move by hand for healthy, though no pod runs it yet.
    reason: 'argo.workload-paused',
    when: (facts) => hasHealth('Healthy')(facts) && isHeldByPeople(facts.diagnosis),
    gives: waiting(({ diagnosis }) => toldToPeople(diagnosis)),
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
    gives: progressingFor(
      (facts) => wordsOf('Progressing')(facts) || 'resources are not healthy yet',
      progressingResources,
    ),
  },
]

/** Where no rule holds. */
export const notKnown: Rule<Facts> = {
  reason: 'argo.health-unknown',
  when: () => true,
  gives: unknown((facts) => `the health is ${health(facts).status}: ${health(facts).message}`),
}
