import { atLeast, roleOf } from '../model/accounts.ts'
import type { Pull } from '../model/repository.ts'
import type { Account, Repository, World } from '../model/world.ts'
import { accountOrNull, accountView, type Json } from './account.ts'
import { repositoryView } from './repository.ts'
import { apiOfRepository, nodeId, pageOf, timeOf, timeOrNull } from './urls.ts'

/** As lists and webhooks show it. */
export function pullView(world: World, repository: Repository, pull: Pull): Json {
  const links = linksOf(world, repository, pull)
  const hrefs = Object.fromEntries(Object.entries(links).map(([key, href]) => [key, { href }]))
  return {
    url: links.self,
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    html_url: links.html,
    diff_url: `${links.html}.diff`,
    patch_url: `${links.html}.patch`,
    issue_url: links.issue,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: links.statuses,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: accountView(world, pull.by),
    body: pull.body,
    labels: [],
    milestone: null,
    active_lock_reason: null,
    created_at: timeOf(pull.createdAt),
    updated_at: timeOf(pull.updatedAt),
    closed_at: timeOrNull(pull.closedAt),
    merged_at: timeOrNull(pull.merged?.at ?? null),
    merge_commit_sha: pull.merged?.commit ?? pull.mergeability?.testMerge ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: endView(world, pull.headRepository, pull.headBranch, pull.head),
    base: endView(world, repository, pull.base, pull.baseSha),
    _links: hrefs,
    author_association: associationOf(world, repository, pull.by),
    auto_merge: autoMergeView(world, pull),
    draft: pull.draft,
  }
}

function endView(world: World, repository: Repository, branch: string, sha: string): Json {
  return {
    label: `${repository.owner.login}:${branch}`,
    ref: branch,
    sha,
    user: accountView(world, repository.owner),
    repo: repositoryView(world, repository),
  }
}

function linksOf(world: World, repository: Repository, pull: Pull): Readonly<Record<string, string>> {
  const api = apiOfRepository(world, repository)
  const self = `${api}/pulls/${pull.number}`
  return {
    self,
    html: `${pageOf(world, repository)}/pull/${pull.number}`,
    issue: `${api}/issues/${pull.number}`,
    comments: `${api}/issues/${pull.number}/comments`,
    review_comments: `${self}/comments`,
    review_comment: `${api}/pulls/comments{/number}`,
    commits: `${self}/commits`,
    statuses: `${api}/statuses/${pull.head}`,
  }
}

const autoMergeView = (world: World, { autoMerge }: Pull): Json | null =>
  autoMerge === null
    ? null
    : {
        enabled_by: accountView(world, autoMerge.by),
        merge_method: autoMerge.method,
        commit_title: '',
        commit_message: '',
      }

export interface PullNumbers {
  readonly commits: number
  readonly additions: number
  readonly deletions: number
  readonly changedFiles: number
  readonly mergeable: boolean | null
  readonly mergeableState: string
}

/** As one pull request is shown. */
export function fullPullView(world: World, repository: Repository, pull: Pull, numbers: PullNumbers): Json {
  const comments = [...repository.comments.values()].filter((comment) => comment.number === pull.number)
  return {
    ...pullView(world, repository, pull),
    merged: pull.merged !== null,
    mergeable: numbers.mergeable,
    rebaseable: numbers.mergeable,
    mergeable_state: numbers.mergeableState,
    merged_by: accountOrNull(world, pull.merged?.by ?? null),
    comments: comments.length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: numbers.commits,
    additions: numbers.additions,
    deletions: numbers.deletions,
    changed_files: numbers.changedFiles,
  }
}

export function associationOf(world: World, repository: Repository, account: Account): string {
  if (account.id === repository.owner.id) return 'OWNER'
  if (repository.owner.members.has(account.id)) return 'MEMBER'
  if (repository.roles.has(account.id)) return 'COLLABORATOR'
  return atLeast(roleOf(world, repository, account), 'write') ? 'CONTRIBUTOR' : 'NONE'
}
