import { conditionOf, isTrue } from '../kube-object.ts'
import { cut, type Rule, unknown } from '../rules.ts'
import { told, toldToPeople } from '../workloads/diagnose.ts'
import { type KustomizationFacts as Facts, staysAtRest } from './kustomization-facts.ts'
import { isAtRest, succeeded } from './outcome.ts'
import {
  conditions,
  dependency,
  failed,
  progressing,
  ready,
  readyText,
  sourceText,
  unfetched,
  waiting,
} from './sighting-of.ts'
import { waitsForPeople } from './waits-for-people.ts'

const outcomeIs = (word: string) => (facts: Facts) => facts.outcome === word

/** What Ready says of an attempt that failed, and the history too where it was the health check. Not final by itself: the next one may pass. */
const failures = [
  { word: 'HealthCheckFailed', reason: 'flux.health-check-failed' },
  { word: 'BuildFailed', reason: 'flux.build-failed' },
  { word: 'ReconciliationFailed', reason: 'flux.apply-failed' },
  { word: 'PruneFailed', reason: 'flux.prune-failed' },
] as const

/** How far Flux is, and how what it tried last ended. */
export const reconcileRules: readonly Rule<Facts>[] = [
  {
    reason: 'flux.suspended',
    when: ({ object }) => object.spec.suspend,
    gives: waiting('the Kustomization is suspended'),
  },
  {
    // status.observedGeneration moves on success only, the condition's always.
    reason: 'flux.spec-not-observed',
    when: ({ object: { metadata, status } }) => {
      const condition = conditionOf(status.conditions, 'Ready')
      const seen = condition?.observedGeneration ?? status.observedGeneration
      const applied = condition?.status === 'True' ? status.observedGeneration : seen
      return condition !== undefined && (seen !== metadata.generation || applied !== metadata.generation)
    },
    gives: progressing(() => 'Flux has not acted on the newest spec of the Kustomization yet'),
  },
  {
    // Flux does not get as far as a commit: its own spec, or one of a dependency, is at fault, whatever is in Git.
    reason: 'flux.stalled',
    when: (facts) => isTrue(conditions(facts), 'Stalled'),
    gives: (facts, reason) =>
      waiting(cut(`Flux has given up until somebody changes it: ${readyText(facts)}`))(facts, reason),
  },
  {
    reason: 'flux.workload-paused',
    when: waitsForPeople,
    gives: (facts, reason) => waiting(toldToPeople(facts.diagnosis))(facts, reason),
  },
  ...failures.map(({ word, reason }) => ({ reason, when: outcomeIs(word), gives: failed })),
  {
    reason: unfetched,
    when: (facts) => facts.holdUp === 'ArtifactFailed' && !isAtRest(facts.object),
    gives: progressing(sourceText),
  },
  {
    reason: dependency,
    when: (facts) => facts.holdUp === 'DependencyNotReady' && !isAtRest(facts.object),
    gives: progressing(readyText),
  },
  {
    reason: 'flux.health-check-cancelled',
    when: outcomeIs('HealthCheckCanceled'),
    gives: progressing(() => 'the health check was given up for a newer revision'),
  },
  {
    reason: 'flux.not-started',
    when: (facts) => ready(facts) === undefined,
    gives: progressing(() => 'Flux has not looked at the Kustomization yet'),
  },
  {
    // At every interval, for what is applied already: no news.
    reason: 'flux.rechecking',
    when: (facts) => isBusy(facts) && facts.applied !== undefined && facts.attempted === facts.applied,
    gives: (facts, reason) => ({
      ...progressing(() => 'Flux checks again what it has applied')(facts, reason),
      isRepeated: true,
    }),
  },
  { reason: 'flux.reconciling', when: isBusy, gives: progressing(busyText) },
  {
    reason: 'flux.outcome-not-known',
    when: (facts) => !staysAtRest(facts) && (ready(facts)?.status !== 'True' || facts.outcome !== succeeded),
    gives: unknown((facts) => `Ready is ${ready(facts)?.status}, ${ready(facts)?.reason}: ${readyText(facts)}`),
  },
  {
    reason: 'flux.revision-unreadable',
    when: ({ applied }) => applied === undefined,
    gives: unknown(({ object }) => `lastAppliedRevision is ${object.status.lastAppliedRevision ?? 'not set'}`),
  },
]

function isBusy(facts: Facts): boolean {
  return !staysAtRest(facts) && (ready(facts)?.status === 'Unknown' || isTrue(conditions(facts), 'Reconciling'))
}

function busyText(facts: Facts): string {
  const words = conditionOf(conditions(facts), 'Reconciling')?.message ?? readyText(facts)
  return told(words, facts.diagnosis)
}
