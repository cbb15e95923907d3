import type { Sighting } from '../../../domain/health.ts'
import type { ExpectedDelivery } from '../../../ports/delivery.ts'
import { pointerHidesImages } from '../hidden-images.ts'
import { firstAnswer, issuesText, type Rule, unknown } from '../rules.ts'
import { appliedAndHealthy, healthRules } from './health-rules.ts'
import { differencesFromExpected } from './is-ours.ts'
import { kustomizationSchema } from './kustomization.ts'
import { type KustomizationFacts as Facts, type FluxRead, factsOf } from './kustomization-facts.ts'
import { leavesAllAlone } from './left-alone.ts'
import { reconcileRules } from './reconcile-rules.ts'
import { halted, waiting } from './sighting-of.ts'

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

/** Whether its word is about our overlay, and nothing else. */
const overlayRules: readonly Rule<Facts>[] = [
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
    // T24: Ready is said of a revision of which nothing was applied.
    reason: 'flux.left-alone',
    when: ({ object }) => leavesAllAlone(object) !== undefined,
    gives: (facts, reason) =>
      waiting(
        `spec.commonMetadata of the Kustomization says ${leavesAllAlone(facts.object)}; somebody has to take that away`,
      )(facts, reason),
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
]

/** Read from the top; the first that holds answers. Sources: kustomize-controller v1.9, `kustomization_controller.go`. */
const rules: readonly Rule<Facts>[] = [...overlayRules, ...reconcileRules, ...healthRules]
