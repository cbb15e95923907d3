import { failureReason } from '../../domain/failures.ts'
import type { Sha } from '../../domain/ids.ts'
import type { GitObjects } from '../../ports/git.ts'

/** A tree of a dozen objects can hold more paths than there is memory for, and one process looks after many repositories (T22). */
export const mostPaths = 100_000

/** The paths that differ between two commits or trees, sorted; null where they are more than are looked at. */
export async function pathsBetween(git: GitObjects, before: Sha, after: Sha): Promise<readonly string[] | null> {
  try {
    return (await git.changes(before, after, mostPaths)).map((change) => change.path)
  } catch (error) {
    if (failureReason(error) !== 'git.too-many-changes') throw error
    return null
  }
}
