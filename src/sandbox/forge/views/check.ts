import type { CheckRun, CheckSuite, CommitStatus } from '../model/checks.ts'
import { openPulls } from '../model/repository.ts'
import type { Repository, World } from '../model/world.ts'
import { newestRuns } from '../rules/required-checks.ts'
import { accountView, type Json } from './account.ts'
import { checkerView } from './app.ts'
import { repositoryView } from './repository.ts'
import { apiOf, apiOfRepository, nodeId, pageOf, timeOf, timeOrNull } from './urls.ts'

export function checkRunView(world: World, repository: Repository, run: CheckRun): Json {
  const url = `${apiOfRepository(world, repository)}/check-runs/${run.id}`
  return {
    id: run.id,
    node_id: nodeId('CheckRun', run.id),
    head_sha: run.head,
    external_id: run.externalId ?? '',
    url,
    html_url: `${pageOf(world, repository)}/runs/${run.id}`,
    details_url: run.detailsUrl ?? `${pageOf(world, repository)}/runs/${run.id}`,
    status: run.status,
    conclusion: run.conclusion,
    started_at: timeOf(run.startedAt),
    completed_at: timeOrNull(run.completedAt),
    output: { ...run.output, annotations_count: 0, annotations_url: `${url}/annotations` },
    name: run.name,
    check_suite: { id: run.suite.id },
    app: checkerView(world, run.app),
    pull_requests: pullsOfHead(world, repository, run.head),
  }
}

/** `head_commit` comes with it, since a view reads no files. */
export function checkSuiteView(world: World, repository: Repository, suite: CheckSuite, headCommit: Json): Json {
  const url = `${apiOfRepository(world, repository)}/check-suites/${suite.id}`
  const runs = newestRuns(repository, suite.head).filter((run) => run.suite.id === suite.id)
  const isDone = runs.length > 0 && runs.every((run) => run.status === 'completed')
  const failed = runs.find((run) => !['success', 'neutral', 'skipped'].includes(run.conclusion ?? ''))
  return {
    id: suite.id,
    node_id: nodeId('CheckSuite', suite.id),
    head_branch: suite.branch,
    head_sha: suite.head,
    status: isDone ? 'completed' : runs.length > 0 ? 'in_progress' : 'queued',
    conclusion: isDone ? (failed?.conclusion ?? 'success') : null,
    url,
    before: null,
    after: suite.head,
    pull_requests: pullsOfHead(world, repository, suite.head),
    app: checkerView(world, suite.app),
    repository: repositoryView(world, repository),
    created_at: timeOf(suite.createdAt),
    updated_at: timeOf(suite.updatedAt),
    head_commit: headCommit,
    latest_check_runs_count: runs.length,
    check_runs_url: `${url}/check-runs`,
  }
}

function pullsOfHead(world: World, repository: Repository, head: string): readonly Json[] {
  const reference = (one: Repository) => ({ id: one.id, url: apiOfRepository(world, one), name: one.name })
  return openPulls(repository)
    .filter((pull) => pull.head === head && pull.headRepository === repository)
    .map((pull) => ({
      id: pull.id,
      number: pull.number,
      url: `${apiOfRepository(world, repository)}/pulls/${pull.number}`,
      head: { ref: pull.headBranch, sha: pull.head, repo: reference(repository) },
      base: { ref: pull.base, sha: pull.baseSha, repo: reference(repository) },
    }))
}

export const statusView = (world: World, repository: Repository, status: CommitStatus): Json => ({
  ...simpleStatusView(world, repository, status),
  creator: accountView(world, status.by),
})

export const simpleStatusView = (world: World, repository: Repository, status: CommitStatus): Json => ({
  url: `${apiOfRepository(world, repository)}/statuses/${status.sha}`,
  avatar_url: `${apiOf(world)}/avatars/${status.by.id}`,
  id: status.id,
  node_id: nodeId('Status', status.id),
  state: status.state,
  description: status.description,
  target_url: status.targetUrl,
  context: status.context,
  created_at: timeOf(status.at),
  updated_at: timeOf(status.at),
})
