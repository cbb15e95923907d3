import type { Comment, Comments } from '../../../ports/forge/comments.ts'
import { type Access, allPages, instantOf, personOf } from './access.ts'
import { unlessRefused } from './failures.ts'
import { makeOrFind } from './read-back.ts'
import type { Octokit } from './request-door.ts'

export function githubComments({ octokit, owner, repo, identity, timing }: Access): Comments {
  const here = { owner, repo }
  const shown = async (comments: readonly Raw[]) => {
    const who = await identity()
    return comments.filter(isOnPull).map((comment) => commentOf(comment, who))
  }
  const onPull = async (pull: number) =>
    shown(
      await allPages(
        async (page) => (await octokit.rest.issues.listComments({ ...here, issue_number: pull, ...page })).data,
      ),
    )

  return {
    since: async (instant) =>
      shown(
        await allPages(
          async (page) =>
            (
              await octokit.rest.issues.listCommentsForRepo({
                ...here,
                since: new Date(instant).toISOString(),
                sort: 'updated',
                direction: 'asc',
                ...page,
              })
            ).data,
        ),
      ),
    onPull,
    ensure: async (pull, marker, text) => {
      const body = `${text}\n\n${marker}`
      // At the end only: a reply of ours that quotes the marker would be written over, and an edit calls nobody.
      const isMarked = (comment: Comment) => comment.ours && comment.body.trimEnd().endsWith(marker)
      // The oldest counts: where two were made once, the other is not touched any more.
      const find = async () => (await onPull(pull)).find(isMarked)
      const create = () => octokit.rest.issues.createComment({ ...here, issue_number: pull, body })
      const found = await find()
      if (found === undefined) {
        const made = async () => commentOf((await create()).data, await identity())
        return makeOrFind(timing, { find, make: made })
      }
      if (found.body === body) return found
      const { data } = await octokit.rest.issues.updateComment({ ...here, comment_id: found.id, body })
      return commentOf(data, await identity())
    },
    react: async (comment, reaction) => {
      // A comment that was deleted meanwhile needs no decoration.
      await unlessRefused(
        [404, 410],
        octokit.rest.reactions.createForIssueComment({ ...here, comment_id: comment, content: reaction }),
      )
    },
  }
}

type Raw = Awaited<ReturnType<Octokit['rest']['issues']['listComments']>>['data'][number]

/** The API lists comments of issues among them; only the page's address tells. */
const isOnPull = (comment: Raw) => comment.html_url.includes('/pull/')

function commentOf(comment: Raw, who: { readonly appId: number; readonly botId: number }): Comment {
  const by = personOf(comment.user)
  const app = comment.performed_via_github_app
  return {
    id: comment.id,
    pull: Number(/\/(\d+)$/.exec(comment.issue_url)?.[1] ?? 0),
    by,
    ours: by.id === who.botId && (app === null || app === undefined || app.id === who.appId),
    app: app?.id ?? null,
    body: comment.body ?? '',
    createdAt: instantOf(comment.created_at),
    updatedAt: instantOf(comment.updated_at),
    url: comment.html_url,
  }
}
