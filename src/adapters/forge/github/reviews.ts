import { toSha } from '../../../domain/ids.ts'
import type { Review, Reviews } from '../../../ports/forge/reviews.ts'
import { type Access, allPages, instantOf, personOf } from './access.ts'

export function githubReviews({ octokit, owner, repo }: Access): Reviews {
  return {
    list: async (pull) => {
      const reviews = await allPages(
        async (page) => (await octokit.rest.pulls.listReviews({ owner, repo, pull_number: pull, ...page })).data,
      )
      return reviews.flatMap((review) => {
        const is = meanings[review.state.toUpperCase()]
        // Pending ones are drafts that only their author sees; without a commit nobody knows what was reviewed (T07).
        if (is === undefined || review.commit_id === null || review.submitted_at === undefined) return []
        return [{ by: personOf(review.user), is, head: toSha(review.commit_id), at: instantOf(review.submitted_at) }]
      })
    },
    retargetedAt: async (pull) => {
      const events = await allPages(
        async (page) => (await octokit.rest.issues.listEvents({ owner, repo, issue_number: pull, ...page })).data,
      )
      const last = events.findLast(({ event }) => retargets.includes(event))
      return last === undefined ? null : instantOf(last.created_at)
    },
  }
}

/**
 * Somebody edited it, or GitHub did it by itself, when its base branch was merged and deleted; the head and its reviews stay
 * in both (T61): https://docs.github.com/en/rest/using-the-rest-api/issue-event-types.
 */
const retargets: readonly string[] = ['base_ref_changed', 'automatic_base_change_succeeded']

const meanings: Readonly<Record<string, Review['is']>> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  DISMISSED: 'dismissed',
  COMMENTED: 'commented',
}
