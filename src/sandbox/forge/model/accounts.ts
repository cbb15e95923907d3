import { randomBytes } from 'node:crypto'
import { roleNames } from './account.ts'
import type { Account, Actor, Repository, RoleName, Team, World } from './world.ts'

export function addAccount(world: World, login: string, type: Account['type']): Account {
  if (findAccount(world, login) !== undefined) throw new Error(`The sandbox already has an account "${login}".`)
  const account: Account = { id: world.nextId(), login, type, createdAt: world.now(), members: new Map() }
  world.accounts.set(account.id, account)
  return account
}

export function findAccount(world: World, login: string): Account | undefined {
  return [...world.accounts.values()].find((account) => account.login.toLowerCase() === login.toLowerCase())
}

export function accountNamed(world: World, login: string): Account {
  const account = findAccount(world, login)
  if (account !== undefined) return account
  const known = [...world.accounts.values()].map((one) => one.login).join(', ')
  throw new Error(`The sandbox has no account "${login}"; it has ${known}. Create it first.`)
}

export function giveToken(world: World, account: Account): string {
  const token = `ghp_${randomBytes(18).toString('hex')}`
  world.tokens.set(token, { kind: 'person', account })
  return token
}

export function addTeam(world: World, organization: Account, slug: string, members: readonly Account[]): Team {
  const ids = members.map((member) => member.id)
  const team: Team = { id: world.nextId(), slug, organization, members: new Set(ids), createdAt: world.now() }
  for (const id of ids) if (!organization.members.has(id)) organization.members.set(id, 'member')
  world.teams.push(team)
  return team
}

export function findTeam(world: World, organization: string, slug: string): Team | undefined {
  const same = (team: Team) =>
    team.organization.login.toLowerCase() === organization.toLowerCase() && team.slug === slug
  return world.teams.find(same)
}

export function teamNamed(world: World, organization: string, slug: string): Team {
  const team = findTeam(world, organization, slug)
  if (team !== undefined) return team
  const known = world.teams.map((one) => `${one.organization.login}/${one.slug}`).join(', ')
  throw new Error(`The sandbox has no team ${organization}/${slug}; it has ${known || 'none'}. Create it first.`)
}

/** The highest of what a person has directly, by team, by owning it, and because anybody may read what is public. */
export function roleOf(world: World, repository: Repository, account: Account): RoleName {
  const owns = repository.owner.id === account.id || repository.owner.members.get(account.id) === 'admin'
  const byTeam = world.teams
    .filter((team) => team.members.has(account.id))
    .map((team) => repository.teamRoles.get(team.id) ?? 'none')
  const asMember = repository.owner.members.has(account.id) ? 'read' : 'none'
  const byAll = repository.isPrivate ? asMember : 'read'
  return highest([owns ? 'admin' : 'none', byAll, repository.roles.get(account.id) ?? 'none', ...byTeam])
}

const highest = (roles: readonly RoleName[]): RoleName =>
  roles.reduce((best, role) => (roleNames.indexOf(role) > roleNames.indexOf(best) ? role : best), 'none')

export const atLeast = (role: RoleName, wanted: RoleName): boolean =>
  roleNames.indexOf(role) >= roleNames.indexOf(wanted)

export const nameOf = (actor: Actor): string =>
  'account' in actor ? actor.account.login : actor.kind === 'app' ? 'the App itself' : 'anonymous'
