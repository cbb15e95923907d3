import { accountNamed, addAccount, addTeam, giveToken, teamNamed } from '../model/accounts.ts'
import type { World } from '../model/world.ts'
import type { SandboxForge } from '../sandbox-forge.ts'

type People = Pick<
  SandboxForge,
  'createUser' | 'createBot' | 'createOrganization' | 'createTeam' | 'setTeam' | 'renameUser'
>

/** Accounts, organisations and teams. */
export function peopleOf(world: World): People {
  const withToken = (login: string, type: 'User' | 'Bot') => {
    const account = addAccount(world, login, type)
    return { id: account.id, token: giveToken(world, account) }
  }
  const named = (logins: readonly string[]) => logins.map((login) => accountNamed(world, login))
  return {
    createUser: (login) => withToken(login, 'User'),
    createBot: (login) => withToken(login, 'Bot'),
    createOrganization: (login, { owners = [] } = {}) => {
      const organization = addAccount(world, login, 'Organization')
      for (const owner of named(owners)) organization.members.set(owner.id, 'admin')
      return { id: organization.id }
    },
    createTeam: (organization, slug, members) => ({
      id: addTeam(world, accountNamed(world, organization), slug, named(members)).id,
    }),
    setTeam: (organization, slug, members) => {
      const team = teamNamed(world, organization, slug)
      team.members.clear()
      for (const member of named(members)) team.members.add(member.id)
    },
    renameUser: (login, to) => {
      accountNamed(world, login).login = to
    },
  }
}
