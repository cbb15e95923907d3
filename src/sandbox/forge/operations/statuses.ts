import {
  authorOf,
  created,
  inRepository,
  listOf,
  type Operations,
  type RepositoryCall,
  textAt,
} from '../api/operation.ts'
import { announce } from '../hooks/announce.ts'
import type { CommitStatus } from '../model/checks.ts'
import { considerAutoMerge } from '../pulls/auto-merge.ts'
import { newestStatuses } from '../rules/required-checks.ts'
import { simpleStatusView, statusView } from '../views/check.ts'
import { commitView } from '../views/commit.ts'
import { repositoryView } from '../views/repository.ts'
import { apiOfRepository, timeOf } from '../views/urls.ts'
import { commitAt } from './resolve-commit.ts'

export const statusOperations = {
  'repos/create-commit-status': inRepository('statuses:write', 'write', createStatus),
  'repos/list-commit-statuses-for-ref': inRepository('statuses:read', 'read', async ({ world, repository, path }) => {
    const { oid } = await commitAt(repository, textAt(path, 'ref') ?? '')
    const found = repository.statuses.filter((status) => status.sha === oid).toReversed()
    return listOf(found, (status) => statusView(world, repository, status))
  }),
  'repos/get-combined-status-for-ref': inRepository('statuses:read', 'read', async ({ world, repository, path }) => {
    const { oid } = await commitAt(repository, textAt(path, 'ref') ?? '')
    const api = apiOfRepository(world, repository)
    const newest = newestStatuses(repository, oid)
    return listOf(
      newest,
      (status) => simpleStatusView(world, repository, status),
      (statuses, total_count) => ({
        state: combined(newest),
        statuses,
        sha: oid,
        total_count,
        repository: repositoryView(world, repository),
        commit_url: `${api}/commits/${oid}`,
        url: `${api}/commits/${oid}/status`,
      }),
    )
  }),
} satisfies Operations

function combined(statuses: readonly CommitStatus[]): string {
  if (statuses.some(({ state }) => state === 'failure' || state === 'error')) return 'failure'
  return statuses.length > 0 && statuses.every(({ state }) => state === 'success') ? 'success' : 'pending'
}

async function createStatus(call: RepositoryCall) {
  const { world, repository, path, body } = call
  const commit = await commitAt(repository, textAt(path, 'sha') ?? '')
  const { account } = authorOf(call)
  const status: CommitStatus = {
    id: world.nextId(),
    sha: commit.oid,
    context: textAt(body, 'context') ?? 'default',
    state: stateOf(textAt(body, 'state')),
    description: textAt(body, 'description') ?? null,
    targetUrl: textAt(body, 'target_url') ?? null,
    by: account,
    at: world.now(),
  }
  repository.statuses.push(status)
  announce(
    world,
    { repository, sender: account, event: 'status' },
    {
      id: status.id,
      sha: status.sha,
      name: `${repository.owner.login}/${repository.name}`,
      context: status.context,
      state: status.state,
      description: status.description,
      target_url: status.targetUrl,
      commit: commitView(world, repository, commit),
      branches: [],
      created_at: timeOf(status.at),
      updated_at: timeOf(status.at),
    },
  )
  considerAutoMerge(world, repository)
  return created(statusView(world, repository, status))
}

const stateOf = (text: string | undefined): CommitStatus['state'] =>
  text === 'success' || text === 'failure' || text === 'error' ? text : 'pending'
