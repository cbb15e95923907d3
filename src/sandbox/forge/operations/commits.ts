import { inRepository, listOf, numberAt, type Operations, ok, type RepositoryCall, textAt } from '../api/operation.ts'
import { invalid, notFound, Refusal } from '../api/refusal.ts'
import { type Commit, readCommit } from '../git/commits.ts'
import { changedFiles, commitsBetween, commitsOfPath, isAncestor, mergeBase, patches } from '../git/history.ts'
import { findRepository } from '../model/repositories.ts'
import type { Repository } from '../model/world.ts'
import type { Json } from '../views/account.ts'
import { commitView, fileView } from '../views/commit.ts'
import { pullView } from '../views/pull.ts'
import { apiOfRepository, pageOf } from '../views/urls.ts'
import { commitAt, resolveCommit } from './resolve-commit.ts'

export const commitOperations = {
  'repos/get-commit': inRepository('contents:read', 'read', async (call) => {
    const { world, repository, path } = call
    const commit = await commitAt(repository, textAt(path, 'ref') ?? '')
    const files = await filesBetween(call, commit.parents[0], commit.oid)
    const sum = (key: 'additions' | 'deletions') => files.reduce((total, file) => total + Number(file[key]), 0)
    const stats = {
      additions: sum('additions'),
      deletions: sum('deletions'),
      total: sum('additions') + sum('deletions'),
    }
    return ok({ ...commitView(world, repository, commit), stats, files })
  }),
  'repos/list-commits': inRepository('contents:read', 'read', async ({ world, repository, query }) => {
    const head = await commitAt(repository, textAt(query, 'sha') ?? repository.defaultBranch)
    const path = textAt(query, 'path')
    const shas =
      path === undefined
        ? await commitsBetween(repository.dir, undefined, head.oid, 1000)
        : await commitsOfPath(repository.dir, head.oid, path)
    return listOf(shas, (sha) => shownCommit(world, repository, sha))
  }),
  'repos/list-pull-requests-associated-with-commit': inRepository('pull_requests:read', 'read', pullsOfCommit),
  'repos/compare-commits-with-basehead': inRepository('contents:read', 'read', compare),
} satisfies Operations

async function pullsOfCommit({ world, repository, path }: RepositoryCall) {
  const { oid } = await commitAt(repository, textAt(path, 'commit_sha') ?? '')
  const pulls = []
  for (const pull of repository.pulls.values()) {
    if (pull.merged?.commit === oid || pull.head === oid || (await carries(repository, pull, oid))) pulls.push(pull)
  }
  return listOf(pulls, (pull) => pullView(world, repository, pull))
}

const carries = async (
  repository: Repository,
  pull: { readonly baseSha: string; readonly head: string },
  oid: string,
): Promise<boolean> =>
  (await isAncestor(repository.dir, oid, pull.head)) && !(await isAncestor(repository.dir, oid, pull.baseSha))

async function compare(call: RepositoryCall) {
  const { world, repository, path } = call
  const [from = '', to = ''] = (textAt(path, 'basehead') ?? '').split('...')
  const base = await commitAt(repository, await withoutOwner(call, from))
  const head = await commitAt(repository, await withoutOwner(call, to))
  const common = await mergeBase(repository.dir, base.oid, head.oid)
  if (common === undefined) throw new Refusal(404, `No common ancestor between ${from} and ${to}.`)
  const ahead = await commitsBetween(repository.dir, base.oid, head.oid)
  const behind = await commitsBetween(repository.dir, head.oid, base.oid)
  const page = `${pageOf(world, repository)}/compare/${from}...${to}`
  const shared: Json = {
    url: `${apiOfRepository(world, repository)}/compare/${from}...${to}`,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: commitView(world, repository, base),
    merge_base_commit: await shownCommit(world, repository, common),
    status: statusOf(ahead.length, behind.length),
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    // GitHub lists files on the first page only, at most 300.
    ...((numberAt(call.query, 'page') ?? 1) === 1
      ? { files: (await filesBetween(call, common, head.oid)).slice(0, 300) }
      : {}),
  }
  return listOf(
    ahead.toReversed(),
    (sha) => shownCommit(world, repository, sha),
    (commits) => ({ ...shared, commits }),
  )
}

const statusOf = (ahead: number, behind: number): string =>
  ahead > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical'

/** `owner:branch` names a branch of a fork, whose commits are here once a pull request brought them. */
async function withoutOwner({ world, repository }: RepositoryCall, name: string): Promise<string> {
  const [owner = '', branch] = name.split(':')
  if (branch === undefined) return name
  const fork = findRepository(world, owner, repository.name)
  const oid = fork === undefined ? undefined : await resolveCommit(fork, branch)
  if (oid === undefined) throw notFound()
  return oid
}

async function filesBetween(
  { world, repository }: RepositoryCall,
  from: string | undefined,
  to: string,
): Promise<readonly Json[]> {
  const texts = await patches(repository.dir, from, to)
  const changes = await changedFiles(repository.dir, from, to)
  return changes.map((change) => fileView(world, repository, to, change, texts.get(change.path)))
}

async function shownCommit(world: RepositoryCall['world'], repository: Repository, sha: string): Promise<Json> {
  const commit: Commit | undefined = await readCommit(repository.objects, sha)
  if (commit === undefined) throw invalid('Commit', 'sha', `No commit found for SHA: ${sha}`)
  return commitView(world, repository, commit)
}
