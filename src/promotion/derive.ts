import { applicationSettings } from '../config/application-settings.ts'
import type { CheckedConfig, Environment } from '../config/checked-config.ts'
import { overlayOf } from '../config/overlay-paths.ts'
import { partsOfSlot, type Sha, type SlotKey } from '../domain/ids.ts'
import type { OverlayProblem, Release } from '../domain/release.ts'
import { bringRelease, type OverlayEdits } from '../overlays/edit-overlay.ts'
import { takeBack } from '../overlays/take-back.ts'
import type { TreeEdit } from '../ports/forge/commits.ts'
import type { RepositoryPorts } from './repository-ports.ts'
import type { PromotionRecord } from './snapshot.ts'

/** What is to be written for a slot: the same wish and base always give the same edits. */
export type Wish =
  /** `from` is the overlay that runs it now, where its tags are read; they are decoration and no part of a release. */
  | { readonly is: 'bring'; readonly slot: SlotKey; readonly release: Release; readonly from: string | null }
  /** What the promotion merged as `merge` over `parent` set goes back to what it was. */
  | { readonly is: 'take-back'; readonly slot: SlotKey; readonly merge: Sha; readonly parent: Sha }

export const takeBackOf = ({ slot, merge, parent }: PromotionRecord): Wish => ({ is: 'take-back', slot, merge, parent })

export type Derived =
  | { readonly is: 'edits'; readonly edits: readonly TreeEdit[] }
  /** The slot holds it already. */
  | { readonly is: 'nothing' }
  | { readonly is: 'problem'; readonly problem: OverlayProblem }

type Ports = Pick<RepositoryPorts, 'git' | 'renderer'>

/** The edits that fulfil a wish on the tree of a commit of the default branch. */
export async function derive(ports: Ports, config: CheckedConfig, base: Sha, wish: Wish): Promise<Derived> {
  const { application, environment } = partsOfSlot(wish.slot)
  const described = config.environments.get(environment)
  if (described === undefined) return gone(environment)
  const overlay = overlayOf(described, application)
  const { promotes } = applicationSettings(config, application)
  if (wish.is === 'take-back') {
    const before = { before: wish.parent, after: wish.merge, now: base }
    return derivedFrom(await takeBack({ reader: ports.git, promotes, overlay, ...before }))
  }
  const to = { tree: base, overlay }
  const bringing = {
    reader: ports.git,
    promotes,
    release: wish.release,
    from: { ...to, overlay: wish.from ?? overlay },
    to,
  }
  const edits = await bringRelease(bringing)
  const isUnmatched = edits.is === 'unsupported' && edits.problem.reason === 'release.image-unmatched'
  if (!isUnmatched) return derivedFrom(edits)
  // The base may name an image that the overlay has no entry for yet; only rendering tells that from a dead entry.
  const targetImages = await renderedImages(ports, base, overlay, described.renderAs)
  return derivedFrom(await bringRelease({ ...bringing, targetImages }))
}

const derivedFrom = (edits: OverlayEdits): Derived => {
  if (edits.is === 'unsupported') return { is: 'problem', problem: edits.problem }
  return edits.edits.length === 0 ? { is: 'nothing' } : { is: 'edits', edits: edits.edits }
}

async function renderedImages({ git, renderer }: Ports, tree: Sha, overlay: string, as: Environment['renderAs']) {
  const rendering = await renderer.render(git, tree, overlay, as)
  const images = rendering.is === 'rendered' ? rendering.objects.flatMap((object) => object.images) : []
  return [...new Set(images.map(imageName))]
}

/** As kustomize matches it: what stands in front of tag and digest, to the letter. */
function imageName(image: string): string {
  const [name = ''] = image.split('@')
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
}

const gone = (environment: string): Derived => ({
  is: 'problem',
  problem: {
    reason: 'config.environment-gone',
    file: '.sluice',
    detail: `no Environment manifest describes ${environment}`,
  },
})
