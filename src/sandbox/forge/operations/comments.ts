import {
  authorOf,
  created,
  inRepository,
  listOf,
  nothing,
  numberAt,
  type Operations,
  ok,
  type RepositoryCall,
  textAt,
} from '../api/operation.ts'
import { notFound, Refusal } from '../api/refusal.ts'
import { announce } from '../hooks/announce.ts'
import { atLeast, roleOf } from '../model/accounts.ts'
import type { Comment, Reaction } from '../model/repository.ts'
import { commentView, issueView, reactionView, retargetView } from '../views/talk.ts'
import { timeOf } from '../views/urls.ts'
import { pullAt } from './find-pull.ts'

const reads = 'issues|pull_requests:read'
const writes = 'issues|pull_requests:write'

export const commentOperations = {
  'issues/get': inRepository(reads, 'read', (call) => ok(issueView(call.world, call.repository, pullAt(call)))),
  // Of what GitHub lists there, the sandbox keeps only that the base was changed.
  'issues/list-events': inRepository(reads, 'read', (call) =>
    listOf(pullAt(call).retargets, (retarget) => retargetView(call.world, call.repository, retarget)),
  ),
  'issues/list-comments': inRepository(reads, 'read', (call) => {
    const { number } = pullAt(call)
    const found = [...call.repository.comments.values()].filter((comment) => comment.number === number)
    return listOf(since(call, found), (comment) => commentView(call.world, call.repository, comment))
  }),
  'issues/list-comments-for-repo': inRepository(reads, 'read', (call) => {
    const { world, repository, query } = call
    const sort = textAt(query, 'sort') === 'updated' ? 'updatedAt' : 'createdAt'
    const sorted = since(call, [...repository.comments.values()]).toSorted((a, b) => a[sort] - b[sort] || a.id - b.id)
    const shown = textAt(query, 'direction') === 'desc' ? sorted.toReversed() : sorted
    return listOf(shown, (comment) => commentView(world, repository, comment))
  }),
  'issues/get-comment': inRepository(reads, 'read', (call) =>
    ok(commentView(call.world, call.repository, commentAt(call))),
  ),
  'issues/create-comment': inRepository(writes, 'read', createComment),
  'issues/update-comment': inRepository(writes, 'read', (call) => {
    const comment = commentAt(call)
    requireHand(call, comment)
    const before = comment.body
    Object.assign(comment, { body: bodyOf(call), updatedAt: call.world.now() })
    tell(call, comment, 'edited', { changes: { body: { from: before } } })
    return ok(commentView(call.world, call.repository, comment))
  }),
  'issues/delete-comment': inRepository(writes, 'read', (call) => {
    const comment = commentAt(call)
    requireHand(call, comment)
    call.repository.comments.delete(comment.id)
    tell(call, comment, 'deleted')
    return nothing
  }),
  'reactions/list-for-issue-comment': inRepository(reads, 'read', (call) => {
    const content = textAt(call.query, 'content')
    const found = commentAt(call).reactions.filter((one) => content === undefined || one.content === content)
    return listOf(found, (reaction) => reactionView(call.world, reaction))
  }),
  'reactions/create-for-issue-comment': inRepository(writes, 'read', createReaction),
} satisfies Operations

// GitHub refuses longer ones.
const longestBody = 65_536

function bodyOf({ body }: RepositoryCall): string {
  const text = textAt(body, 'body') ?? ''
  if (text.length <= longestBody) return text
  throw new Refusal(422, 'Validation Failed', {
    errors: [
      {
        resource: 'IssueComment',
        code: 'custom',
        field: 'body',
        message: 'body is too long (maximum is 65536 characters)',
      },
    ],
  })
}

function createComment(call: RepositoryCall) {
  const { world, repository } = call
  const author = authorOf(call)
  const pull = pullAt(call)
  const now = world.now()
  const comment: Comment = {
    id: world.nextId(),
    number: pull.number,
    by: author.account,
    byApp: author.kind === 'installation',
    body: bodyOf(call),
    reactions: [],
    createdAt: now,
    updatedAt: now,
  }
  repository.comments.set(comment.id, comment)
  pull.updatedAt = now
  tell(call, comment, 'created')
  return created(commentView(world, repository, comment))
}

/** The same reaction of the same person is made once. */
function createReaction(call: RepositoryCall) {
  const comment = commentAt(call)
  const by = authorOf(call).account
  const content = textAt(call.body, 'content') ?? ''
  const known = comment.reactions.find((one) => one.by.id === by.id && one.content === content)
  if (known !== undefined) return ok(reactionView(call.world, known))
  const reaction: Reaction = { id: call.world.nextId(), by, content, at: call.world.now() }
  comment.reactions.push(reaction)
  return created(reactionView(call.world, reaction))
}

function since({ query }: RepositoryCall, comments: readonly Comment[]): readonly Comment[] {
  const from = textAt(query, 'since')
  // Times have whole seconds for whoever asks.
  return from === undefined
    ? comments
    : comments.filter(({ updatedAt }) => Date.parse(timeOf(updatedAt)) >= Date.parse(from))
}

function commentAt({ repository, path }: RepositoryCall): Comment {
  const comment = repository.comments.get(numberAt(path, 'comment_id') ?? 0)
  if (comment === undefined) throw notFound()
  return comment
}

/** Its author may change a comment, and whoever may write. */
function requireHand(call: RepositoryCall, comment: Comment): void {
  const { account, kind } = authorOf(call)
  if (
    kind === 'installation' ||
    account.id === comment.by.id ||
    atLeast(roleOf(call.world, call.repository, account), 'write')
  )
    return
  throw new Refusal(403, 'Must have push access to repository.')
}

function tell(
  call: RepositoryCall,
  comment: Comment,
  action: string,
  facts: Readonly<Record<string, unknown>> = {},
): void {
  const { world, repository } = call
  const pull = repository.pulls.get(comment.number)
  if (pull === undefined) return
  const shown = {
    issue: issueView(world, repository, pull),
    comment: commentView(world, repository, comment),
    ...facts,
  }
  announce(world, { repository, sender: authorOf(call).account, event: 'issue_comment', action }, shown)
}
