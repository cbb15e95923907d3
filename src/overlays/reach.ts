import { LRUCache } from 'lru-cache'
import { failureReason } from '../domain/failures.ts'
import { digestOf } from '../domain/hash.ts'
import type { Digest, Sha } from '../domain/ids.ts'
import type { TreeEntry } from '../ports/git.ts'
import { checkPath, isPlainName } from './check-path.ts'
import { type Consumer, joinPath, type OverlayAt } from './object-reader.ts'
import { kustomizationNames } from './own-kustomization.ts'
import { type Refusal, refusal } from './problem.ts'
import { type ReadKustomization, type Reference, readKustomization } from './read-kustomization.ts'

export interface ReachedFile {
  readonly path: string
  readonly oid: Sha
  readonly mode: string
}

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

const maxFiles = 2_000
const maxDepth = 20
/** How often kustomize would load a kustomization, repetitions counted: ten by ten components are 10^10 loads (T22). */
const maxLoads = 1_000

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
  }
  const own = checkPath('', at.overlay === '' ? '.' : at.overlay, 1)
  if (own.is === 'refused') return refusal(at.overlay, own.complaint)
  const refused = await walkOverlay(walk, own.path)
  if (refused !== undefined) return refused
  const files = [...walk.files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const twins = twinIn(files)
  if (twins !== undefined) return twins
  const kustomization = files.find((file) => isKustomizationOf(own.path, file.path))?.path ?? null
  const inputs = digestOf(JSON.stringify(files.map(({ path, oid, mode }) => [path, oid, mode])))
  return { is: 'reached', files, folders: [...walk.loads.keys()], inputs, kustomization }
}

interface Walk extends OverlayAt {
  readonly as: Consumer
  readonly kept: KeptKustomizations
  readonly files: Map<string, ReachedFile>
  /** How many loads each folder costs, itself included. */
  readonly loads: Map<string, number>
}

/** Where a path was named: the file and line that a refusal points to. */
interface NamedAt {
  readonly file: string
  readonly line?: number
}

async function walkOverlay(walk: Walk, overlay: string): Promise<Refusal | undefined> {
  const entry = await follow(walk, overlay, { file: overlay })
  if ('is' in entry) return entry
  if (entry.type !== 'tree')
    return refusal(overlay, { reason: 'render.no-overlay', detail: 'the overlay is not a folder' })
  const overridden = walk.as === 'argo-cd' ? await argoOverride(walk, overlay, entry.oid) : undefined
  if (overridden !== undefined) return overridden
  const found = await kustomizationIn(walk, overlay)
  if ('is' in found) return found
  const isGenerated = found.entry === undefined && walk.as === 'flux'
  if (!isGenerated) return walkFolder(walk, overlay, { file: overlay }, [])
  walk.loads.set(overlay, 1)
  return walkPlainManifests(walk, overlay, 0)
}

/** Argo CD takes images and patches from such a file over those of the kustomization, and tells nobody (T24). */
async function argoOverride(walk: Walk, overlay: string, tree: Sha): Promise<Refusal | undefined> {
  const found = (await walk.reader.tree(tree)).find((entry) => entry.path.startsWith('.argocd-source'))
  if (found === undefined) return undefined
  const detail = 'Argo CD overrides the kustomization by this file; write what it says into the kustomization'
  return refusal(joinPath(overlay, found.path), { reason: 'render.consumer-override', detail })
}

/** Flux makes up a kustomization of every manifest below, and of each subfolder that has a kustomization of its own. */
async function walkPlainManifests(walk: Walk, folder: string, depth: number): Promise<Refusal | undefined> {
  if (depth > maxDepth)
    return refusal(folder, { reason: 'render.too-large', detail: `folders nest more than ${maxDepth} levels` })
  const tree = folder === '' ? undefined : await walk.reader.entry(walk.tree, folder)
  for (const entry of await walk.reader.tree(tree?.oid ?? walk.tree)) {
    const path = joinPath(folder, entry.path)
    const refused = await walkPlainEntry(walk, path, entry, depth)
    if (refused !== undefined) return refused
  }
  return undefined
}

async function walkPlainEntry(walk: Walk, path: string, entry: TreeEntry, depth: number): Promise<Refusal | undefined> {
  const isManifest = /\.ya?ml$/.test(entry.path) && entry.path !== '.sops.yaml'
  if (entry.type === 'blob' && !isManifest) return undefined
  const unfit = unfitEntry(path, { ...entry, path }, { file: path })
  if (unfit !== undefined) return unfit
  if (entry.type === 'blob') return addFile(walk, path, entry, { file: path })
  const found = await kustomizationIn(walk, path)
  if ('is' in found) return found
  if (found.entry !== undefined) return walkFolder(walk, path, { file: path }, [])
  return walkPlainManifests(walk, path, depth + 1)
}

async function walkFolder(
  walk: Walk,
  folder: string,
  named: NamedAt,
  above: readonly string[],
): Promise<Refusal | undefined> {
  if (above.includes(folder)) {
    return refusal(named.file, {
      ...at(named),
      reason: 'render.cycle',
      detail: `${[...above, folder].join(' → ')} is a circle`,
    })
  }
  if (walk.loads.has(folder)) return undefined
  if (above.length >= maxDepth) {
    return refusal(named.file, {
      ...at(named),
      reason: 'render.too-large',
      detail: `bases nest more than ${maxDepth} levels`,
    })
  }
  const found = await kustomizationIn(walk, folder)
  if ('is' in found) return found
  if (found.entry === undefined) {
    const detail = `${folder} holds none of ${kustomizationNames.join(', ')}`
    return refusal(named.file, { ...at(named), reason: 'render.no-kustomization', detail })
  }
  return walkKustomization(walk, folder, found.entry, above)
}

async function walkKustomization(
  walk: Walk,
  folder: string,
  entry: TreeEntry,
  above: readonly string[],
): Promise<Refusal | undefined> {
  const file = joinPath(folder, entry.path)
  const added = addFile(walk, file, entry, { file })
  if (added !== undefined) return added
  const read = await kustomizationOf(walk, entry.oid)
  if (read.is === 'broken') return refusal(file, read.complaint)
  let loads = 1
  for (const reference of read.references) {
    const followed = await walkReference(walk, folder, file, reference, [...above, folder])
    if (typeof followed !== 'number') return followed
    loads += followed
    if (loads > maxLoads) {
      const detail = `kustomize would load more than ${maxLoads} kustomizations for it`
      return refusal(file, { reason: 'render.too-large', line: reference.line, detail })
    }
  }
  walk.loads.set(folder, loads)
  return undefined
}

/** The number of loads that the reference costs. */
async function walkReference(
  walk: Walk,
  folder: string,
  file: string,
  { path: written, to, line }: Reference,
  above: readonly string[],
): Promise<Refusal | number> {
  const named = { file, line }
  const checked = checkPath(folder, written, line)
  if (checked.is === 'refused') return refusal(file, checked.complaint)
  const entry = await follow(walk, checked.path, named)
  if ('is' in entry) return entry
  if (entry.type === 'blob' && to !== 'folder') {
    return outsideOwnRoot(walk, folder, checked.path, named) ?? addFile(walk, checked.path, entry, named) ?? 0
  }
  if (entry.type === 'tree' && to !== 'file') {
    return (await walkFolder(walk, checked.path, named, above)) ?? walk.loads.get(checked.path) ?? 1
  }
  const detail = `${checked.path} is a ${entry.type === 'tree' ? 'folder' : 'file'}, not a ${to === 'file' ? 'file' : 'folder'}`
  return refusal(file, { reason: 'render.broken-yaml', line, detail })
}

/** As kustomize restricts it: files only from at or below their kustomization's folder. Flux allows the whole repository. */
function outsideOwnRoot(walk: Walk, folder: string, path: string, named: NamedAt): Refusal | undefined {
  if (walk.as === 'flux' || folder === '' || path.startsWith(`${folder}/`)) return undefined
  const detail = `${path} lies outside of ${folder}; kustomize takes files only from a kustomization's own folder`
  return refusal(named.file, { ...at(named), reason: 'render.outside-folder', detail })
}

async function kustomizationIn(
  walk: Walk,
  folder: string,
): Promise<{ readonly entry: TreeEntry | undefined } | Refusal> {
  const found: TreeEntry[] = []
  for (const name of kustomizationNames) {
    const entry = await walk.reader.entry(walk.tree, joinPath(folder, name))
    if (entry !== undefined) found.push({ ...entry, path: name })
  }
  const [entry, second] = found
  if (entry === undefined) return { entry }
  const file = joinPath(folder, entry.path)
  if (second !== undefined) {
    return refusal(file, {
      reason: 'render.two-kustomizations',
      detail: `${second.path} lies beside it; kustomize wants one`,
    })
  }
  return unfitEntry(file, { ...entry, path: file }, { file }) ?? { entry }
}

async function kustomizationOf(walk: Walk, oid: Sha): Promise<ReadKustomization> {
  const known = walk.kept.get(oid)
  if (known !== undefined) return known
  const read = await readBounded(walk, oid)
  walk.kept.set(oid, read)
  return read
}

async function readBounded(walk: Walk, oid: Sha): Promise<ReadKustomization> {
  try {
    return readKustomization(await walk.reader.blob(oid))
  } catch (error) {
    if (failureReason(error) !== 'git.blob-too-large') throw error
    return {
      is: 'broken',
      complaint: { reason: 'render.too-large', detail: 'the file is too large for a kustomization' },
    }
  }
}

/** Goes down the path name by name, so that a symlink or submodule on the way is seen as what it is. */
async function follow(walk: Walk, path: string, named: NamedAt): Promise<TreeEntry | Refusal> {
  let entry: TreeEntry = { mode: '040000', type: 'tree', oid: walk.tree, path: '' }
  for (const name of path === '' ? [] : path.split('/')) {
    const here = joinPath(entry.path, name)
    const next = entry.type === 'tree' ? await walk.reader.entry(entry.oid, name) : undefined
    if (next === undefined) {
      return refusal(named.file, { ...at(named), reason: 'render.missing-file', detail: `${here} does not exist` })
    }
    entry = { ...next, path: here }
    const unfit = unfitEntry(here, entry, named)
    if (unfit !== undefined) return unfit
  }
  return entry
}

/** What kustomize would follow out of the repository, or what is not in it. */
function unfitEntry(path: string, entry: TreeEntry, named: NamedAt): Refusal | undefined {
  const refuse = (reason: string, detail: string) => refusal(named.file, { ...at(named), reason, detail })
  if (entry.mode === '120000') return refuse('render.symlink', `${path} is a symbolic link`)
  if (entry.type === 'commit') return refuse('render.submodule', `${path} is a submodule`)
  if (!isPlainName(path))
    return refuse('render.bad-name', `${JSON.stringify(path)} is not a name that a file here may have`)
  return undefined
}

function addFile(walk: Walk, path: string, entry: TreeEntry, named: NamedAt): Refusal | undefined {
  walk.files.set(path, { path, oid: entry.oid, mode: entry.mode })
  if (walk.files.size <= maxFiles) return undefined
  return refusal(named.file, {
    ...at(named),
    reason: 'render.too-large',
    detail: `it reaches more than ${maxFiles} files`,
  })
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

const isKustomizationOf = (overlay: string, path: string): boolean =>
  kustomizationNames.some((name) => joinPath(overlay, name) === path)

const at = ({ line }: NamedAt): { readonly line?: number } => (line === undefined ? {} : { line })
