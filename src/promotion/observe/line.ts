import { failureReason } from '../../domain/failures.ts'
import type { Sha } from '../../domain/ids.ts'
import type { Commit, GitObjects } from '../../ports/git.ts'

/**
 * The commits after `from` on the first-parent line of `base`, newest first. Null where `from` does not lie on that line: the
 * branch was rewritten, or what it held was merged in from the side, which leaves all of it an ancestor and takes back
 * whatever the commit wants (T15).
 */
export async function lineSince(git: GitObjects, from: Sha, base: Sha): Promise<readonly Commit[] | null> {
  if (from === base) return []
  try {
    const line = await git.firstParents(base, { until: from })
    return line.at(-1)?.parents[0] === from ? line : null
  } catch (error) {
    // Not even the object is left: nothing on any branch holds it.
    if (failureReason(error) === 'git.missing-object') return null
    throw error
  }
}
