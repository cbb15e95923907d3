import { UserError } from '../../../domain/failures.ts'
import { toSha } from '../../../domain/ids.ts'
import type { Initiators } from '../../../domain/person.ts'
import type { MergeAnswer, PullRequest, PullRequests } from '../../../ports/forge/pull-requests.ts'
import { type Access, allPages, instantOf, personOf } from './access.ts'
import { ForgeRefusal, isGraphqlRefusal, isUncertain } from './failures.ts'
import { makeOrFind } from './read-back.ts'
import type { Octokit } from './request-door.ts'

export function githubPullRequests(access: Access): PullRequests {
  const { octokit, owner, repo, identity, timing } = access
  const here = { owner, repo }
  const shown = async (pulls: readonly Raw[]) => {
    const { botId } = await identity()
    return pulls.map((pull) => pullRequestOf(pull, botId))
  }
  const read = async (number: number) => (await octokit.rest.pulls.get({ ...here, pull_number: number })).data
  const list = (filter: ListFilter, most?: number) =>
    allPages(async (page) => (await octokit.rest.pulls.list({ ...here, ...filter, ...page })).data, most)
  const openFrom = async (base: string, headBranch: string) =>
    (await shown(await list({ state: 'open', base, head: `${owner}:${headBranch}` }))).filter(
      // GitHub ignores a head that it cannot read and then lists everything: believe the answer, not the question.
      (pull) => pull.sameRepository && pull.headBranch === headBranch && pull.base === base,
    )

  return {
    open: async (base) => shown(await list({ state: 'open', base })),
    openFrom,
    closed: async (base, limit) =>
      shown(await list({ state: 'closed', base, sort: 'updated', direction: 'desc' }, limit)),
    get: async (number) => pullRequestOf(await read(number), (await identity()).botId),
    mergedBy: async (number) => {
      const pull = await read(number)
      return pull.merged ? personOf(pull.merged_by) : null
    },
    contributors: async (number) =>
      contributorsOf(
        await allPages(
          async (page) => (await octokit.rest.pulls.listCommits({ ...here, pull_number: number, ...page })).data,
        ),
      ),
    ensureOpen: async ({ base, headBranch, title, body }) => {
      const find = async () => (await openFrom(base, headBranch)).find((pull) => pull.ours)
      const make = async () => {
        const { data } = await octokit.rest.pulls.create({ ...here, base, head: headBranch, title, body })
        return pullRequestOf(data, (await identity()).botId)
      }
      return (await find()) ?? openedBySomebodyElse(headBranch, makeOrFind(timing, { find, make }), find)
    },
    update: async (number, wanted) => {
      await octokit.rest.pulls.update({ ...here, pull_number: number, ...wanted })
    },
    close: async (number) => {
      await octokit.rest.pulls.update({ ...here, pull_number: number, state: 'closed' })
    },
    disableAutoMerge: async ({ number, nodeId }) => {
      try {
        await octokit.graphql(disableAutoMerge, { pull: nodeId })
      } catch (error) {
        // GraphQL answers its refusals with 200; that there was none to disable is one of them.
        if (!isUncertain(error) && !isGraphqlRefusal(error)) throw error
        if ((await read(number)).auto_merge === null) return
        if (!isGraphqlRefusal(error)) throw error
        throw new UserError('forge.refused', `auto-merge cannot be disabled: ${error.message}`, { cause: error })
      }
    },
    merge: async (number, wanted) => {
      try {
        const { data } = await octokit.rest.pulls.merge({
          ...here,
          pull_number: number,
          sha: wanted.head,
          merge_method: 'merge',
          commit_title: wanted.title,
          commit_message: wanted.message,
        })
        return { is: 'merged', commit: toSha(data.sha) }
      } catch (error) {
        if (!isUncertain(error) && !(error instanceof ForgeRefusal)) throw error
        const { botId } = await identity()
        return mergeAsReadBack(await read(number), { head: wanted.head, botId, error })
      }
    },
    ofCommit: async (commit) =>
      shown(
        await allPages(
          async (page) =>
            (await octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...here, commit_sha: commit, ...page }))
              .data,
        ),
      ),
  }
}

/** No call of the REST API does this: https://docs.github.com/graphql/reference/mutations#disablepullrequestautomerge */
const disableAutoMerge = `mutation ($pull: ID!) {
  disablePullRequestAutoMerge(input: { pullRequestId: $pull }) { clientMutationId }
}`

type ListFilter =
  NonNullable<Parameters<Octokit['rest']['pulls']['list']>[0]> extends infer P
    ? Pick<P & { state?: string }, Extract<keyof P, 'state' | 'base' | 'head' | 'sort' | 'direction'>>
    : never
type Listed = Awaited<ReturnType<Octokit['rest']['pulls']['list']>>['data'][number]
type Full = Awaited<ReturnType<Octokit['rest']['pulls']['get']>>['data']
type Raw = Listed | Full

type ListedCommit = Awaited<ReturnType<Octokit['rest']['pulls']['listCommits']>>['data'][number]
/** GitHub lists no more than this: https://docs.github.com/rest/pulls/pulls#list-commits-on-a-pull-request */
const mostCommits = 250
/** In whose name GitHub itself commits what somebody clicked or sent to its API; the author is who did it. */
const webFlow = 'web-flow'

/** By GitHub's own attribution of addresses to accounts; an address that is nobody's leaves it open who that was. */
function contributorsOf(commits: readonly ListedCommit[]): Initiators {
  const accounts = commits.flatMap(({ author, committer }) =>
    accountOf(committer)?.login === webFlow ? [accountOf(author)] : [accountOf(author), accountOf(committer)],
  )
  const known = accounts.flatMap((account) => (account === undefined ? [] : [personOf(account)]))
  return { people: known, complete: known.length === accounts.length && commits.length < mostCommits }
}

/** An address that belongs to nobody comes as null, or as an empty object. */
const accountOf = (shown: ListedCommit['author']): Extract<ListedCommit['author'], { id: number }> | undefined =>
  shown !== null && isAccount(shown) ? shown : undefined

const isAccount = (shown: object): shown is Extract<ListedCommit['author'], { id: number }> =>
  'id' in shown && typeof shown.id === 'number'

/** 422 is how GitHub says that one with this head and base is open already, among other things. */
async function openedBySomebodyElse(
  headBranch: string,
  opening: Promise<PullRequest>,
  find: () => Promise<PullRequest | undefined>,
): Promise<PullRequest> {
  try {
    return await opening
  } catch (error) {
    if (!(error instanceof ForgeRefusal) || error.status !== 422) throw error
    const twin = await find()
    if (twin !== undefined) return twin
    throw new UserError('forge.refused', `no pull request can be opened from ${headBranch}: ${error.message}`, {
      cause: error,
    })
  }
}

/** What became of a merge call that was not answered by success (T11, T13, T14). */
function mergeAsReadBack(
  pull: Full,
  asked: { readonly head: string; readonly botId: number; readonly error: unknown },
): MergeAnswer {
  const merger = personOf(pull.merged_by)
  if (pull.merged && merger.id === asked.botId && pull.head.sha === asked.head && pull.merge_commit_sha !== null) {
    return { is: 'merged', commit: toSha(pull.merge_commit_sha) }
  }
  if (pull.merged) return { is: 'lost-race', why: `@${merger.login} merged it first`, merged: true }
  if (pull.state === 'closed') return { is: 'lost-race', why: 'it was closed' }
  if (pull.head.sha !== asked.head) return { is: 'lost-race', why: `its head moved to ${pull.head.sha}` }
  if (!(asked.error instanceof ForgeRefusal)) throw asked.error
  if (asked.error.status === 409) return { is: 'lost-race', why: asked.error.message }
  // Null is "ask again": the forge computes it after every push to the base, and refuses meanwhile.
  if (pull.mergeable === null) return { is: 'lost-race', why: 'the forge still works out whether it can be merged' }
  return { is: 'refused', why: asked.error.message }
}

function pullRequestOf(pull: Raw, botId: number): PullRequest {
  const author = personOf(pull.user)
  return {
    number: pull.number,
    nodeId: pull.node_id,
    title: pull.title,
    body: pull.body ?? '',
    url: pull.html_url,
    author,
    ours: author.id === botId,
    state: pull.state === 'open' ? 'open' : 'closed',
    draft: pull.draft === true,
    base: pull.base.ref,
    headBranch: pull.head.ref,
    head: toSha(pull.head.sha),
    // The repository of the head is null where the fork is gone.
    sameRepository: pull.head.repo?.id === pull.base.repo.id,
    autoMerge: pull.auto_merge === null ? null : { by: personOf(pull.auto_merge.enabled_by) },
    createdAt: instantOf(pull.created_at),
    updatedAt: instantOf(pull.updated_at),
    closedAt: pull.closed_at === null ? null : instantOf(pull.closed_at),
    mergedAt: pull.merged_at === null ? null : instantOf(pull.merged_at),
    mergeCommit: pull.merged_at === null || pull.merge_commit_sha === null ? null : toSha(pull.merge_commit_sha),
  }
}
