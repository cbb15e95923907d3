import { randomBytes } from 'node:crypto'
import type { Access, Account, App, Installation, Permissions, Repository, Token, World } from './world.ts'

export const oneHour = 3_600_000

export function addInstallation(world: World, account: Account, repositories: readonly Repository[]): Installation {
  const installation: Installation = {
    id: world.nextId(),
    account,
    repositories: new Set(repositories.map(({ id }) => id)),
    permissions: world.app.permissions,
    suspendedAt: null,
    createdAt: world.now(),
  }
  world.installations.set(installation.id, installation)
  return installation
}

export function giveInstallationToken(
  world: World,
  wanted: {
    readonly installation: Installation
    readonly permissions: Permissions
    readonly repositories: ReadonlySet<number> | undefined
  },
): Extract<Token, { kind: 'installation' }> {
  const text = `ghs_${randomBytes(18).toString('hex')}`
  const token = { kind: 'installation' as const, text, ...wanted, expiresAt: world.now() + oneHour }
  world.tokens.set(text, token)
  return token
}

export const installationOf = (world: World, repository: Repository): Installation | undefined =>
  [...world.installations.values()].find((one) => one.repositories.has(repository.id))

/** What a token may touch: its own list, within what is installed now. */
export const reaches = (token: Extract<Token, { kind: 'installation' }>, repository: Repository): boolean =>
  token.installation.repositories.has(repository.id) && (token.repositories?.has(repository.id) ?? true)

export const permits = (held: Permissions, name: string, wanted: Access): boolean =>
  name === 'metadata' ? wanted === 'read' : held[name] === 'write' || held[name] === wanted

export const defaultPermissions: App['permissions'] = {
  metadata: 'read',
  contents: 'write',
  pull_requests: 'write',
  issues: 'read',
  checks: 'write',
  statuses: 'write',
  members: 'read',
}
