import { failureReason } from '../domain/failures.ts'
import type { Sha } from '../domain/ids.ts'
import type { TreeEntry } from '../ports/git.ts'
import { checkPath } from './check-path.ts'
import { joinPath } from './object-reader.ts'
import { kustomizationNames } from './own-kustomization.ts'
import { type Refusal, refusal } from './problem.ts'
import { type ReadKustomization, type Reference, readKustomization } from './read-kustomization.ts'
import { addFile, at, follow, kustomizationIn, maxDepth, type NamedAt, type Walk } from './walk.ts'

/** How often kustomize would load a kustomization, repetitions counted: ten by ten components are 10^10 loads (T22). */
const maxLoads = 1_000

/** Follows a kustomization and all that it names, each folder once. */
export async function walkFolder(
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
