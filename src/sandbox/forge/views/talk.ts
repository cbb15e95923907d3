import type { Comment, Pull, Reaction, Retarget, Review } from '../model/repository.ts'
import type { Repository, World } from '../model/world.ts'
import { accountOrNull, accountView, type Json } from './account.ts'
import { appView } from './app.ts'
import { associationOf } from './pull.ts'
import { apiOfRepository, nodeId, pageOf, timeOf, timeOrNull } from './urls.ts'

export function commentView(world: World, repository: Repository, comment: Comment): Json {
  const api = apiOfRepository(world, repository)
  return {
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    url: `${api}/issues/comments/${comment.id}`,
    html_url: `${pageOf(world, repository)}/pull/${comment.number}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${comment.number}`,
    body: comment.body,
    user: accountView(world, comment.by),
    created_at: timeOf(comment.createdAt),
    updated_at: timeOf(comment.updatedAt),
    author_association: associationOf(world, repository, comment.by),
    performed_via_github_app: comment.byApp ? appView(world) : null,
    reactions: rollup(`${api}/issues/comments/${comment.id}/reactions`, comment.reactions),
  }
}

const reactionContents = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'eyes', 'rocket']

function rollup(url: string, reactions: readonly Reaction[]): Json {
  const counts = reactionContents.map((content) => [content, reactions.filter((one) => one.content === content).length])
  return { url, total_count: reactions.length, ...Object.fromEntries(counts) }
}

export const reactionView = (world: World, reaction: Reaction): Json => ({
  id: reaction.id,
  node_id: nodeId('Reaction', reaction.id),
  user: accountView(world, reaction.by),
  content: reaction.content,
  created_at: timeOf(reaction.at),
})

export function reviewView(world: World, repository: Repository, pull: Pull, review: Review): Json {
  const page = `${pageOf(world, repository)}/pull/${pull.number}#pullrequestreview-${review.id}`
  const api = `${apiOfRepository(world, repository)}/pulls/${pull.number}`
  return {
    id: review.id,
    node_id: nodeId('PullRequestReview', review.id),
    user: accountView(world, review.by),
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: api,
    author_association: associationOf(world, repository, review.by),
    _links: { html: { href: page }, pull_request: { href: api } },
    submitted_at: timeOf(review.at),
    commit_id: review.commit,
  }
}

export const retargetView = (world: World, repository: Repository, { id, event, by, at }: Retarget): Json => ({
  id,
  node_id: nodeId(event === 'base_ref_changed' ? 'BaseRefChangedEvent' : 'AutomaticBaseChangeSucceededEvent', id),
  url: `${apiOfRepository(world, repository)}/issues/events/${id}`,
  actor: accountView(world, by),
  event,
  commit_id: null,
  commit_url: null,
  created_at: timeOf(at),
  performed_via_github_app: null,
})

/** A pull request as the issues API shows it. */
export function issueView(world: World, repository: Repository, pull: Pull): Json {
  const api = apiOfRepository(world, repository)
  const self = `${api}/issues/${pull.number}`
  const page = `${pageOf(world, repository)}/pull/${pull.number}`
  const comments = [...repository.comments.values()].filter((comment) => comment.number === pull.number)
  return {
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    url: self,
    repository_url: api,
    labels_url: `${self}/labels{/name}`,
    comments_url: `${self}/comments`,
    events_url: `${self}/events`,
    html_url: page,
    number: pull.number,
    state: pull.state,
    state_reason: null,
    title: pull.title,
    body: pull.body,
    user: accountView(world, pull.by),
    labels: [],
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    active_lock_reason: null,
    comments: comments.length,
    draft: pull.draft,
    pull_request: {
      url: `${api}/pulls/${pull.number}`,
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: timeOrNull(pull.merged?.at ?? null),
    },
    closed_at: timeOrNull(pull.closedAt),
    closed_by: accountOrNull(world, pull.closedBy),
    created_at: timeOf(pull.createdAt),
    updated_at: timeOf(pull.updatedAt),
    author_association: associationOf(world, repository, pull.by),
    performed_via_github_app: pull.by.type === 'Bot' ? appView(world) : null,
    reactions: rollup(`${self}/reactions`, []),
  }
}
