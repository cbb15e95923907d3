import { applicationSettings } from '../../config/application-settings.ts'
import type { CheckedConfig, Environment } from '../../config/checked-config.ts'
import { applicationsIn, overlayOf, overlayShape } from '../../config/overlay-paths.ts'
import { failureKind } from '../../domain/failures.ts'
import { type Digest, type Sha, type SlotKey, slotKey } from '../../domain/ids.ts'
import type { OverlayRelease } from '../../domain/release.ts'
import { folderOf } from '../../overlays/object-reader.ts'
import { keptKustomizations, reachOf } from '../../overlays/reach.ts'
import { readRelease } from '../../overlays/read-release.ts'
import { ignoreFileName } from '../../overlays/source-ignore.ts'
import type { GitObjects, TreeEntry } from '../../ports/git.ts'
import { severalAtOnce } from '../several-at-once.ts'

/** What one overlay holds in one tree: everything about a slot that Git alone tells. */
export interface OverlayFacts {
  readonly key: SlotKey
  readonly application: string
  readonly environment: string
  readonly overlay: string
  /** Every path that it reaches. */
  readonly paths: ReadonlySet<string>
  /** The folders in which a new file could come to count; its own where it could not be read. */
  readonly folders: readonly string[]
  readonly inputs: Digest | null
  readonly release: OverlayRelease
}

export interface Overlays {
  readonly tree: Sha
  readonly bySlot: ReadonlyMap<SlotKey, OverlayFacts>
}

/** Reads every overlay of a tree; given an earlier reading, only those that the changed paths touch. */
export async function observeOverlays(
  git: GitObjects,
  tree: Sha,
  config: CheckedConfig,
  repositoryName: string,
  earlier: { readonly overlays: Overlays; readonly changed: readonly string[] } | null,
): Promise<Overlays> {
  const isTouched = earlier === null ? () => true : touching(earlier.changed)
  const facts = await severalAtOnce(await placesIn(git, tree, config, repositoryName), async (place) => {
    const known = earlier?.overlays.bySlot.get(place.key)
    // What could not be read may be mended by a path that we never saw it reach.
    const stands = known !== undefined && known.inputs !== null && !isTouched(known)
    return stands ? known : readOverlay(git, tree, config, place)
  })
  return { tree, bySlot: new Map(facts.map((one) => [one.key, one])) }
}

/**
 * Whether a changed path is reached, or lies in the overlay's own folder (where a new file can come to count), or is an
 * ignore file above what is reached, by which Flux may miss it.
 */
export function touching(changed: readonly string[]): (overlay: OverlayFacts) => boolean {
  const paths = new Set(changed)
  const folders = new Set(changed.flatMap(ancestors))
  const ignoring = changed.flatMap((path) => (nameOf(path) === ignoreFileName ? [folderOf(path)] : []))
  return (overlay) => {
    if (overlay.folders.some((folder) => folders.has(folder))) return true
    for (const path of overlay.paths)
      if (paths.has(path) || ignoring.some((folder) => folder === '' || path.startsWith(`${folder}/`))) return true
    return false
  }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const ancestors = (path: string): readonly string[] => {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

interface Place {
  readonly key: SlotKey
  readonly application: string
  readonly environment: string
  readonly overlay: string
}

async function placesIn(
  git: GitObjects,
  tree: Sha,
  config: CheckedConfig,
  repositoryName: string,
): Promise<readonly Place[]> {
  const places: Place[] = []
  for (const environment of config.environments.values()) {
    const applications = await applicationsOf(git, tree, environment, repositoryName)
    const found = await severalAtOnce(applications, async (application): Promise<readonly Place[]> => {
      const overlay = overlayOf(environment, application)
      if ((await whatLiesAt(git, tree, overlay)) === 'nothing') return []
      return [{ key: slotKey(application, environment.name), application, environment: environment.name, overlay }]
    })
    places.push(...found.flat())
  }
  return places
}

async function applicationsOf(
  git: GitObjects,
  tree: Sha,
  environment: Environment,
  repositoryName: string,
): Promise<readonly string[]> {
  const shape = overlayShape(environment.overlay)
  if (shape === undefined) return environment.applications ?? [repositoryName]
  const folder = shape.parent === '' ? { type: 'tree', oid: tree } : await git.entry(tree, shape.parent)
  if (folder?.type !== 'tree') return []
  const names = (await git.tree(folder.oid)).filter((entry) => entry.type === 'tree' || isLink(entry))
  return applicationsIn(
    environment,
    names.map((entry) => entry.path),
  )
}

/**
 * What lies where an overlay is looked for. Argo CD follows symlinks inside the repository and fetches submodules: what is
 * read as nothing would pass for an overlay that was taken away, and everything behind the link would go in unseen (T20).
 */
export async function whatLiesAt(git: GitObjects, tree: Sha, path: string): Promise<'folder' | 'link' | 'nothing'> {
  const there = await git.entry(tree, path)
  if (there?.type === 'tree') return 'folder'
  const names = path.split('/')
  for (const [depth] of names.entries()) {
    const onTheWay = await git.entry(tree, names.slice(0, depth + 1).join('/'))
    if (onTheWay === undefined) return 'nothing'
    if (isLink(onTheWay)) return 'link'
  }
  return 'nothing'
}

const isLink = ({ mode, type }: TreeEntry): boolean => mode === '120000' || type === 'commit'

/** Thousands of overlays share a few bases; what a blob says never changes. */
const kustomizations = keptKustomizations()

export async function readOverlay(
  git: GitObjects,
  tree: Sha,
  config: CheckedConfig,
  place: Place,
): Promise<OverlayFacts> {
  const unread = { ...place, paths: new Set<string>(), folders: [place.overlay], inputs: null }
  try {
    const at = { reader: git, tree, overlay: place.overlay, kept: kustomizations }
    const reach = await reachOf({ ...at, as: config.environments.get(place.environment)?.renderAs ?? 'kustomize' })
    if (reach.is === 'unsupported') {
      return { ...unread, release: { is: 'unreadable', problem: reach.problem } }
    }
    const promotes = applicationSettings(config, place.application).promotes
    const release = await readRelease(at, promotes, reach)
    const paths = new Set(reach.files.map((file) => file.path))
    return { ...place, paths, folders: reach.folders, inputs: reach.inputs, release }
  } catch (error) {
    // The boundary "one slot": an overlay that breaks our reading is set aside and shown, and the others go on (T58).
    if (failureKind(error) !== 'user' && failureKind(error) !== 'bug') throw error
    const detail = error instanceof Error ? error.message : String(error)
    const problem = { reason: 'release.unreadable', file: place.overlay, detail }
    return { ...unread, release: { is: 'unreadable', problem } }
  }
}
