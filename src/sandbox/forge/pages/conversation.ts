import { html, raw } from 'hono/html'
import type { Comment, Pull, Review } from '../model/repository.ts'
import type { Account, Repository } from '../model/world.ts'
import { type Html, markdown, shortSha, when } from './layout.ts'

/** The description, then comments, reviews and the end, by time. */
export function conversation(repository: Repository, pull: Pull): readonly Html[] {
  const comments = [...repository.comments.values()].filter((comment) => comment.number === pull.number)
  const entries = [
    ...comments.map((comment) => ({ at: comment.createdAt, shown: commentBox(comment) })),
    ...pull.reviews.map((review) => ({ at: review.at, shown: reviewEvent(review) })),
    ...(pull.closedAt === null ? [] : [{ at: pull.closedAt, shown: ending(pull) }]),
  ]
  const description = box(pull.by, `opened this ${when(pull.createdAt)}`, markdown(pull.body))
  return [description, ...entries.toSorted((a, b) => a.at - b.at).map(({ shown }) => shown)]
}

const box = (by: Account, what: string, content: Html, id = ''): Html =>
  html`<div class="box" id="${id}"><div class="head"><strong>${by.login}</strong>${by.type === 'Bot' ? ' bot' : ''} ${what}</div>${content}</div>`

const emoji: Readonly<Record<string, string>> = {
  '+1': '👍',
  '-1': '👎',
  laugh: '😄',
  confused: '😕',
  heart: '❤️',
  hooray: '🎉',
  eyes: '👀',
  rocket: '🚀',
}

function commentBox(comment: Comment): Html {
  const edited = comment.updatedAt > comment.createdAt ? ' · edited' : ''
  const reactions = comment.reactions.map(({ content, by }) => `${emoji[content] ?? content} ${by.login}`).join('  ')
  const content = html`${markdown(comment.body)}${reactions === '' ? raw('') : html`<div class="row quiet">${reactions}</div>`}`
  return box(comment.by, `commented ${when(comment.createdAt)}${edited}`, content, `issuecomment-${comment.id}`)
}

const said = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'requested changes to',
  COMMENTED: 'reviewed',
  DISMISSED: 'had a review dismissed of',
}

function reviewEvent(review: Review): Html {
  const event = html`<div class="event" id="pullrequestreview-${review.id}"><strong>${review.by.login}</strong>
    ${said[review.state]} <code>${shortSha(review.commit)}</code> ${when(review.at)}</div>`
  return review.body === ''
    ? event
    : html`${event}${box(review.by, `reviewed ${when(review.at)}`, markdown(review.body))}`
}

function ending(pull: Pull): Html {
  if (pull.merged === null)
    return html`<div class="event"><span class="bad">●</span> <strong>${pull.closedBy?.login}</strong> closed this ${when(pull.closedAt ?? 0)}</div>`
  return html`<div class="event"><span class="done">●</span> <strong>${pull.merged.by.login}</strong> merged commit
    <code>${shortSha(pull.merged.commit)}</code> into <span class="branch">${pull.base}</span> ${when(pull.merged.at)}</div>`
}
