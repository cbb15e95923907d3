import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { askGit } from './run-git.ts'

export const noCommit = '0'.repeat(40)

export interface Ref {
  readonly ref: string
  readonly oid: string
}

/** Reads the loose file: the sandbox's repositories never pack their refs, and a file is 100 times cheaper than a process. */
export async function readRef(dir: string, ref: string): Promise<string | undefined> {
  if (!isSafeRef(ref)) return undefined
  const text = await readFile(join(dir, ref), 'utf8').catch(absent)
  return text?.trim() === '' ? undefined : text?.trim()
}

/** All refs below a prefix, sorted by name. */
export async function listRefs(dir: string, prefix = 'refs/heads/'): Promise<readonly Ref[]> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/'))
  const files = await readdir(join(dir, folder), { recursive: true, withFileTypes: true }).catch(absent)
  const names = (files ?? [])
    .filter((file) => file.isFile() && !file.name.endsWith('.lock'))
    .map((file) => join(file.parentPath, file.name).slice(dir.length + 1))
    .filter((ref) => ref.startsWith(prefix))
    .sort()
  const refs = await Promise.all(names.map(async (ref) => ({ ref, oid: (await readRef(dir, ref)) ?? '' })))
  return refs.filter(({ oid }) => oid !== '')
}

export type RefWrite = { readonly ref: string; readonly before: string; readonly after: string }

/** Compare-and-swap of one ref; `noCommit` stands for absent. */
export async function writeRef(dir: string, { ref, before, after }: RefWrite): Promise<'done' | 'lost-race'> {
  const words = after === noCommit ? ['update-ref', '-d', ref, before] : ['update-ref', ref, after, before]
  return (await askGit(dir, words)).code === 0 ? 'done' : 'lost-race'
}

/** `git check-ref-format`, as far as it matters for names that come by the API. */
export function isSafeRef(ref: string): boolean {
  return (
    /^refs\/[^/]+\/./.test(ref) &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a ref name must not hold
    !/\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|[\s~^:?*[\\\x00-\x1f\x7f]|[/.]$/.test(ref)
  )
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (!['ENOENT', 'EISDIR', 'ENOTDIR'].includes(error.code ?? '')) throw error
  return undefined
}
