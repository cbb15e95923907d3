import { installationOf } from '../model/installations.ts'
import type { Account, Repository, World } from '../model/world.ts'
import { accountView, type Json } from '../views/account.ts'
import { organizationOf, repositoryView } from '../views/repository.ts'
import { nodeId } from '../views/urls.ts'

/** Sends a webhook about a repository where the App is installed on it. */
export function announce(
  world: World,
  about: {
    readonly repository: Repository
    readonly sender: Account
    readonly event: string
    readonly action?: string
  },
  facts: Json,
): void {
  const installation = installationOf(world, about.repository)
  if (installation === undefined || installation.suspendedAt !== null) return
  const payload = {
    ...(about.action === undefined ? {} : { action: about.action }),
    repository: repositoryView(world, about.repository),
    ...facts,
    ...organizationOf(world, about.repository),
    sender: accountView(world, about.sender),
    installation: { id: installation.id, node_id: nodeId('Integration', installation.id) },
  }
  world.hooks.send({
    event: about.event,
    action: about.action ?? null,
    installation: installation.id,
    repository: about.repository.id,
    payload,
  })
}
