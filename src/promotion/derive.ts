import { applicationSettings } from '../config/application-settings.ts'
import type { CheckedConfig, Environment } from '../config/checked-config.ts'
import { overlayOf } from '../config/overlay-paths.ts'
import { partsOfSlot, type Sha, type SlotKey } from '../domain/ids.ts'
import { type OverlayProblem, type Release, releaseOf } from '../domain/release.ts'
import { mayPassByItself } from '../domain/rendered.ts'
import { type Bringing, bringRelease, type OverlayEdits } from '../overlays/edit-overlay.ts'
import { takeBack } from '../overlays/take-back.ts'
import { imageNames, renamesIn, unmatchedImage } from '../overlays/unmatched-image.ts'
import type { TreeEdit } from '../ports/forge/commits.ts'
import type { RepositoryPorts } from './repository-ports.ts'
import type { PromotionRecord } from './snapshot.ts'
import { treeWith } from './tree-with.ts'

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
  const edits = await editsThatBring(ports, bringing, described.renderAs)
  const unmatched = await unmatchedIn(ports, base, { overlay, as: described.renderAs, edits, release: wish.release })
  return unmatched === undefined ? derivedFrom(edits) : { is: 'problem', problem: unmatched }
}

/** The base may name an image that the overlay has no entry for yet; only rendering tells that from a dead entry. */
async function editsThatBring(ports: Ports, bringing: Bringing, as: Environment['renderAs']): Promise<OverlayEdits> {
  const first = await bringRelease(bringing)
  if (first.is !== 'unsupported' || first.problem.reason !== 'release.image-unmatched') return first
  const targetImages = await imagesWithoutThem(ports, bringing, as)
  if ('reason' in targetImages) return { is: 'unsupported', problem: targetImages }
  const renamed = await renamesIn({ reader: ports.git, ...bringing.to, as })
  return await bringRelease({ ...bringing, targetImages, renamed })
}

/**
 * An entry that is there already may match nothing: what is written into it would pass for what runs there. What cannot be
 * rendered for good is the gates' to deny; where the tool failed nobody knows, and it is asked again.
 */
async function unmatchedIn(
  { git, renderer }: Ports,
  base: Sha,
  made: {
    readonly overlay: string
    readonly as: Environment['renderAs']
    readonly edits: OverlayEdits
    readonly release: Release
  },
): Promise<OverlayProblem | undefined> {
  const { overlay, as, edits, release } = made
  if (edits.is !== 'edits') return undefined
  const changed = new Set(edits.changed.map(({ part }) => part))
  const images = Object.fromEntries(
    Object.entries(release.parts.images).filter(([name]) => changed.has(`image ${name}`)),
  )
  if (Object.keys(images).length === 0) return undefined
  const tree = await treeWith(git, base, edits.edits)
  const rendering = await renderer.render(git, tree, overlay, as)
  if (rendering.is === 'rendered') return unmatchedImage({ reader: git, tree, overlay }, images, rendering.objects)
  return mayPassByItself(rendering.problem) ? rendering.problem : undefined
}

const derivedFrom = (edits: OverlayEdits): Derived => {
  if (edits.is === 'unsupported') return { is: 'problem', problem: edits.problem }
  return edits.edits.length === 0 ? { is: 'nothing' } : { is: 'edits', edits: edits.edits }
}

/** What the target renders once it has all of the release but the images: a tree may bring what one of them is for. */
async function imagesWithoutThem(
  { git, renderer }: Ports,
  bringing: Bringing,
  as: Environment['renderAs'],
): Promise<readonly string[] | OverlayProblem> {
  const { to, release } = bringing
  const rest = await bringRelease({ ...bringing, release: releaseOf({ ...release.parts, images: {} }) })
  if (rest.is === 'unsupported') return rest.problem
  const tree = await treeWith(git, to.tree, rest.edits)
  const rendering = await renderer.render(git, tree, to.overlay, as)
  if (rendering.is === 'rendered') return imageNames(rendering.objects)
  return mayPassByItself(rendering.problem) ? rendering.problem : []
}

const gone = (environment: string): Derived => ({
  is: 'problem',
  problem: {
    reason: 'config.environment-gone',
    file: '.sluice',
    detail: `no Environment manifest describes ${environment}`,
  },
})
