import type { LRUCache } from 'lru-cache'
import type { Sha } from '../domain/ids.ts'
import type { TreeEntry } from '../ports/git.ts'
import { isPlainName } from './check-path.ts'
import { type Consumer, joinPath, type OverlayAt } from './object-reader.ts'
import { kustomizationNames } from './own-kustomization.ts'
import { type Refusal, refusal } from './problem.ts'
import type { ReadKustomization } from './read-kustomization.ts'
import type { IgnorePattern } from './source-ignore.ts'

export interface ReachedFile {
  readonly path: string
  readonly oid: Sha
  readonly mode: string
}

export interface Walk extends OverlayAt {
  readonly as: Consumer
  /** By blob id. */
  readonly kept: LRUCache<Sha, ReadKustomization>
  readonly files: Map<string, ReachedFile>
  /** How many loads each folder costs, itself included. */
  readonly loads: Map<string, number>
  /** What the ignore files say that were read, by folder. */
  readonly ignores: Map<string, readonly IgnorePattern[]>
}

/** Where a path was named: the file and line that a refusal points to. */
export interface NamedAt {
  readonly file: string
  readonly line?: number
}

export const maxDepth = 20
const maxFiles = 2_000

/** Goes down the path name by name, so that a symlink or submodule on the way is seen as what it is. */
export async function follow(walk: Walk, path: string, named: NamedAt): Promise<TreeEntry | Refusal> {
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

export async function kustomizationIn(
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

/** What kustomize would follow out of the repository, or what is not in it. */
export function unfitEntry(path: string, entry: TreeEntry, named: NamedAt): Refusal | undefined {
  const refuse = (reason: string, detail: string) => refusal(named.file, { ...at(named), reason, detail })
  if (entry.mode === '120000') return refuse('render.symlink', `${path} is a symbolic link`)
  if (entry.type === 'commit') return refuse('render.submodule', `${path} is a submodule`)
  if (!isPlainName(path))
    return refuse('render.bad-name', `${JSON.stringify(path)} is not a name that a file here may have`)
  return undefined
}

export function addFile(walk: Walk, path: string, entry: TreeEntry, named: NamedAt): Refusal | undefined {
  walk.files.set(path, { path, oid: entry.oid, mode: entry.mode })
  if (walk.files.size <= maxFiles) return undefined
  return refusal(named.file, {
    ...at(named),
    reason: 'render.too-large',
    detail: `it reaches more than ${maxFiles} files`,
  })
}

export const at = ({ line }: NamedAt): { readonly line?: number } => (line === undefined ? {} : { line })
