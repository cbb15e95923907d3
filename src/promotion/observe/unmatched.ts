import type { CheckedConfig } from '../../config/checked-config.ts'
import type { Digest, Sha, SlotKey } from '../../domain/ids.ts'
import type { OverlayProblem, OverlayRelease } from '../../domain/release.ts'
import { mayPassByItself } from '../../domain/rendered.ts'
import { unmatchedImage } from '../../overlays/unmatched-image.ts'
import type { Folded } from '../../state/fold.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import { severalAtOnce } from '../several-at-once.ts'
import type { GitFacts } from './git-facts.ts'
import type { OverlayFacts } from './overlays.ts'

/** Per slot the content that was rendered, and why its health says nothing of its release; null where it does. */
export type Unmatched = ReadonlyMap<SlotKey, { readonly inputs: Digest; readonly problem: OverlayProblem | null }>

/**
 * Renders what came to a slot since it is under a manifest, once per content: what it renders mostly was when its pull request was
 * judged. What is on record as healthy was rendered before it was recorded, so a restart renders little; and what was there from the
 * beginning is rendered where a gate asks for it (`whyUnmatched`), not in thousands of slots at once.
 */
export async function observeUnmatched(
  ports: Pick<RepositoryPorts, 'git' | 'renderer'>,
  git: GitFacts,
  folded: Folded,
  known: Unmatched,
): Promise<Unmatched> {
  const slots = [...git.overlays.bySlot.values()]
  const kept = slots.flatMap((facts) => keptOf(known, facts) ?? [])
  const asked = slots.filter((facts) => keptOf(known, facts) === undefined && isNews(facts, git.originals, folded))
  const found = await severalAtOnce(asked, async (facts) => {
    const problem = (await whyUnmatched(ports, git.base, git.config.checked, facts)) ?? null
    return [facts.key, { inputs: facts.inputs as Digest, problem }] as const
  })
  return new Map([...kept, ...found])
}

function keptOf(known: Unmatched, { key, inputs }: OverlayFacts) {
  const before = known.get(key)
  if (before === undefined || before.inputs !== inputs) return undefined
  return before.problem !== null && mayPassByItself(before.problem) ? undefined : ([[key, before]] as const)
}

function isNews(
  { key, inputs, release }: OverlayFacts,
  originals: GitFacts['originals'],
  { witnessed }: Folded,
): boolean {
  if (inputs === null || release.is !== 'pinned' || release.release.id === originals.get(key)?.id) return false
  const seen = witnessed.get(key)?.find((one) => one.release === release.release.id)
  return seen?.healthy.some((span) => span.inputs === inputs) !== true
}

/** Why what is seen of a slot is no evidence for its release: a digest of it is rendered nowhere, or nobody can know. */
export async function whyUnmatched(
  { git, renderer }: Pick<RepositoryPorts, 'git' | 'renderer'>,
  tree: Sha,
  config: CheckedConfig,
  slot: { readonly environment: string; readonly overlay: string; readonly release: OverlayRelease },
): Promise<OverlayProblem | undefined> {
  const { environment, overlay, release } = slot
  if (release.is !== 'pinned' || Object.keys(release.release.parts.images).length === 0) return undefined
  const rendering = await renderer.render(
    git,
    tree,
    overlay,
    config.environments.get(environment)?.renderAs ?? 'kustomize',
  )
  if (rendering.is === 'unsupported') return rendering.problem
  return unmatchedImage({ reader: git, tree, overlay }, release.release.parts.images, rendering.objects)
}
