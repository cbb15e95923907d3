import PQueue from 'p-queue'
import type { CheckedConfig } from '../config/checked-config.ts'
import type { ReleaseId, Sha } from '../domain/ids.ts'
import { type OverlayProblem, pinnedIn } from '../domain/release.ts'
import type { RenderedObject } from '../domain/rendered.ts'
import { unmatchedImage } from '../overlays/unmatched-image.ts'
import type { GitObjects } from '../ports/git.ts'
import type { Renderer } from '../ports/render.ts'
import { type OverlayFacts, observeOverlays } from '../promotion/observe/overlays.ts'
import { readSlotAt } from '../promotion/observe/records.ts'

export interface SlotReader {
  readonly git: GitObjects
  readonly renderer: Renderer
}

/** What one slot holds, held before, and whether its consumer could render it. */
export interface SlotFacts extends OverlayFacts {
  readonly rendering: 'rendered' | OverlayProblem
  /** References of the images that it renders. */
  readonly images: readonly string[]
  /** An entry of its `images` that matches none of them. */
  readonly unmatched?: OverlayProblem
  /** Releases that it held before, as far back as was looked. */
  readonly before: ReadonlySet<ReleaseId>
}

/** In commits that changed what the overlay reaches. */
const lookBack = 30
const atOnce = 4

export async function readSlots(
  reader: SlotReader,
  commit: Sha,
  config: CheckedConfig,
  repositoryName: string,
  onProgress: (done: number, all: number) => void,
): Promise<readonly SlotFacts[]> {
  const { bySlot } = await observeOverlays(reader.git, commit, config, repositoryName, null)
  const queue = new PQueue({ concurrency: atOnce })
  let done = 0
  return queue.addAll(
    [...bySlot.values()].map((overlay) => async () => {
      const facts = await factsOf(reader, commit, config, overlay)
      onProgress(++done, bySlot.size)
      return facts
    }),
  )
}

async function factsOf(
  reader: SlotReader,
  commit: Sha,
  config: CheckedConfig,
  overlay: OverlayFacts,
): Promise<SlotFacts> {
  if (overlay.release.is === 'unreadable')
    return { ...overlay, rendering: overlay.release.problem, images: [], before: new Set() }
  const as = config.environments.get(overlay.environment)?.renderAs ?? 'kustomize'
  const rendering = await reader.renderer.render(reader.git, commit, overlay.overlay, as)
  const at = { reader: reader.git, tree: commit, overlay: overlay.overlay }
  const named = pinnedIn(overlay.release)?.parts.images ?? {}
  const unmatched = rendering.is === 'rendered' ? await unmatchedImage(at, named, rendering.objects) : undefined
  return {
    ...overlay,
    rendering: rendering.is === 'rendered' ? 'rendered' : rendering.problem,
    images: rendering.is === 'rendered' ? imagesIn(rendering.objects) : [],
    ...(unmatched === undefined ? {} : { unmatched }),
    before: await releasesBefore(reader.git, commit, config, overlay),
  }
}

const imagesIn = (objects: readonly RenderedObject[]): readonly string[] =>
  [...new Set(objects.flatMap(({ images }) => images))].toSorted()

async function releasesBefore(git: GitObjects, commit: Sha, config: CheckedConfig, overlay: OverlayFacts) {
  const found = new Set<ReleaseId>()
  for (const { oid } of await git.history(commit, [overlay.overlay, ...overlay.paths], lookBack)) {
    const then = await readSlotAt(git, oid, overlay.key, config)
    if (then?.release.is === 'pinned') found.add(then.release.release.id)
  }
  return found
}
