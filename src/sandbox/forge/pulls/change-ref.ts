import { readCommit } from '../git/commits.ts'
import { changedFiles, commitsBetween, isAncestor } from '../git/history.ts'
import { noCommit, type RefWrite, writeRef } from '../git/refs.ts'
import { announce } from '../hooks/announce.ts'
import { installationOf, permits } from '../model/installations.ts'
import { fullName } from '../model/repositories.ts'
import { signatureOf } from '../model/signatures.ts'
import type { Account, Repository, World } from '../model/world.ts'
import type { Json } from '../views/account.ts'
import { pushedCommitView } from '../views/commit.ts'
import { pushedRepositoryView } from '../views/repository.ts'
import { pageOf } from '../views/urls.ts'
import { requestSuite } from './check-suites.ts'
import { followBranch } from './follow-refs.ts'

/** Compare-and-swap of a ref, and all that follows from it on a forge. */
export async function changeRef(
  world: World,
  repository: Repository,
  by: Account,
  write: RefWrite,
): Promise<'done' | 'lost-race'> {
  const outcome = await writeRef(repository.dir, write)
  if (outcome === 'done') await afterRefChange(world, repository, by, write)
  return outcome
}

/** For a ref that was written already, as git does on a push. */
export async function afterRefChange(
  world: World,
  repository: Repository,
  by: Account,
  write: RefWrite,
): Promise<void> {
  if (write.before === write.after) return
  repository.pushedAt = world.now()
  await announcePush(world, repository, by, write)
  if (!write.ref.startsWith('refs/heads/')) return
  const installation = installationOf(world, repository)
  if (write.after !== noCommit && installation !== undefined && permits(installation.permissions, 'checks', 'write'))
    await requestSuite(world, repository, by, write)
  await followBranch(world, repository, by, write)
}

async function announcePush(world: World, repository: Repository, by: Account, write: RefWrite): Promise<void> {
  const { ref, before, after } = write
  const isCreated = before === noCommit
  const isDeleted = after === noCommit
  const about = { repository, sender: by }
  if (isCreated || isDeleted)
    announce(world, { ...about, event: isCreated ? 'create' : 'delete' }, refFacts(repository, ref))
  const commits = isDeleted || isCreated ? [] : await pushedCommits(world, repository, write)
  announce(
    world,
    { ...about, event: 'push' },
    {
      ref,
      before,
      after,
      created: isCreated,
      deleted: isDeleted,
      forced: !isCreated && !isDeleted && !(await isAncestor(repository.dir, before, after)),
      base_ref: null,
      compare: `${pageOf(world, repository)}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
      commits,
      head_commit: isDeleted ? null : await pushedCommit(world, repository, after),
      repository: pushedRepositoryView(world, repository),
      pusher: { name: by.login, email: signatureOf(world, by).email },
    },
  )
}

const refFacts = (repository: Repository, ref: string): Json => ({
  ref: ref.replace(/^refs\/(heads|tags)\//, ''),
  ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
  full_name: fullName(repository),
  master_branch: repository.defaultBranch,
  description: null,
  pusher_type: 'user',
})

// GitHub names at most 2048 commits of a push; nobody here reads more than a few.
const longestPush = 20

async function pushedCommits(
  world: World,
  repository: Repository,
  { before, after }: RefWrite,
): Promise<readonly Json[]> {
  const shas = await commitsBetween(repository.dir, before, after, longestPush)
  const found = await Promise.all(shas.toReversed().map((sha) => pushedCommit(world, repository, sha)))
  return found.filter((commit) => commit !== null)
}

async function pushedCommit(world: World, repository: Repository, sha: string): Promise<Json | null> {
  const commit = await readCommit(repository.objects, sha)
  if (commit === undefined) return null
  return pushedCommitView(world, repository, commit, await changedFiles(repository.dir, commit.parents[0], sha))
}
