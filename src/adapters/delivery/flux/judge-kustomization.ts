import type { ObjectRef, Sighting } from '../../../domain/health.ts'
import type { Sha } from '../../../domain/ids.ts'
import type { ExpectedDelivery } from '../../../ports/delivery.ts'
import { conditionOf, isTrue } from '../kube-object.ts'
import { cut, firstAnswer, issuesText, type Rule, unknown } from '../rules.ts'
import { behind, diagnosisText } from '../workloads/diagnose.ts'
import { infrastructureIn, objectsIn } from '../workloads/message-causes.ts'
import { differencesFromExpected } from './is-ours.ts'
import { kustomizationSchema } from './kustomization.ts'
import {
  areWorkloadsJudged,
  type KustomizationFacts as Facts,
  type FluxRead,
  factsOf,
  isUnchecked,
} from './kustomization-facts.ts'
import { healthySince } from './outcome.ts'

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

/** What is applied goes on being judged while its source cannot be fetched; but whoever waits for a newer one waits in vain. */
function halted(sighting: Sighting, facts: Facts): Sighting {
  if (sighting.is === 'unknown' || sighting.is === 'waiting' || !isUnfetched(facts)) return sighting
  return { ...sighting, halted: { reason: unfetched, detail: cut(sourceText(facts)) } }
}

const conditions = ({ object }: Facts) => object.status.conditions
const ready = (facts: Facts) => conditionOf(conditions(facts), 'Ready')
const readyText = (facts: Facts): string => ready(facts)?.message ?? ''

const waiting =
  (detail: string) =>
  (facts: Facts, reason: string): Sighting => ({ is: 'waiting', ...revisionOf(facts.applied), reason, detail })

const progressing =
  (detail: (facts: Facts) => string) =>
  (facts: Facts, reason: string): Extract<Sighting, { is: 'progressing' }> => ({
    is: 'progressing',
    ...revisionOf(facts.applied),
    reason,
    detail: cut(detail(facts)),
    ...behind(facts.diagnosis),
  })

/** Of the attempted revision; an attempt at what cannot be read as a commit proves nothing. */
const failed =
  (is: { readonly final: (facts: Facts) => boolean; readonly infrastructure?: string }) =>
  (facts: Facts, reason: string): Sighting => {
    const revision = facts.attempted ?? facts.applied
    if (revision === undefined) return unknown(() => 'it failed at a revision that is no commit')(facts, unreadable)
    const infrastructure = is.infrastructure ?? facts.diagnosis.infrastructure ?? infrastructureIn(readyText(facts))
    return {
      is: 'failed',
      revision,
      reason,
      detail: cut([readyText(facts), diagnosisText(facts.diagnosis)].filter((text) => text !== '').join(' | ')),
      final: is.final(facts),
      objects: failingObjects(facts),
      ...(infrastructure === undefined ? {} : { infrastructure }),
    }
  }

const unreadable = 'flux.revision-unreadable'
const unfetched = 'flux.source-not-fetched'
const never = () => false
const always = () => true
const outcomeIs = (word: string) => (facts: Facts) => facts.outcome === word

/** The pods' owners tell best; without the right to read them, what Flux names in its message. */
const failingObjects = (facts: Facts): readonly ObjectRef[] =>
  facts.diagnosis.failing.length > 0 ? facts.diagnosis.failing.map(({ object }) => object) : objectsIn(readyText(facts))

/** Read from the top; the first that holds answers. Sources: kustomize-controller v1.9, `kustomization_controller.go`. */
const rules: readonly Rule<Facts>[] = [
  {
    reason: 'flux.being-deleted',
    when: ({ object }) => object.metadata.deletionTimestamp !== undefined,
    gives: unknown(() => 'the Kustomization is being deleted'),
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
    reason: 'flux.source-suspended',
    when: ({ source }) => source?.spec.suspend === true,
    gives: waiting('its GitRepository is suspended'),
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
  { reason: 'flux.stalled', when: (facts) => isTrue(conditions(facts), 'Stalled'), gives: failed({ final: always }) },
  {
    // "Cannot fetch" says nothing about what runs.
    reason: unfetched,
    when: outcomeIs('ArtifactFailed'),
    gives: progressing(sourceText),
  },
  {
    // Before anything of the new revision was tried.
    reason: 'flux.dependency-not-ready',
    when: outcomeIs('DependencyNotReady'),
    gives: failed({ final: never, infrastructure: 'a Kustomization that it depends on is not ready' }),
  },
  {
    reason: 'flux.health-check-cancelled',
    when: outcomeIs('HealthCheckCanceled'),
    gives: progressing(() => 'the health check was given up for a newer revision'),
  },
  {
    // Not final by itself, the next retry may pass; unless a workload says that it has given up.
    reason: 'flux.health-check-failed',
    when: outcomeIs('HealthCheckFailed'),
    gives: failed({ final: (facts) => facts.diagnosis.final || readyText(facts).includes('stalled resources') }),
  },
  { reason: 'flux.build-failed', when: outcomeIs('BuildFailed'), gives: failed({ final: never }) },
  { reason: 'flux.apply-failed', when: outcomeIs('ReconciliationFailed'), gives: failed({ final: never }) },
  { reason: 'flux.prune-failed', when: outcomeIs('PruneFailed'), gives: failed({ final: never }) },
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
    when: (facts) => ready(facts)?.status !== 'True' || facts.outcome !== 'ReconciliationSucceeded',
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
    when: (facts) => facts.diagnosis.isCrashing && !(isUnchecked(facts) && facts.diagnosis.final),
    gives: progressing(({ diagnosis }) => diagnosisText(diagnosis)),
  },
  {
    reason: 'flux.workload-failed',
    when: (facts) => isUnchecked(facts) && facts.diagnosis.final,
    gives: failed({ final: always }),
  },
  {
    reason: 'flux.workload-progressing',
    when: (facts) => isUnchecked(facts) && facts.diagnosis.failing.length > 0,
    gives: progressing(({ diagnosis }) => diagnosisText(diagnosis)),
  },
  {
    reason: 'flux.not-health-checked',
    when: (facts) => isUnchecked(facts) && !areWorkloadsJudged(facts),
    gives: unknown(
      () => 'the Kustomization has neither `wait: true` nor healthChecks, and its workloads cannot be judged',
    ),
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

function isBusy(facts: Facts): boolean {
  return ready(facts)?.status === 'Unknown' || isTrue(conditions(facts), 'Reconciling')
}

function busyText(facts: Facts): string {
  const words = conditionOf(conditions(facts), 'Reconciling')?.message ?? readyText(facts)
  return [words, diagnosisText(facts.diagnosis)].filter((text) => text !== '').join(' | ')
}

const isUnfetched = (facts: Facts): boolean =>
  conditionOf(facts.source?.status.conditions, 'Ready')?.status === 'False' || facts.outcome === 'ArtifactFailed'

function sourceText(facts: Facts): string {
  const words = conditionOf(facts.source?.status.conditions, 'Ready')
  return words?.status === 'False' ? words.message : readyText(facts)
}

const revisionOf = (revision: Sha | undefined) => (revision === undefined ? {} : { revision })
