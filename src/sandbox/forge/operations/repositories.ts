import { inRepository, listOf, type Operations, ok, type RepositoryCall, textAt } from '../api/operation.ts'
import { notFound } from '../api/refusal.ts'
import { readCommit } from '../git/commits.ts'
import { listRefs, readRef } from '../git/refs.ts'
import { findAccount, roleOf } from '../model/accounts.ts'
import type { RoleName } from '../model/world.ts'
import { activeRules } from '../rules/active-rules.ts'
import { accountView } from '../views/account.ts'
import { commitView } from '../views/commit.ts'
import { fullRepositoryView, permissionsOf } from '../views/repository.ts'
import { apiOfRepository, pageOf } from '../views/urls.ts'

export const repositoryOperations = {
  'repos/get': inRepository('metadata:read', 'read', ({ world, repository, actor }) =>
    ok(fullRepositoryView(world, repository, actor)),
  ),
  'repos/list-branches': inRepository('contents:read', 'read', async ({ world, repository }) => {
    const api = apiOfRepository(world, repository)
    return listOf(await listRefs(repository.dir), ({ ref, oid }) => ({
      name: ref.replace('refs/heads/', ''),
      commit: { sha: oid, url: `${api}/commits/${oid}` },
      protected: activeRules(repository, ref).length > 0,
    }))
  }),
  'repos/get-branch': inRepository('contents:read', 'read', getBranch),
  'repos/get-collaborator-permission-level': inRepository('metadata:read', 'read', getPermission),
} satisfies Operations

async function getBranch({ world, repository, path }: RepositoryCall) {
  const name = textAt(path, 'branch') ?? ''
  const oid = await readRef(repository.dir, `refs/heads/${name}`)
  const commit = oid === undefined ? undefined : await readCommit(repository.objects, oid)
  if (commit === undefined) throw notFound()
  const url = `${apiOfRepository(world, repository)}/branches/${name}`
  const isProtected = activeRules(repository, `refs/heads/${name}`).length > 0
  return ok({
    name,
    commit: commitView(world, repository, commit),
    _links: { self: url, html: `${pageOf(world, repository)}/tree/${name}` },
    protected: isProtected,
    protection: { enabled: false },
    protection_url: `${url}/protection`,
  })
}

// The old field knows four words only.
const legacy: Readonly<Record<RoleName, string>> = {
  none: 'none',
  read: 'read',
  triage: 'read',
  write: 'write',
  maintain: 'write',
  admin: 'admin',
}

function getPermission({ world, repository, path }: RepositoryCall) {
  const account = findAccount(world, textAt(path, 'username') ?? '')
  if (account === undefined) throw notFound()
  const role = roleOf(world, repository, account)
  const user = { ...accountView(world, account), permissions: permissionsOf(role), role_name: role }
  return ok({ permission: legacy[role], role_name: role, user })
}
