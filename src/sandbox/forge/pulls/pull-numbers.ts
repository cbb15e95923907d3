import { changedFiles, commitsBetween, mergeBase } from '../git/history.ts'
import type { Pull } from '../model/repository.ts'
import type { Actor, Repository, World } from '../model/world.ts'
import type { Json } from '../views/account.ts'
import { fullPullView, type PullNumbers } from '../views/pull.ts'
import { mergeableState } from './mergeability.ts'

type Counted = Pick<PullNumbers, 'commits' | 'additions' | 'deletions' | 'changedFiles'>
const counted = new WeakMap<Pull, { readonly key: string; readonly numbers: Counted }>()

export async function wholePullView(world: World, repository: Repository, pull: Pull, actor: Actor): Promise<Json> {
  const { mergeable, state } = await mergeableState(world, repository, pull, actor)
  return fullPullView(world, repository, pull, {
    ...(await countOf(repository, pull)),
    mergeable,
    mergeableState: state,
  })
}

/** Commits and changed lines between the base as it was and the head; counted once for each pair. */
export async function countOf(repository: Repository, pull: Pull): Promise<Counted> {
  const key = `${pull.baseSha}..${pull.head}`
  const known = counted.get(pull)
  if (known?.key === key) return known.numbers
  const base = await mergeBase(repository.dir, pull.baseSha, pull.head)
  const files = await changedFiles(repository.dir, base, pull.head)
  const numbers = {
    commits: (await commitsBetween(repository.dir, base, pull.head)).length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changedFiles: files.length,
  }
  counted.set(pull, { key, numbers })
  return numbers
}
