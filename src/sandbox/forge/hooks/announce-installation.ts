import { fullName } from '../model/repositories.ts'
import type { Installation, World } from '../model/world.ts'
import { accountView, type Json } from '../views/account.ts'
import { installationView } from '../views/app.ts'
import { nodeId } from '../views/urls.ts'

type InstallationAction = 'created' | 'suspend' | 'unsuspend' | 'new_permissions_accepted'

/** The `installation` webhook. */
export function announceInstallation(world: World, installation: Installation, action: InstallationAction): void {
  const repositories = briefly(world, [...installation.repositories])
  send(world, installation, { event: 'installation', action }, { repositories })
}

/** The `installation_repositories` webhook: one for what came, one for what went. */
export function announceRepositories(
  world: World,
  installation: Installation,
  changed: { readonly added: readonly number[]; readonly removed: readonly number[] },
): void {
  for (const action of ['added', 'removed'] as const) {
    if (changed[action].length === 0) continue
    const facts = {
      repository_selection: 'selected',
      repositories_added: action === 'added' ? briefly(world, changed.added) : [],
      repositories_removed: action === 'removed' ? briefly(world, changed.removed) : [],
      requester: null,
    }
    send(world, installation, { event: 'installation_repositories', action }, facts)
  }
}

function send(
  world: World,
  installation: Installation,
  what: { readonly event: string; readonly action: string },
  facts: Json,
): void {
  const sender = accountView(world, installation.account)
  const payload = { action: what.action, installation: installationView(world, installation), ...facts, sender }
  world.hooks.send({ ...what, installation: installation.id, repository: null, payload })
}

const briefly = (world: World, ids: readonly number[]): readonly Json[] =>
  [...world.repositories.values()]
    .filter(({ id }) => ids.includes(id))
    .map((one) => ({
      id: one.id,
      node_id: nodeId('Repository', one.id),
      name: one.name,
      full_name: fullName(one),
      private: one.isPrivate,
    }))
