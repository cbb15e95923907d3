import { authorize } from '../api/authorize.ts'
import { graphql } from '../api/graphql.ts'
import { type ApiCall, fieldsAt, inRepository, type Operations, ok, operation, textAt } from '../api/operation.ts'
import { Refusal } from '../api/refusal.ts'
import type { Pull } from '../model/repository.ts'
import type { Repository, World } from '../model/world.ts'
import { announcePull } from '../pulls/announce-pull.ts'
import { nodeId } from '../views/urls.ts'

const mutation = 'disablePullRequestAutoMerge'

/** The one mutation that REST has no call for. As GitHub does, it answers refusals with 200 and `errors`. */
export const graphqlOperations = {
  [graphql.id]: operation('anybody', async (call) => {
    try {
      await disableAutoMerge(call)
      return ok({ data: { [mutation]: { clientMutationId: null } } })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return ok({ data: { [mutation]: null }, errors: [{ path: [mutation], message: error.message }] })
    }
  }),
} satisfies Operations

const { needs } = inRepository('pull_requests:write', 'write', () => ok(null))

async function disableAutoMerge({ world, actor, body }: ApiCall): Promise<void> {
  if (textAt(body, 'query')?.includes(`${mutation}(input: { pullRequestId: $pull })`) !== true)
    throw new Refusal(200, `The sandbox forge serves no GraphQL but ${mutation}.`)
  const { repository, pull } = pullOfNode(world, textAt(fieldsAt(body, 'variables') ?? {}, 'pull') ?? '')
  authorize(world, needs, actor, repository)
  await repository.inTurn(async () => {
    if (pull.autoMerge === null) throw new Refusal(200, "Can't disable auto-merge for this pull request.")
    pull.autoMerge = null
    if ('account' in actor)
      await announcePull(world, repository, pull, { action: 'auto_merge_disabled', sender: actor.account })
  })
}

function pullOfNode(world: World, id: string): { readonly repository: Repository; readonly pull: Pull } {
  for (const repository of world.repositories.values())
    for (const pull of repository.pulls.values()) if (nodeId('PullRequest', pull.id) === id) return { repository, pull }
  throw new Refusal(200, `Could not resolve to a node with the global id of '${id}'`)
}
