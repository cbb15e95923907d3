import type { Sighting } from '../../../domain/health.ts'
import type { ExpectedDelivery } from '../../../ports/delivery.ts'
import { firstAnswer, issuesText, type Rule, unknown } from '../rules.ts'
import { applicationSchema, sourcesOf } from './application.ts'
import {
  type ArgoRead,
  componentsOf,
  type OverlayFacts as Facts,
  overlayFactsOf,
  patchesOf,
  sourceTypeOf,
} from './application-facts.ts'
import { childrenOf } from './children.ts'
import { healthRules, notKnown } from './health-rules.ts'
import { hidesImages } from './ignored-images.ts'
import { differencesFromExpected, otherSources, sourcesText } from './is-ours.ts'
import { objectRules, syncRules } from './sync-rules.ts'

/** What one read of an Application shows. Pure; it speaks of the commit that Argo CD compared with. */
export function judgeApplication(read: ArgoRead, expected: ExpectedDelivery): Sighting {
  if (read.application === undefined)
    return { is: 'unknown', reason: 'argo.missing', detail: 'the cluster has no Application of this name' }
  const parsed = applicationSchema.safeParse(read.application)
  if (!parsed.success) return { is: 'unknown', reason: 'argo.malformed', detail: issuesText(parsed.error) }
  const children = childrenOf(parsed.data, read)
  return firstAnswer(rules, overlayFactsOf(parsed.data, read, expected, children), notKnown)
}

/** Whether it applies our overlay, and nothing else. */
const overlayRules: readonly Rule<Facts>[] = [
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
]

/** Read from the top; the first that holds answers. Sources: argo-cd v3.5 `controller/appcontroller.go` and `state.go`. */
const rules: readonly Rule<Facts>[] = [...objectRules, ...overlayRules, ...syncRules, ...healthRules]
