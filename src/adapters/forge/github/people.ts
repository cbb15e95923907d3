import { failureReason } from '../../../domain/failures.ts'
import type { Person } from '../../../domain/person.ts'
import { isAtLeast } from '../../../domain/role.ts'
import { type People, type Role, roles } from '../../../ports/forge/people.ts'
import { type Access, allPages } from './access.ts'
import { unlessRefused } from './failures.ts'
import type { Octokit } from './request-door.ts'

export function githubPeople({ octokit, owner, repo }: Access): People {
  const isInTeam = async (org: string, team: string, person: Person) => {
    // The list tells ids; asking by login would believe whoever has that name now (T08).
    const members = await allPages(
      async (page) => (await octokit.rest.teams.listMembersInOrg({ org, team_slug: team, ...page })).data,
    )
    return members.some((member) => member.id === person.id)
  }
  const role = async (person: Person): Promise<Role> => {
    const call = octokit.rest.repos.getCollaboratorPermissionLevel({ owner, repo, username: person.login })
    const answer = await unlessRefused([404], call)
    return answer === undefined || answer.data.user?.id !== person.id ? 'none' : roleOf(answer.data)
  }
  // Who renames an account leaves its login to anybody: a manifest that still names it must not mean whoever took it (T08).
  const hasLogin = async (login: string, person: Person) =>
    (await octokit.rest.users.getByUsername({ username: login })).data.id === person.id &&
    isAtLeast(await role(person), 'write')

  return {
    role,
    isMember: async (group, person) => {
      const [org = '', team] = group.split('/')
      return knownOrUndefined(team === undefined ? hasLogin(org, person) : isInTeam(org, team, person))
    },
  }
}

type Permission = Awaited<ReturnType<Octokit['rest']['repos']['getCollaboratorPermissionLevel']>>['data']

/** The booleans hold for custom roles as well; a role's name counts only where it is exactly one that we know. */
function roleOf({ user, role_name }: Permission): Role {
  const may = user?.permissions
  if (may === undefined) return roles.find((role) => role === role_name) ?? 'none'
  if (may.admin) return 'admin'
  if (may.maintain === true) return 'maintain'
  if (may.push) return 'write'
  if (may.triage === true) return 'triage'
  return may.pull ? 'read' : 'none'
}

/** Undefined where it does not exist, or where the App may not see the organisation's members. */
async function knownOrUndefined(answer: Promise<boolean>): Promise<boolean | undefined> {
  try {
    return await unlessRefused([404], answer)
  } catch (error) {
    if (failureReason(error) === 'forge.permission') return undefined
    throw error
  }
}
