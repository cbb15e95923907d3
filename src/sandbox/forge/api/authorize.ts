import { atLeast, roleOf } from '../model/accounts.ts'
import { permits, reaches } from '../model/installations.ts'
import type { Access, Actor, Repository, RoleName, World } from '../model/world.ts'
import type { Needs } from './operation.ts'
import { notFound, Refusal } from './refusal.ts'

/** Throws what GitHub would answer to somebody who may not. */
export function authorize(world: World, needs: Needs, actor: Actor, repository: Repository | undefined): void {
  switch (needs.of) {
    case 'anybody':
      return
    case 'app':
      if (actor.kind !== 'app') throw new Refusal(401, 'A JSON web token could not be decoded')
      return
    case 'installation':
      if (actor.kind !== 'installation')
        throw new Refusal(
          403,
          'You must authenticate with an installation access token in order to list repositories for an installation.',
        )
      return
    case 'account':
      if (actor.kind !== 'person')
        throw actor.kind === 'anonymous' ? new Refusal(401, 'Requires authentication') : notAccessible()
      return
    case 'members':
      if (actor.kind === 'installation' && !permits(actor.permissions, 'members', 'read')) throw notAccessible()
      if (actor.kind === 'anonymous' || actor.kind === 'app') throw new Refusal(401, 'Requires authentication')
      return
    case 'repository':
      if (repository === undefined) throw notFound()
      inRepository(world, needs, actor, repository)
      return
  }
}

type RepositoryNeeds = Extract<Needs, { of: 'repository' }>

function inRepository(world: World, needs: RepositoryNeeds, actor: Actor, repository: Repository): void {
  if (actor.kind === 'app') throw new Refusal(401, 'A JSON web token could not be decoded')
  if (actor.kind === 'installation') {
    const isReached = reaches(actor, repository)
    if (!isReached && (repository.isPrivate || needs.access === 'write'))
      throw repository.isPrivate ? notFound() : notAccessible()
    const readsPublic = needs.access === 'read' && !repository.isPrivate && !isReached
    const isPermitted = needs.permissions.some((name) => holds(actor, name, needs.access))
    if (!isPermitted && !readsPublic) throw notAccessible()
    return
  }
  const role =
    actor.kind === 'person' ? roleOf(world, repository, actor.account) : repository.isPrivate ? 'none' : 'read'
  requireRole(actor, role, needs)
}

function requireRole(actor: Actor, role: RoleName, needs: RepositoryNeeds): void {
  if (!atLeast(role, 'read')) throw notFound()
  if (actor.kind === 'anonymous' && needs.access === 'write') throw new Refusal(401, 'Requires authentication')
  if (!atLeast(role, needs.role))
    throw needs.role === 'read' ? notFound() : new Refusal(403, 'Must have push access to repository.')
}

const holds = (actor: Extract<Actor, { kind: 'installation' }>, name: string, access: Access): boolean =>
  permits(actor.permissions, name, access) && permits(actor.installation.permissions, name, access)

const notAccessible = () => new Refusal(403, 'Resource not accessible by integration')
