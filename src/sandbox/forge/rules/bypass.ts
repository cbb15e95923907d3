import { atLeast, roleOf } from '../model/accounts.ts'
import type { Actor, Repository, RoleName, World } from '../model/world.ts'
import type { BypassActor, RulesetFile } from './ruleset.ts'

/** How a change comes to a protected ref: the direct merge call, auto-merge (which bypasses nothing), or any other write. */
export type Door = 'merge-call' | 'auto-merge' | 'write'

export function maySkip(world: World, ruleset: RulesetFile, repository: Repository, actor: Actor, door: Door): boolean {
  const mode = bypassOf(world, ruleset, repository, actor)
  if (door === 'auto-merge') return false
  return mode === 'always' || mode === 'exempt' || (mode === 'pull_requests_only' && door === 'merge-call')
}

/** As `current_user_can_bypass` says it; the widest where several entries are about the actor. */
export function bypassOf(
  world: World,
  ruleset: RulesetFile,
  repository: Repository,
  actor: Actor,
): 'always' | 'pull_requests_only' | 'never' | 'exempt' {
  const modes = (ruleset.bypass_actors ?? [])
    .filter((entry) => isAbout(world, entry, repository, actor))
    .map((entry) => entry.bypass_mode ?? 'always')
  if (modes.includes('exempt')) return 'exempt'
  if (modes.includes('always')) return 'always'
  return modes.includes('pull_request') ? 'pull_requests_only' : 'never'
}

// https://docs.github.com/en/rest/repos/rules: the ids by which GitHub names its built-in roles.
const builtInRoles: ReadonlyMap<number, RoleName> = new Map([
  [2, 'maintain'],
  [4, 'write'],
  [5, 'admin'],
])

function isAbout(world: World, entry: BypassActor, repository: Repository, actor: Actor): boolean {
  if (actor.kind === 'installation') return entry.actor_type === 'Integration' && entry.actor_id === world.app.id
  if (actor.kind !== 'person') return false
  const { account } = actor
  switch (entry.actor_type) {
    case 'OrganizationAdmin':
      return repository.owner.members.get(account.id) === 'admin'
    case 'RepositoryRole': {
      const wanted = builtInRoles.get(entry.actor_id ?? 0)
      return wanted !== undefined && atLeast(roleOf(world, repository, account), wanted)
    }
    case 'Team':
      return world.teams.some((team) => team.id === entry.actor_id && team.members.has(account.id))
    case 'User':
      return entry.actor_id === account.id
    default:
      return false
  }
}
