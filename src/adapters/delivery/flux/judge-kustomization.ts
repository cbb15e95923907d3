import type { Sighting } from '../../../domain/health.ts'
import type { ExpectedDelivery } from '../../../ports/delivery.ts'
import { pointerHidesImages } from '../hidden-images.ts'
import { conditionOf, isTrue } from '../kube-object.ts'
import { cut, firstAnswer, issuesText, type Rule, unknown } from '../rules.ts'
import { refText, told, toldToPeople } from '../workloads/diagnose.ts'
import { differencesFromExpected } from './is-ours.ts'
import { kustomizationSchema } from './kustomization.ts'
import { type KustomizationFacts as Facts, type FluxRead, factsOf } from './kustomization-facts.ts'
import { healthySince, isAtRest, succeeded } from './outcome.ts'
import {
  conditions,
  dependency,
  failed,
  halted,
  progressing,
  ready,
  readyText,
  sourceText,
  unfetched,
  waiting,
} from './sighting-of.ts'
import { unjudgedBecause } from './unjudged.ts'
import { waitsForPeople } from './waits-for-people.ts'

export type { FluxRead } from './kustomization-facts.ts'

/** What one read of a Kustomization shows. Pure; it speaks of the commit that Flux acted on. */
export function judgeKustomization(read: FluxRead, expected: ExpectedDelivery): Sighting {
  if (read.kustomization === undefined)
    return { is: 'unknown', reason: 'flux.missing', detail: 'the cluster has no Kustomization of this name' }
  const parsed = kustomizationSchema.safeParse(read.kustomization)
  if (!parsed.success) return { is: 'unknown', reason: 'flux.malformed', detail: issuesText(parsed.error) }
  const facts = factsOf(parsed.data, read, expected)
  return halted(firstAnswer(rules, facts, appliedAndHealthy), facts)
}

const unreadable = 'flux.revision-unreadable'
const always = () => true
const outcomeIs = (word: string) => (facts: Facts) => facts.outcome === word

/** What Ready says of an attempt that failed, and the history too where it was the health check. Not final by itself: the next one may pass. */
const failures = [
  { word: 'HealthCheckFailed', reason: 'flux.health-check-failed' },
  { word: 'BuildFailed', reason: 'flux.build-failed' },
  { word: 'ReconciliationFailed', reason: 'flux.apply-failed' },
  { word: 'PruneFailed', reason: 'flux.prune-failed' },
] as const

/** Read from the top; the first that holds answers. Sources: kustomize-controller v1.9, `kustomization_controller.go`. */
const rules: readonly Rule<Facts>[] = [
  {
    reason: 'flux.being-deleted',
    when: ({ object }) => object.metadata.deletionTimestamp !== undefined,
    gives: unknown(() => 'the Kustomization is being deleted'),
  },
  {
    // What others push there says which commit it is of; that proves nothing of this repository (T46).
    reason: 'flux.source-not-git',
    when: ({ object: { spec } }) => spec.sourceRef.kind !== 'GitRepository',
    gives: unknown(({ object: { spec } }) => {
      const { kind, name } = spec.sourceRef
      const what = `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}, ${name}`
      return `its source is ${what}; only what comes from a GitRepository is proven to be this content`
    }),
  },
  {
    reason: 'flux.source-missing',
    when: ({ source }) => source === undefined,
    gives: unknown(({ object: { spec } }) => `there is no readable ${spec.sourceRef.kind} ${spec.sourceRef.name}`),
  },
  {
    // T46, T64: somebody pointed it elsewhere; whatever its status says, it is not about our overlay.
    reason: 'flux.not-ours',
    when: ({ object, source, expected }) => differencesFromExpected(object, source, expected).length > 0,
    gives: unknown(({ object, source, expected }) => differencesFromExpected(object, source, expected).join('; ')),
  },
  {
    // spec.images is applied after the overlay: what runs is then not what Git says.
    reason: 'flux.images-overridden',
    when: ({ object }) => object.spec.images.length > 0,
    gives: unknown(() => 'spec.images of the Kustomization replaces images of the overlay'),
  },
  {
    // T24: what differs there is not applied, and Ready is said of an image that never was.
    reason: 'flux.images-ignored',
    when: ({ object }) => object.spec.ignore.some(({ paths }) => paths.some(pointerHidesImages)),
    gives: unknown(() => 'spec.ignore of the Kustomization hides images; name the fields that it is meant for'),
  },
  {
    // T24: what is applied is then not what the overlay says, and no gate has seen it.
    reason: 'flux.patched',
    when: ({ object: { spec } }) => spec.patches.length > 0 || spec.components.length > 0,
    gives: unknown(({ object: { spec } }) =>
      spec.patches.length > 0
        ? 'spec.patches of the Kustomization changes what the overlay renders; write the patches into the overlay'
        : 'spec.components of the Kustomization adds to what the overlay renders; name the components in the overlay',
    ),
  },
  {
    // T24: files of another repository lie over those that were judged.
    reason: 'flux.source-included',
    when: ({ source }) => (source?.spec.include.length ?? 0) > 0,
    gives: unknown(() => 'spec.include of its GitRepository mixes files of another repository in'),
  },
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
    reason: unreadable,
    when: ({ applied }) => applied === undefined,
    gives: unknown(({ object }) => `lastAppliedRevision is ${object.status.lastAppliedRevision ?? 'not set'}`),
  },
  {
    // Flux looked last at its interval, which may be long ago (T45).
    reason: 'flux.workload-crashing',
    when: (facts) => facts.diagnosis.isCrashing && !facts.ofUnchecked.hasFailed,
    gives: progressing(({ diagnosis }) => told('', diagnosis)),
  },
  {
    reason: 'flux.workload-failed',
    when: ({ ofUnchecked }) => ofUnchecked.hasFailed,
    gives: (facts, reason) => failed({ ...facts, diagnosis: facts.ofUnchecked }, reason),
  },
  {
    reason: 'flux.workload-progressing',
    when: (facts) => leftToUs(facts).failing.length > 0,
    gives: (facts, reason) =>
      progressing(({ diagnosis }) => told('', diagnosis))({ ...facts, diagnosis: leftToUs(facts) }, reason),
  },
  {
    // T24: it is called applied, and is not.
    reason: 'flux.left-alone',
    when: ({ leftAlone }) => leftAlone.length > 0,
    gives: (facts, reason) =>
      waiting(cut(`Flux leaves alone what somebody told it to in the cluster: ${leftAloneText(facts)}`))(facts, reason),
  },
  {
    reason: 'flux.not-health-checked',
    when: (facts) => unjudgedBecause(facts) !== undefined,
    gives: unknown((facts) => unjudgedBecause(facts) ?? ''),
  },
]

const appliedAndHealthy: Rule<Facts> = {
  reason: 'flux.healthy',
  when: always,
  gives: ({ applied, object, diagnosis: { restartedAt } }, reason) =>
    applied === undefined
      ? { is: 'unknown', reason, detail: 'no revision is applied' }
      : {
          is: 'healthy',
          revision: applied,
          ...healthySince(object),
          ...(restartedAt === undefined ? {} : { restartedAt }),
        },
}

/** While it is held up Flux has not begun to look again, so its last word stands. */
const staysAtRest = ({ holdUp, object }: Facts): boolean => holdUp !== undefined && isAtRest(object)

const isHeldAtRest = (facts: Facts): boolean => facts.holdUp !== 'fetching' && staysAtRest(facts)

/** Nobody else looks while Flux is held up. */
const leftToUs = (facts: Facts) => (isHeldAtRest(facts) ? facts.diagnosis : facts.ofUnchecked)

function isBusy(facts: Facts): boolean {
  return !staysAtRest(facts) && (ready(facts)?.status === 'Unknown' || isTrue(conditions(facts), 'Reconciling'))
}

const leftAloneText = ({ leftAlone }: Facts): string =>
  leftAlone.map(({ entry, words }) => `${refText(entry)} (${words})`).join(', ')

function busyText(facts: Facts): string {
  const words = conditionOf(conditions(facts), 'Reconciling')?.message ?? readyText(facts)
  return told(words, facts.diagnosis)
}
