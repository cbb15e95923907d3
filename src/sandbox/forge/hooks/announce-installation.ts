import { fullName } from '../model/repositories.ts'
import type { Installation, World } from '../model/world.ts'
import { accountView } from '../views/account.ts'
import { installationView } from '../views/app.ts'
import { nodeId } from '../views/urls.ts'

/** The `installation` webhook. */
export function announceInstallation(
  world: World,
  installation: Installation,
  action: 'created' | 'suspend' | 'unsuspend',
): void {
  const repositories = [...world.repositories.values()]
    .filter(({ id }) => installation.repositories.has(id))
    .map((one) => ({
      id: one.id,
      node_id: nodeId('Repository', one.id),
      name: one.name,
      full_name: fullName(one),
      private: one.isPrivate,
    }))
  world.hooks.send({
    event: 'installation',
    action,
    installation: installation.id,
    repository: null,
    payload: {
      action,
      installation: installationView(world, installation),
      repositories,
      sender: accountView(world, installation.account),
    },
  })
}
