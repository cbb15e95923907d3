import { failureReason } from '../domain/failures.ts'
import { joinPath } from './object-reader.ts'
import { type Refusal, refusal } from './problem.ts'
import { foldersAbove, type IgnorePattern, ignoreFileName, leavesOut, parseIgnoreFile } from './source-ignore.ts'
import { unfitEntry, type Walk } from './walk.ts'

/** Go reads no line that is longer, and what stands after it would not count. */
const maxBytes = 64 * 1024

/** The pattern by which Flux leaves a file out of what it builds from; a refusal where that cannot be told. */
export async function leftOut(walk: Walk, path: string): Promise<IgnorePattern | Refusal | undefined> {
  const patterns: IgnorePattern[] = []
  for (const folder of foldersAbove(path)) {
    const here = walk.ignores.get(folder) ?? (await patternsIn(walk, folder))
    if ('is' in here) return here
    walk.ignores.set(folder, here)
    patterns.push(...here)
  }
  return leavesOut(path, patterns)
}

async function patternsIn(walk: Walk, folder: string): Promise<readonly IgnorePattern[] | Refusal> {
  const file = joinPath(folder, ignoreFileName)
  const entry = await walk.reader.entry(walk.tree, file)
  if (entry === undefined || entry.type === 'tree') return []
  const unfit = unfitEntry(file, { ...entry, path: file }, { file })
  if (unfit !== undefined) return unfit
  try {
    return parseIgnoreFile(folder, new TextDecoder().decode(await walk.reader.blob(entry.oid, maxBytes)))
  } catch (error) {
    if (failureReason(error) !== 'git.blob-too-large') throw error
    return refusal(file, { reason: 'render.too-large', detail: `it is larger than ${maxBytes} bytes` })
  }
}
