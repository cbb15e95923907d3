import { readCommit, writeCommit } from '../git/commits.ts'
import { commitsBetween, mergeTrees } from '../git/history.ts'
import { readRef, writeRef } from '../git/refs.ts'
import type { MergeMethod, Pull } from '../model/repository.ts'
import { forgeSignature, signatureOf } from '../model/signatures.ts'
import type { Actor, Author, Repository, World } from '../model/world.ts'
import type { Door } from '../rules/bypass.ts'
import { violationsOfMerge } from '../rules/judge-merge.ts'
import { announcePull } from './announce-pull.ts'
import { afterRefChange } from './change-ref.ts'
import { markMerged } from './close-pull.ts'

export interface WantedMerge {
  readonly repository: Repository
  readonly pull: Pull
  readonly by: Author
  readonly door: Door
  readonly method: MergeMethod
  readonly title?: string | undefined
  readonly message?: string | undefined
}
export type MergeOutcome =
  | { readonly is: 'merged'; readonly commit: string }
  | { readonly is: 'conflict' | 'lost-race' | 'unmergeable' }
  | { readonly is: 'refused'; readonly violations: readonly string[] }

/** Merges as the forge does it by its merge call: rules first, then a real three-way merge, then everything that follows. */
export async function mergePull(world: World, wanted: WantedMerge): Promise<MergeOutcome> {
  const { repository, pull, by } = wanted
  if (pull.state === 'closed' || pull.draft || wanted.method === 'rebase') return { is: 'unmergeable' }
  const violations = await violationsOfMerge(world, { ...wanted, actor: by satisfies Actor })
  if (violations.length > 0) return { is: 'refused', violations }
  const ref = `refs/heads/${pull.base}`
  const base = await readRef(repository.dir, ref)
  if (base === undefined) return { is: 'unmergeable' }
  const merge = await mergeTrees(repository.dir, base, pull.head)
  if (merge.is === 'conflict') return { is: 'conflict' }
  const commit = await writeMerge(world, wanted, base, merge.tree)
  const write = { ref, before: base, after: commit }
  if ((await writeRef(repository.dir, write)) === 'lost-race') return { is: 'lost-race' }
  // Marked before anybody follows the branch, who would count it as merged by a push.
  markMerged(world, pull, by.account, commit)
  await afterRefChange(world, repository, by.account, write)
  await announcePull(world, repository, pull, { action: 'closed', sender: by.account })
  return { is: 'merged', commit }
}

async function writeMerge(world: World, wanted: WantedMerge, base: string, tree: string): Promise<string> {
  const { repository, pull, by, method } = wanted
  const commit = await writeCommit(repository.objects, {
    tree,
    parents: method === 'squash' ? [base] : [base, pull.head],
    author: signatureOf(world, method === 'squash' ? pull.by : by.account),
    committer: forgeSignature(world),
    message: await messageOf(wanted, base),
  })
  repository.verified.add(commit)
  return commit
}

async function messageOf(wanted: WantedMerge, base: string): Promise<string> {
  const { pull, method, repository } = wanted
  const from = `${pull.headRepository.owner.login}/${pull.headBranch}`
  const title =
    wanted.title ??
    (method === 'squash' ? `${pull.title} (#${pull.number})` : `Merge pull request #${pull.number} from ${from}`)
  const message = wanted.message ?? (method === 'squash' ? await squashed(repository, base, pull.head) : pull.title)
  return message === '' ? title : `${title}\n\n${message}`
}

async function squashed(repository: Repository, base: string, head: string): Promise<string> {
  const shas = await commitsBetween(repository.dir, base, head, 100)
  const commits = await Promise.all(shas.toReversed().map((sha) => readCommit(repository.objects, sha)))
  return commits.map((commit) => `* ${commit?.message.trim()}`).join('\n\n')
}
