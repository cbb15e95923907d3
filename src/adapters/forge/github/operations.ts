/**
 * Every operation of the API that this adapter may call, by GitHub's own operation ids. The door (`request-door.ts`) refuses
 * any other, so this is what the App's permissions must cover and what a stand-in for GitHub must serve.
 *
 * Writes pass the budget by urgency, 0 first: what ends an outage before what decorates. `creates` marks what GitHub counts
 * as content (80 a minute, 500 an hour:
 * https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits), and says how
 * much of that it may fill: anybody can have us comment, and most can have us show checks, so a revert's pull request and its
 * check must find room behind them (T59).
 */
export const operations = {
  'apps/get-authenticated': { route: 'GET /app' },
  'apps/get-webhook-config-for-app': { route: 'GET /app/hook/config' },
  'apps/list-installations': { route: 'GET /app/installations' },
  'apps/create-installation-access-token': { route: 'POST /app/installations/{installation_id}/access_tokens' },
  'apps/list-repos-accessible-to-installation': { route: 'GET /installation/repositories' },
  'users/get-by-username': { route: 'GET /users/{username}' },

  'pulls/list': { route: 'GET /repos/{owner}/{repo}/pulls' },
  'pulls/get': { route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}' },
  'pulls/create': { route: 'POST /repos/{owner}/{repo}/pulls', urgency: 1, creates: 1 },
  'pulls/update': { route: 'PATCH /repos/{owner}/{repo}/pulls/{pull_number}', urgency: 2 },
  'pulls/merge': { route: 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', urgency: 0 },
  'pulls/list-commits': { route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits' },
  'pulls/list-reviews': { route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews' },
  'repos/list-pull-requests-associated-with-commit': { route: 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls' },

  'graphql/disable-pull-request-auto-merge': { route: 'POST /graphql', urgency: 0 },

  'checks/list-for-ref': { route: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs' },
  'checks/create': { route: 'POST /repos/{owner}/{repo}/check-runs', urgency: 0, creates: 0.85 },
  'checks/update': { route: 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', urgency: 0 },
  'repos/get-combined-status-for-ref': { route: 'GET /repos/{owner}/{repo}/commits/{ref}/status' },

  'issues/list-comments-for-repo': { route: 'GET /repos/{owner}/{repo}/issues/comments' },
  'issues/list-events': { route: 'GET /repos/{owner}/{repo}/issues/{issue_number}/events' },
  'issues/list-comments': { route: 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments' },
  'issues/create-comment': {
    route: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
    urgency: 2,
    creates: 0.6,
  },
  'issues/update-comment': { route: 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', urgency: 2 },
  'reactions/create-for-issue-comment': {
    route: 'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions',
    urgency: 3,
  },

  'git/create-tree': { route: 'POST /repos/{owner}/{repo}/git/trees', urgency: 1 },
  'git/create-commit': { route: 'POST /repos/{owner}/{repo}/git/commits', urgency: 1 },
  'git/get-ref': { route: 'GET /repos/{owner}/{repo}/git/ref/{ref}' },
  'git/create-ref': { route: 'POST /repos/{owner}/{repo}/git/refs', urgency: 1 },
  'git/update-ref': { route: 'PATCH /repos/{owner}/{repo}/git/refs/{ref}', urgency: 1 },
  'git/delete-ref': { route: 'DELETE /repos/{owner}/{repo}/git/refs/{ref}', urgency: 3 },

  'repos/get-collaborator-permission-level': { route: 'GET /repos/{owner}/{repo}/collaborators/{username}/permission' },
  'teams/list-members-in-org': { route: 'GET /orgs/{org}/teams/{team_slug}/members' },

  'repos/get-branch-rules': { route: 'GET /repos/{owner}/{repo}/rules/branches/{branch}' },
  'repos/get-repo-ruleset': { route: 'GET /repos/{owner}/{repo}/rulesets/{ruleset_id}' },
} as const satisfies Record<string, Operation>

interface Operation {
  readonly route: string
  readonly urgency?: number
  /** Of the budget for creations, the share up to which it may be used. */
  readonly creates?: number
}

export type OperationId = keyof typeof operations

export const usedOperations = Object.keys(operations) as readonly OperationId[]

export interface UsedOperation {
  readonly id: OperationId
  /** Null for what changes nothing that anybody sees: reads, and tokens. */
  readonly write: { readonly urgency: number; readonly creates: number } | null
}

/** Undefined for a route that the table does not hold. `url` is the template, as Octokit's hooks see it. */
export const operationOf = (method: string, url: string): UsedOperation | undefined =>
  byRoute.get(`${method} ${url.replace(besideRest, '/graphql')}`)

/** On GitHub Enterprise Server GraphQL is not below the base of the REST API, so Octokit asks for the whole address. */
const besideRest = /^https?:\/\/[^/]+\/api\/graphql$/

const byRoute: ReadonlyMap<string, UsedOperation> = new Map(
  usedOperations.map((id) => {
    const { route, urgency, creates }: Operation = operations[id]
    return [route, { id, write: urgency === undefined ? null : { urgency, creates: creates ?? 0 } }]
  }),
)
