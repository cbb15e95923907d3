import { type Sha, toSha } from '../../../domain/ids.ts'
import type { Commits, TreeEdit } from '../../../ports/forge/commits.ts'
import type { Access } from './access.ts'
import { ForgeRefusal, isUncertain, unlessRefused } from './failures.ts'

export function githubCommits({ octokit, owner, repo }: Access): Commits {
  const here = { owner, repo }
  const headOf = async (branch: string): Promise<Sha | undefined> => {
    const answer = await unlessRefused([404], octokit.rest.git.getRef({ ...here, ref: `heads/${branch}` }))
    return answer && toSha(answer.data.object.sha)
  }
  /** The branch itself says what became of a call that was refused or not answered. */
  const settled = async (call: Promise<unknown>, branch: string, commit: Sha): Promise<'done' | 'lost-race'> => {
    try {
      await call
      return 'done'
    } catch (error) {
      const isConflict = error instanceof ForgeRefusal && [404, 409, 422].includes(error.status)
      if (!isConflict && !isUncertain(error)) throw error
      const head = await headOf(branch)
      if (head === commit) return 'done'
      // Refused although it is not there: not a race but a rule, or a commit that the forge does not know.
      if (head === undefined) throw error
      // Not answered, and not done: whether it comes still is for the next round to see.
      if (!isConflict) throw error
      return 'lost-race'
    }
  }

  return {
    create: async ({ baseTree, edits, parents, message }) => {
      // Trees and commits are named by content and seen by nobody until a branch holds them: sent again, they do no harm.
      const tree = await octokit.rest.git.createTree({ ...here, base_tree: baseTree, tree: edits.map(entryOf) })
      // No author and no committer: only then GitHub signs the commit as our App's.
      const commit = await octokit.rest.git.createCommit({
        ...here,
        message,
        tree: tree.data.sha,
        parents: [...parents],
      })
      return toSha(commit.data.sha)
    },
    createBranch: (branch, commit) =>
      settled(octokit.rest.git.createRef({ ...here, ref: `refs/heads/${branch}`, sha: commit }), branch, commit),
    moveBranch: (branch, commit) =>
      settled(
        octokit.rest.git.updateRef({ ...here, ref: `heads/${branch}`, sha: commit, force: false }),
        branch,
        commit,
      ),
    deleteBranch: async (branch) => {
      try {
        await unlessRefused([404], octokit.rest.git.deleteRef({ ...here, ref: `heads/${branch}` }))
      } catch (error) {
        // GitHub says 422 of a branch that is not there.
        const isUnclear = isUncertain(error) || (error instanceof ForgeRefusal && error.status === 422)
        if (!isUnclear || (await headOf(branch)) !== undefined) throw error
      }
    },
  }
}

type Mode = '100644' | '100755' | '040000' | '160000' | '120000'
const types = { '040000': 'tree', '160000': 'commit', '100644': 'blob', '100755': 'blob', '120000': 'blob' } as const

const isMode = (mode: string): mode is Mode => mode in types

function entryOf(edit: TreeEdit) {
  if ('removed' in edit) return { path: edit.path, mode: '100644' as const, type: 'blob' as const, sha: null }
  if (!isMode(edit.mode)) throw new TypeError(`not a mode of Git: ${edit.mode}`)
  const place = { path: edit.path, mode: edit.mode, type: types[edit.mode] }
  return 'oid' in edit ? { ...place, sha: edit.oid as string } : { ...place, content: edit.text }
}
