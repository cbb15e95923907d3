import { LRUCache } from 'lru-cache'
import { askGit, type GitAnswer, runGit } from './run-git.ts'

const answers = new LRUCache<string, Promise<GitAnswer>>({ max: 5_000 })
const isWholeId = (word: string): boolean => /^[0-9a-f]{40}$/.test(word)

/** What git says of these commits or trees, asked once: of whole ids the answer never changes. A fault is asked again. */
function askOnce(dir: string, words: readonly string[], ids: readonly string[]): Promise<GitAnswer> {
  const asked = () => askGit(dir, [...words, ...ids])
  if (!ids.every(isWholeId)) return asked()
  const key = [dir, ...words, ...ids].join(' ')
  const known = answers.get(key)
  if (known !== undefined) return known
  const answer = asked()
  answers.set(key, answer)
  const forget = () => answers.delete(key)
  answer.then(({ code }) => code > 1 && forget(), forget)
  return answer
}

export async function isAncestor(dir: string, ancestor: string, of: string): Promise<boolean> {
  return ancestor === of || (await askOnce(dir, ['merge-base', '--is-ancestor'], [ancestor, of])).code === 0
}

export async function mergeBase(dir: string, a: string, b: string): Promise<string | undefined> {
  const answer = await askOnce(dir, ['merge-base'], [a, b])
  return answer.code === 0 ? answer.stdout.trim() : undefined
}

/** Newest first. */
export async function commitsBetween(
  dir: string,
  base: string | undefined,
  head: string,
  limit = 10_000,
): Promise<readonly string[]> {
  const range = base === undefined ? [head] : [head, `^${base}`]
  const text = await runGit(dir, ['rev-list', '--topo-order', `--max-count=${limit}`, ...range])
  return text.split('\n').filter((line) => line !== '')
}

/** The commits that changed a path, newest first. */
export async function commitsOfPath(dir: string, head: string, path: string): Promise<readonly string[]> {
  const text = await runGit(dir, ['rev-list', '--max-count=1000', head, '--', path])
  return text.split('\n').filter((line) => line !== '')
}

export type MergeResult = { readonly is: 'merged'; readonly tree: string } | { readonly is: 'conflict' }

export async function mergeTrees(dir: string, base: string, head: string): Promise<MergeResult> {
  const answer = await askOnce(dir, ['merge-tree', '--write-tree', '--no-messages'], [base, head])
  const tree = answer.stdout.split('\n')[0] ?? ''
  if (answer.code === 0) return { is: 'merged', tree }
  if (answer.code === 1) return { is: 'conflict' }
  throw new Error(`git merge-tree ended with ${answer.code}: ${answer.stderr}`)
}

export interface FileChange {
  readonly path: string
  readonly previousPath?: string
  readonly status: 'added' | 'removed' | 'modified' | 'renamed'
  readonly oid: string
  readonly additions: number
  readonly deletions: number
}

const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
const letters = { A: 'added', D: 'removed', R: 'renamed' } as const
const isKnownLetter = (letter: string): letter is keyof typeof letters => letter in letters

/** What changed from one tree to another, sorted by path. */
export async function changedFiles(dir: string, from: string | undefined, to: string): Promise<readonly FileChange[]> {
  const words = ['diff-tree', '-r', '-M', '-z', '--raw', '--numstat']
  const answer = await askOnce(dir, words, [from ?? emptyTree, to])
  if (answer.code !== 0) throw new Error(`git diff-tree ended with ${answer.code}: ${answer.stderr}`)
  const fields = answer.stdout.split('\0').values()
  const next = () => fields.next().value ?? ''
  const counts = new Map<string, { additions: number; deletions: number }>()
  const changes: Omit<FileChange, 'additions' | 'deletions'>[] = []
  for (const field of fields) {
    if (field.startsWith(':')) changes.push(changeOf(field, next))
    else if (field !== '') counts.set(...countOf(field, next))
  }
  return changes.map((change) => ({ ...change, ...(counts.get(change.path) ?? { additions: 0, deletions: 0 }) }))
}

/** `:mode mode oid oid R100`, then the path, of a rename the old one before it. */
function changeOf(field: string, next: () => string): Omit<FileChange, 'additions' | 'deletions'> {
  const [, , , oid = '', letter = ''] = field.split(' ')
  const key = letter.charAt(0)
  const status = isKnownLetter(key) ? letters[key] : 'modified'
  const path = next()
  return status === 'renamed' ? { previousPath: path, path: next(), status, oid } : { path, status, oid }
}

/** `added deleted path` by tabs; of a rename the path is empty and the old and the new one follow. */
function countOf(field: string, next: () => string): [string, { additions: number; deletions: number }] {
  const [added, deleted, path = ''] = field.split('\t')
  const paths = path === '' ? [next(), next()] : [path]
  return [paths.at(-1) ?? '', { additions: Number(added) || 0, deletions: Number(deleted) || 0 }]
}

/** The hunks of each file, without the headers above them, as the API's `patch` holds them. */
export async function patches(dir: string, from: string | undefined, to: string): Promise<ReadonlyMap<string, string>> {
  const text = await runGit(dir, ['-c', 'core.quotePath=false', 'diff-tree', '-r', '-M', '-p', from ?? emptyTree, to])
  const found = new Map<string, string>()
  for (const part of text.split(/^diff --git /m).slice(1)) {
    const path = /^\+\+\+ b\/(.*?)\t?$/m.exec(part)?.[1] ?? /^--- a\/(.*?)\t?$/m.exec(part)?.[1]
    const hunk = part.search(/^@@ /m)
    if (path !== undefined && hunk !== -1) found.set(path, part.slice(hunk).replace(/\n$/, ''))
  }
  return found
}
