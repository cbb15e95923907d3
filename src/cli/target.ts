import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { UserError } from '../domain/failures.ts'

export type Target =
  | { readonly is: 'checkout'; readonly folder: string }
  | { readonly is: 'remote'; readonly owner: string; readonly name: string }

/** What somebody means by a word: a folder that is there, else `owner/name` at the forge. `./x` is always a folder. */
export function targetOf(word: string, workingFolder: string): Target {
  const folder = resolve(workingFolder, word)
  const there = statSync(folder, { throwIfNoEntry: false })
  if (there?.isDirectory()) return { is: 'checkout', folder }
  if (there !== undefined)
    throw new UserError('target.unknown', `${JSON.stringify(word)} is no folder; name the one that it is in`)
  const named = repositoryName(word)
  if (named === null || word.startsWith('.'))
    throw new UserError('target.unknown', `${JSON.stringify(word)} is neither a folder that is there nor owner/name`)
  return { is: 'remote', ...named }
}

export function repositoryName(word: string): { readonly owner: string; readonly name: string } | null {
  const [, owner, name] = /^([\w-]+)\/([\w.-]+)$/.exec(word) ?? []
  return owner === undefined || name === undefined ? null : { owner, name }
}
