import { LRUCache } from 'lru-cache'
import { digestOf } from '../domain/hash.ts'
import type { Digest, Sha } from '../domain/ids.ts'
import { checkPath } from './check-path.ts'
import { leftOut } from './left-out.ts'
import { type Consumer, joinPath, type OverlayAt } from './object-reader.ts'
import { kustomizationNames } from './own-kustomization.ts'
import { type Refusal, refusal } from './problem.ts'
import type { ReadKustomization } from './read-kustomization.ts'
import { ignoreFileName, patternText } from './source-ignore.ts'
import { follow, kustomizationIn, type ReachedFile, type Walk } from './walk.ts'
import { walkFolder } from './walk-kustomizations.ts'
import { walkPlainManifests } from './walk-plain-manifests.ts'

export interface Reached {
  readonly is: 'reached'
  /** Sorted by path. */
  readonly files: readonly ReachedFile[]
  /** Folders whose kustomization was followed; a file that comes into one of them may change what is rendered. */
  readonly folders: readonly string[]
  /** Of every byte that the overlay renders from, and of nothing else. */
  readonly inputs: Digest
  /** The overlay's own kustomization file; null where the consumer makes one up. */
  readonly kustomization: string | null
}

export type Reach = Reached | Refusal

/** Parsed kustomizations by blob id: thousands of overlays share a few bases. */
export type KeptKustomizations = LRUCache<Sha, ReadKustomization>
export const keptKustomizations = (max = 10_000): KeptKustomizations => new LRUCache<Sha, ReadKustomization>({ max })

/**
 * Finds every file that an overlay renders from, by a static walk that opens nothing but kustomizations, and refuses
 * what could reach outside of the repository or run something (T18–T22), with file and line.
 */
export async function reachOf(
  at: OverlayAt & { readonly as?: Consumer; readonly kept?: KeptKustomizations },
): Promise<Reach> {
  const walk: Walk = {
    ...at,
    as: at.as ?? 'kustomize',
    kept: at.kept ?? keptKustomizations(),
    files: new Map(),
    loads: new Map(),
    ignores: new Map(),
  }
  const own = checkPath('', at.overlay === '' ? '.' : at.overlay, 1)
  if (own.is === 'refused') return refusal(at.overlay, own.complaint)
  const refused = await walkOverlay(walk, own.path)
  if (refused !== undefined) return refused
  const files = [...walk.files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const hidden = twinIn(files) ?? (walk.as === 'flux' ? await leftOutOf(walk, files) : undefined)
  if (hidden !== undefined) return hidden
  const kustomization = files.find((file) => isKustomizationOf(own.path, file.path))?.path ?? null
  const inputs = digestOf(JSON.stringify(files.map(({ path, oid, mode }) => [path, oid, mode])))
  return { is: 'reached', files, folders: [...walk.loads.keys()], inputs, kustomization }
}

async function walkOverlay(walk: Walk, overlay: string): Promise<Refusal | undefined> {
  const entry = await follow(walk, overlay, { file: overlay })
  if ('is' in entry) return entry
  if (entry.type !== 'tree')
    return refusal(overlay, { reason: 'render.no-overlay', detail: 'the overlay is not a folder' })
  const overridden = walk.as === 'flux' ? undefined : await argoOverride(walk, overlay, entry.oid)
  if (overridden !== undefined) return overridden
  const found = await kustomizationIn(walk, overlay)
  if ('is' in found) return found
  const isGenerated = found.entry === undefined && walk.as === 'flux'
  if (!isGenerated) return walkFolder(walk, overlay, { file: overlay }, [])
  walk.loads.set(overlay, 1)
  return walkPlainManifests(walk, overlay, 0)
}

/**
 * Files that no kustomization names, and by which Argo CD renders something else (T24): one takes the place of images and
 * patches and tells nobody, the other makes a chart of the folder, by the end of its name alone (argo-cd `reposerver/repository/
 * repository.go`, `mergeSourceParameters`, and `util/app/discovery/discovery.go`). Only Flux is known not to look at them.
 */
async function argoOverride(walk: Walk, overlay: string, tree: Sha): Promise<Refusal | undefined> {
  const names = (await walk.reader.tree(tree)).map((entry) => entry.path)
  const found = names.find((name) => name.startsWith('.argocd-source') || name.endsWith('Chart.yaml'))
  if (found === undefined) return undefined
  const detail = found.endsWith('Chart.yaml')
    ? 'Argo CD may take the folder for a Helm chart by this file; keep charts elsewhere'
    : 'Argo CD overrides the kustomization by this file; write what it says into the kustomization'
  return refusal(joinPath(overlay, found), { reason: 'render.consumer-override', detail })
}

/** Two paths that a file system may take for one would render whichever was written last. */
function twinIn(files: readonly ReachedFile[]): Refusal | undefined {
  const seen = new Map<string, string>()
  for (const { path } of files) {
    const folded = path.normalize('NFC').toLowerCase()
    const twin = seen.get(folded)
    if (twin !== undefined) {
      return refusal(path, {
        reason: 'render.bad-name',
        detail: `${path} differs from ${twin} only in case or accents`,
      })
    }
    seen.set(folded, path)
  }
  return undefined
}

/** A kustomization that is left out would be made up, and a file that it names is missed: Flux builds another thing, or nothing. */
async function leftOutOf(walk: Walk, files: readonly ReachedFile[]): Promise<Refusal | undefined> {
  for (const { path } of files) {
    const by = await leftOut(walk, path)
    if (by === undefined) continue
    if ('is' in by) return by
    const at = by.line === 0 ? { file: path } : { file: joinPath(by.folder, ignoreFileName), line: by.line }
    const detail = `Flux leaves ${path} out of what it builds from, by ${patternText(by)}`
    return refusal(at.file, { ...at, reason: 'render.left-out', detail })
  }
  return undefined
}

const isKustomizationOf = (overlay: string, path: string): boolean =>
  kustomizationNames.some((name) => joinPath(overlay, name) === path)
