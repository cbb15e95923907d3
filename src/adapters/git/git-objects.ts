import { LRUCache } from 'lru-cache'
import { UserError } from '../../domain/failures.ts'
import { type Sha, toSha } from '../../domain/ids.ts'
import type { Commit, GitObjects, MergeResult, TreeEntry } from '../../ports/git.ts'
import { changedPaths } from './changed-paths.ts'
import { expectGit, type GitPlace, gitFailed, runGit } from './git-process.ts'
import { assertSha, type ObjectStore } from './object-store.ts'

const defaultMaxBlobBytes = 4 * 1024 * 1024
const answersKept = 10_000

/** Reads of one store. `store` is asked for at each call, since a broken mirror is replaced under us. */
export function gitObjects(place: GitPlace, store: () => ObjectStore): GitObjects {
  const ancestry = new LRUCache<string, boolean>({ max: answersKept })
  const merges = new LRUCache<string, MergeResult>({ max: answersKept })
  const commitsOf = (oids: string) =>
    Promise.all(
      oids
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => store().commit(toSha(line))),
    )
  return {
    commit: (oid) => store().commit(oid),
    tree: async (treeish) => (await store().tree(treeish)).entries,
    entry: (treeish, path) => entryAt(store(), treeish, path),
    blob: (oid, maxBytes = defaultMaxBlobBytes) => store().blob(oid, maxBytes),
    changes: (before, after, most = Infinity) => changedPaths(store(), before, after, most),
    isAncestor: (ancestor, descendant) =>
      remembered(ancestry, `${ancestor} ${descendant}`, () => askIsAncestor(place, store(), ancestor, descendant)),
    async firstParents(head, { until, limit } = {}) {
      await assertHeld(store(), until === undefined ? [head] : [head, until])
      const near = until === undefined || limit !== undefined ? undefined : await lineDownTo(store(), head, until)
      if (near !== undefined) return near
      const range = until === undefined ? [head] : [head, `^${until}`]
      const bound = limit === undefined ? [] : [`--max-count=${limit}`]
      return commitsOf(
        await expectGit(place, ['rev-list', '--first-parent', ...bound, '--end-of-options', ...range, '--']),
      )
    },
    async history(head, paths, limit) {
      await assertHeld(store(), [head])
      const args = ['rev-list', '--first-parent', `--max-count=${limit}`, '--end-of-options', head, '--', ...paths]
      return commitsOf(await expectGit(place, args))
    },
    mergeResult: (base, head) => remembered(merges, `${base} ${head}`, () => askMerge(place, store(), base, head)),
  }
}

/** Objects never change, so an answer about two ids holds for ever. */
async function remembered<T extends {}>(kept: LRUCache<string, T>, key: string, ask: () => Promise<T>): Promise<T> {
  const known = kept.get(key)
  if (known !== undefined) return known
  const answer = await ask()
  kept.set(key, answer)
  return answer
}

async function entryAt(store: ObjectStore, treeish: Sha, path: string): Promise<TreeEntry | undefined> {
  let at: Sha = treeish
  const names = path.split('/')
  for (const [depth, name] of names.entries()) {
    const found = (await store.tree(at)).byName.get(name)
    if (found === undefined) return undefined
    if (depth === names.length - 1) return { ...found, path }
    if (found.type !== 'tree') return undefined
    at = found.oid
  }
  return undefined
}

async function askIsAncestor(place: GitPlace, store: ObjectStore, ancestor: Sha, descendant: Sha): Promise<boolean> {
  await assertHeld(store, [ancestor, descendant])
  if ((await lineDownTo(store, descendant, ancestor)) !== undefined) return true
  const args = ['merge-base', '--is-ancestor', ancestor, descendant]
  const result = await runGit(place, args)
  if (result.exitCode > 1) throw gitFailed(args, result)
  return result.exitCode === 0
}

/** Between two looks lie a few commits: following them costs no process. */
const nearCommits = 64

/**
 * The first-parent line from `head` down to `until`, which is left out; undefined where that does not lie near on it, which
 * says nothing: git is asked then.
 */
async function lineDownTo(store: ObjectStore, head: Sha, until: Sha): Promise<readonly Commit[] | undefined> {
  const line: Commit[] = []
  for (let at: Sha | undefined = head; at !== until; at = line.at(-1)?.parents[0]) {
    if (at === undefined || line.length === nearCommits) return undefined
    line.push(await store.commit(at))
  }
  return line
}

async function askMerge(place: GitPlace, store: ObjectStore, base: Sha, head: Sha): Promise<MergeResult> {
  await assertHeld(store, [base, head])
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', '--end-of-options', base, head]
  const result = await runGit(place, args)
  const [tree = '', ...paths] = result.stdout.split('\0')
  if (result.exitCode === 0) return { is: 'clean', tree: toSha(tree) }
  if (result.exitCode === 1) return { is: 'conflict', paths: paths.filter((path) => path !== '') }
  // Without a common ancestor nothing can be merged, by the forge neither.
  const related = await runGit(place, ['merge-base', base, head])
  if (related.exitCode === 1) return { is: 'conflict', paths: [] }
  throw gitFailed(args, result)
}

/** So that an unknown commit is said in one way, whichever command would stumble over it. */
async function assertHeld(store: ObjectStore, oids: readonly Sha[]): Promise<void> {
  for (const oid of oids) {
    assertSha(oid)
    const type = await store.typeOf(oid)
    if (type !== 'commit') throw new UserError('git.missing-object', `object ${oid} is a ${type}, not a commit`)
  }
}
