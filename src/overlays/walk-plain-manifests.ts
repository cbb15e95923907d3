import type { TreeEntry } from '../ports/git.ts'
import { leftOut } from './left-out.ts'
import { joinPath } from './object-reader.ts'
import { type Refusal, refusal } from './problem.ts'
import { addFile, kustomizationIn, maxDepth, unfitEntry, type Walk } from './walk.ts'
import { walkFolder } from './walk-kustomizations.ts'

/**
 * Flux makes up a kustomization of every manifest below that its artifact holds, and of each subfolder that has a
 * kustomization of its own.
 */
export async function walkPlainManifests(walk: Walk, folder: string, depth: number): Promise<Refusal | undefined> {
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
  if (entry.type === 'blob' && !/\.ya?ml$/.test(entry.path)) return undefined
  const by = entry.type === 'blob' ? await leftOut(walk, path) : undefined
  if (by !== undefined) return 'is' in by ? by : undefined
  const unfit = unfitEntry(path, { ...entry, path }, { file: path })
  if (unfit !== undefined) return unfit
  if (entry.type === 'blob') return addFile(walk, path, entry, { file: path })
  const found = await kustomizationIn(walk, path)
  if ('is' in found) return found
  if (found.entry !== undefined) return walkFolder(walk, path, { file: path }, [])
  return walkPlainManifests(walk, path, depth + 1)
}
