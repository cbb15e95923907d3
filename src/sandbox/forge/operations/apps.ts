import {
  type ApiCall,
  created,
  fieldsAt,
  listAt,
  listOf,
  nothing,
  numberAt,
  type Operations,
  ok,
  operation,
} from '../api/operation.ts'
import { notFound, Refusal } from '../api/refusal.ts'
import { giveInstallationToken, installationOf, permits, reaches } from '../model/installations.ts'
import type { Installation, Permissions, Repository } from '../model/world.ts'
import { appView, installationView } from '../views/app.ts'
import { repositoryView } from '../views/repository.ts'
import { timeOf } from '../views/urls.ts'

export const appOperations = {
  'apps/get-authenticated': operation('app', ({ world }) =>
    ok({ ...appView(world), installations_count: world.installations.size }),
  ),
  'apps/list-installations': operation('app', ({ world }) =>
    listOf([...world.installations.values()], (one) => installationView(world, one)),
  ),
  'apps/get-installation': operation('app', (call) => ok(installationView(call.world, installationAt(call)))),
  'apps/get-repo-installation': operation('app', ({ world, repository }) => {
    const installation = repository === undefined ? undefined : installationOf(world, repository)
    if (installation === undefined) throw notFound()
    return ok(installationView(world, installation))
  }),
  'apps/create-installation-access-token': operation('app', createToken),
  'apps/revoke-installation-access-token': operation('installation', ({ world, actor }) => {
    if (actor.kind === 'installation') world.tokens.delete(actor.text)
    return nothing
  }),
  'apps/list-repos-accessible-to-installation': operation('installation', ({ world, actor }) =>
    listOf(
      [...world.repositories.values()].filter((one) => actor.kind === 'installation' && reaches(actor, one)),
      (one) => repositoryView(world, one),
      (repositories, total_count) => ({ total_count, repositories }),
    ),
  ),
  'rate-limit/get': operation('anybody', ({ rate }) =>
    ok({ resources: { core: rate(), search: rate() }, rate: rate() }),
  ),
} satisfies Operations

function installationAt({ world, path }: ApiCall): Installation {
  const installation = world.installations.get(numberAt(path, 'installation_id') ?? 0)
  if (installation === undefined) throw notFound()
  return installation
}

function createToken(call: ApiCall) {
  const { world, body } = call
  const installation = installationAt(call)
  if (installation.suspendedAt !== null) throw new Refusal(403, 'This installation has been suspended')
  const repositories = wantedRepositories(call, installation)
  const permissions = wantedPermissions(fieldsAt(body, 'permissions'), installation)
  const token = giveInstallationToken(world, {
    installation,
    permissions,
    repositories: repositories && new Set(repositories.map(({ id }) => id)),
  })
  return created({
    token: token.text,
    expires_at: timeOf(token.expiresAt),
    permissions: token.permissions,
    repository_selection: 'selected',
    ...(repositories === undefined ? {} : { repositories: repositories.map((one) => repositoryView(world, one)) }),
  })
}

function wantedRepositories({ world, body }: ApiCall, installation: Installation): readonly Repository[] | undefined {
  const [ids, names] = [listAt(body, 'repository_ids'), listAt(body, 'repositories')]
  if (ids === undefined && names === undefined) return undefined
  const installed = [...world.repositories.values()].filter(({ id }) => installation.repositories.has(id))
  const found = installed.filter(({ id, name }) => ids?.includes(id) || names?.includes(name))
  if (found.length < (ids?.length ?? 0) + (names?.length ?? 0))
    throw new Refusal(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    )
  return found
}

function wantedPermissions(
  wanted: Readonly<Record<string, unknown>> | undefined,
  installation: Installation,
): Permissions {
  if (wanted === undefined) return installation.permissions
  const entries = Object.entries(wanted).map(([name, access]) => [name, access === 'write' ? 'write' : 'read'] as const)
  if (!entries.every(([name, access]) => permits(installation.permissions, name, access)))
    throw new Refusal(422, 'The permissions requested are not granted to this installation.')
  return { metadata: 'read', ...Object.fromEntries(entries) }
}
