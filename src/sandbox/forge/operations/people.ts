import {
  type ApiCall,
  authorOf,
  listOf,
  nothing,
  numberAt,
  type Operations,
  ok,
  operation,
  textAt,
} from '../api/operation.ts'
import { notFound } from '../api/refusal.ts'
import { findAccount, findTeam } from '../model/accounts.ts'
import type { Account, Team } from '../model/world.ts'
import { accountView, organizationView, publicUserView, teamView } from '../views/account.ts'
import { apiOf } from '../views/urls.ts'

export const peopleOperations = {
  'users/get-authenticated': operation('account', (call) => ok(publicUserView(call.world, authorOf(call).account))),
  'users/get-by-username': operation('anybody', (call) => ok(publicUserView(call.world, accountAt(call)))),
  'users/get-by-id': operation('anybody', ({ world, path }) => {
    const account = world.accounts.get(numberAt(path, 'account_id') ?? 0)
    if (account === undefined) throw notFound()
    return ok(publicUserView(world, account))
  }),
  'orgs/check-membership-for-user': operation('members', (call) => {
    if (!organizationAt(call).members.has(accountAt(call).id)) throw notFound()
    return nothing
  }),
  'orgs/get-membership-for-user': operation('members', getMembership),
  'teams/list': operation('members', (call) => {
    const organization = organizationAt(call)
    const teams = call.world.teams.filter((team) => team.organization === organization)
    return listOf(teams, (team) => teamView(call.world, team))
  }),
  'teams/get-by-name': operation('members', (call) => ok(teamView(call.world, teamAt(call)))),
  'teams/list-members-in-org': operation('members', (call) => {
    const { members } = teamAt(call)
    const accounts = [...call.world.accounts.values()].filter(({ id }) => members.has(id))
    return listOf(accounts, (account) => accountView(call.world, account))
  }),
  'teams/get-membership-for-user-in-org': operation('members', (call) => {
    const team = teamAt(call)
    const account = accountAt(call)
    if (!team.members.has(account.id)) throw notFound()
    const url = `${apiOf(call.world)}/organizations/${team.organization.id}/team/${team.id}/memberships/${account.login}`
    return ok({ url, role: 'member', state: 'active' })
  }),
} satisfies Operations

function getMembership(call: ApiCall) {
  const organization = organizationAt(call)
  const account = accountAt(call)
  const role = organization.members.get(account.id)
  if (role === undefined) throw notFound()
  const url = `${apiOf(call.world)}/orgs/${organization.login}`
  return ok({
    url: `${url}/memberships/${account.login}`,
    state: 'active',
    role,
    organization_url: url,
    organization: organizationView(call.world, organization),
    user: accountView(call.world, account),
  })
}

function accountAt({ world, path }: ApiCall): Account {
  const account = findAccount(world, textAt(path, 'username') ?? '')
  if (account === undefined) throw notFound()
  return account
}

function organizationAt({ world, path }: ApiCall): Account {
  const account = findAccount(world, textAt(path, 'org') ?? '')
  if (account?.type !== 'Organization') throw notFound()
  return account
}

function teamAt({ world, path }: ApiCall): Team {
  const team = findTeam(world, textAt(path, 'org') ?? '', textAt(path, 'team_slug') ?? '')
  if (team === undefined) throw notFound()
  return team
}
