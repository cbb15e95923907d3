import { writeCommit } from '../git/commits.ts'
import { mergeTrees } from '../git/history.ts'
import { noCommit, readRef, writeRef } from '../git/refs.ts'
import type { Mergeability, Pull } from '../model/repository.ts'
import { forgeSignature } from '../model/signatures.ts'
import type { Actor, Repository, World } from '../model/world.ts'
import { violationsOfMerge } from '../rules/judge-merge.ts'

/**
 * As GitHub does it: nobody knows at first, the first question starts the work, and a later one hears the answer. Known for
 * the pair of commits only.
 */
export async function mergeableState(
  world: World,
  repository: Repository,
  pull: Pull,
  actor: Actor,
): Promise<{ readonly mergeable: boolean | null; readonly state: string }> {
  if (pull.state === 'closed') return { mergeable: null, state: 'unknown' }
  const known = await knownMergeability(repository, pull)
  if (known === undefined) {
    world.background.start(() => workOutMergeability(world, repository, pull))
    return { mergeable: null, state: 'unknown' }
  }
  if (!known.mergeable) return { mergeable: false, state: 'dirty' }
  if (pull.draft) return { mergeable: true, state: 'draft' }
  const violations = await violationsOfMerge(world, { repository, pull, actor, door: 'auto-merge', method: 'merge' })
  return { mergeable: true, state: violations.length > 0 ? 'blocked' : 'clean' }
}

async function knownMergeability(repository: Repository, pull: Pull): Promise<Mergeability | undefined> {
  const base = await readRef(repository.dir, `refs/heads/${pull.base}`)
  const known = pull.mergeability
  return known?.base === base && known?.head === pull.head ? known : undefined
}

/** Merges for trial and keeps the result in `refs/pull/N/merge`. */
export async function workOutMergeability(
  world: World,
  repository: Repository,
  pull: Pull,
): Promise<Mergeability | undefined> {
  const base = await readRef(repository.dir, `refs/heads/${pull.base}`)
  const { head } = pull
  if (base === undefined) return undefined
  const merge = await mergeTrees(repository.dir, base, head)
  const testMerge =
    merge.is === 'merged' ? await writeTestMerge(world, repository, pull, [base, head], merge.tree) : null
  pull.mergeability = { base, head, mergeable: testMerge !== null, testMerge }
  return pull.mergeability
}

async function writeTestMerge(
  world: World,
  repository: Repository,
  pull: Pull,
  parents: readonly string[],
  tree: string,
): Promise<string> {
  const by = forgeSignature(world)
  const message = `Merge ${parents[1]} into ${parents[0]}`
  const commit = await writeCommit(repository.objects, { tree, parents, author: by, committer: by, message })
  const ref = `refs/pull/${pull.number}/merge`
  await writeRef(repository.dir, { ref, before: (await readRef(repository.dir, ref)) ?? noCommit, after: commit })
  return commit
}
