import {
  authorOf,
  inRepository,
  listOf,
  numberAt,
  type Operations,
  ok,
  type RepositoryCall,
  textAt,
} from '../api/operation.ts'
import { notFound, Refusal } from '../api/refusal.ts'
import { announce } from '../hooks/announce.ts'
import type { Account } from '../model/account.ts'
import type { Pull, Review } from '../model/repository.ts'
import { considerAutoMerge } from '../pulls/auto-merge.ts'
import { pullView } from '../views/pull.ts'
import { reviewView } from '../views/talk.ts'
import { pullAt } from './find-pull.ts'

export const reviewOperations = {
  'pulls/list-reviews': inRepository('pull_requests:read', 'read', (call) => {
    const pull = pullAt(call)
    return listOf(pull.reviews, (review) => reviewView(call.world, call.repository, pull, review))
  }),
  'pulls/get-review': inRepository('pull_requests:read', 'read', (call) => {
    const pull = pullAt(call)
    return ok(reviewView(call.world, call.repository, pull, reviewAt(call, pull)))
  }),
  'pulls/create-review': inRepository('pull_requests:write', 'read', createReview),
  'pulls/dismiss-review': inRepository('pull_requests:write', 'write', (call) => {
    const pull = pullAt(call)
    const review = reviewAt(call, pull)
    if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED')
      throw new Refusal(422, 'Can not dismiss a commented pull request review')
    review.state = 'DISMISSED'
    tell(call, pull, review, { action: 'dismissed', sender: authorOf(call).account })
    return ok(reviewView(call.world, call.repository, pull, review))
  }),
} satisfies Operations

const states: Readonly<Record<string, Review['state']>> = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
}

function createReview(call: RepositoryCall) {
  const { world, repository, body } = call
  const pull = pullAt(call)
  const by = authorOf(call).account
  const state = states[textAt(body, 'event') ?? '']
  if (state === undefined) throw new Refusal(422, 'The sandbox keeps no pending reviews: name an event.')
  if (by.id === pull.by.id && state !== 'COMMENTED')
    throw new Refusal(422, 'Unprocessable Entity', {
      errors: [`Can not ${state === 'APPROVED' ? 'approve' : 'request changes on'} your own pull request`],
    })
  if (state !== 'APPROVED' && (textAt(body, 'body') ?? '') === '')
    throw new Refusal(422, 'Unprocessable Entity', { errors: ['Review body cannot be blank'] })
  const review: Review = {
    id: world.nextId(),
    by,
    body: textAt(body, 'body') ?? '',
    state,
    commit: textAt(body, 'commit_id') ?? pull.head,
    at: world.now(),
  }
  pull.reviews.push(review)
  pull.updatedAt = world.now()
  tell(call, pull, review, { action: 'submitted', sender: by })
  considerAutoMerge(world, repository)
  return ok(reviewView(world, repository, pull, review))
}

function reviewAt({ path }: RepositoryCall, pull: Pull): Review {
  const review = pull.reviews.find(({ id }) => id === numberAt(path, 'review_id'))
  if (review === undefined) throw notFound()
  return review
}

function tell(
  { world, repository }: RepositoryCall,
  pull: Pull,
  review: Review,
  what: { readonly action: string; readonly sender: Account },
): void {
  const view = reviewView(world, repository, pull, review)
  // Webhooks write the state in small letters, the API in capitals.
  const shown = { ...view, state: review.state.toLowerCase() }
  announce(
    world,
    { repository, event: 'pull_request_review', ...what },
    { review: shown, pull_request: pullView(world, repository, pull) },
  )
}
