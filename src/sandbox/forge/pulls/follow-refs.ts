import { commitsBetween } from '../git/history.ts'
import { noCommit, type RefWrite, readRef, writeRef } from '../git/refs.ts'
import { runGit } from '../git/run-git.ts'
import { openPulls, type Pull } from '../model/repository.ts'
import type { Account, Repository, World } from '../model/world.ts'
import { activeRules } from '../rules/active-rules.ts'
import { announcePull } from './announce-pull.ts'
import { closePull, markMerged } from './close-pull.ts'

/** What happens to pull requests when a branch moved, came or went. */
export async function followBranch(world: World, repository: Repository, by: Account, write: RefWrite): Promise<void> {
  const branch = write.ref.replace(/^refs\/heads\//, '')
  for (const other of world.repositories.values())
    for (const pull of openPulls(other))
      if (pull.headRepository === repository && pull.headBranch === branch)
        await followHead(world, other, pull, by, write)
  const based = openPulls(repository).filter((pull) => pull.base === branch)
  if (based.length > 0) await followBase(world, repository, based, by, write)
}

async function followHead(
  world: World,
  repository: Repository,
  pull: Pull,
  by: Account,
  { before, after }: RefWrite,
): Promise<void> {
  if (after === noCommit) return closePull(world, repository, pull, by)
  pull.head = after
  pull.updatedAt = world.now()
  pull.baseSha = (await readRef(repository.dir, `refs/heads/${pull.base}`)) ?? pull.baseSha
  await keepHeadRef(repository, pull)
  dismissStale(repository, pull)
  await announcePull(world, repository, pull, { action: 'synchronize', sender: by, facts: { before, after } })
}

/** `refs/pull/N/head` in the base repository, with the objects of a fork where it comes from one. */
export async function keepHeadRef(repository: Repository, pull: Pull): Promise<void> {
  const ref = `refs/pull/${pull.number}/head`
  if (pull.headRepository !== repository)
    await runGit(repository.dir, ['fetch', '-q', '--no-tags', pull.headRepository.dir, pull.head])
  const before = (await readRef(repository.dir, ref)) ?? noCommit
  await writeRef(repository.dir, { ref, before, after: pull.head })
}

function dismissStale(repository: Repository, pull: Pull): void {
  const dismisses = activeRules(repository, `refs/heads/${pull.base}`).some(
    ({ rule }) => rule.type === 'pull_request' && rule.parameters?.dismiss_stale_reviews_on_push,
  )
  for (const review of pull.reviews)
    if (dismisses && review.state === 'APPROVED' && review.commit !== pull.head) review.state = 'DISMISSED'
}

async function followBase(
  world: World,
  repository: Repository,
  based: readonly Pull[],
  by: Account,
  { before, after }: RefWrite,
): Promise<void> {
  if (after === noCommit) {
    for (const pull of based)
      if ((await moveWithBase(world, repository, pull, by)) === 'nowhere to go')
        await closePull(world, repository, pull, by)
    return
  }
  // A head that arrived in the base by a push counts as merged, whoever pushed it.
  const arrived = new Set(await commitsBetween(repository.dir, before === noCommit ? undefined : before, after))
  for (const pull of based.filter(({ head }) => arrived.has(head))) {
    markMerged(world, pull, by, pull.head)
    await announcePull(world, repository, pull, { action: 'closed', sender: by })
  }
}

/**
 * A pull request whose base was itself merged asks for what that one was merged into, with the head and the reviews that it
 * had, and no webhook tells of it: https://github.com/orgs/community/discussions/200245.
 */
async function moveWithBase(
  world: World,
  repository: Repository,
  pull: Pull,
  by: Account,
): Promise<'moved' | 'nowhere to go'> {
  const merged = [...repository.pulls.values()].findLast(
    (other) => other.merged !== null && other.headRepository === repository && other.headBranch === pull.base,
  )
  const baseSha = merged && (await readRef(repository.dir, `refs/heads/${merged.base}`))
  if (merged === undefined || baseSha === undefined) return 'nowhere to go'
  const now = world.now()
  pull.retargets.push({ id: world.nextId(), event: 'automatic_base_change_succeeded', by, at: now })
  Object.assign(pull, { base: merged.base, baseSha, updatedAt: now })
  return 'moved'
}
