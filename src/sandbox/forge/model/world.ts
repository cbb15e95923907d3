import type { Background } from '../background.ts'
import type { Faults } from '../faults.ts'
import type { Hooks } from '../hooks/hooks.ts'
import type { Account, Team } from './account.ts'
import type { Repository } from './repository.ts'

export type { Account, RoleName, Team } from './account.ts'
export type { Repository } from './repository.ts'

export type Access = 'read' | 'write'
export type Permissions = Readonly<Record<string, Access>>

export interface App {
  readonly id: number
  readonly slug: string
  readonly clientId: string
  readonly owner: Account
  readonly bot: Account
  readonly privateKey: string
  readonly publicKey: string
  readonly webhookSecret: string
  readonly permissions: Permissions
  readonly createdAt: number
}
export interface Installation {
  readonly id: number
  readonly account: Account
  readonly repositories: Set<number>
  permissions: Permissions
  suspendedAt: number | null
  readonly createdAt: number
}
export type Token =
  | { readonly kind: 'person'; readonly account: Account }
  | {
      readonly kind: 'installation'
      readonly text: string
      readonly installation: Installation
      readonly permissions: Permissions
      /** Undefined for all of the installation's. */
      readonly repositories: ReadonlySet<number> | undefined
      readonly expiresAt: number
    }
export type Actor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'app' }
  | { readonly kind: 'person'; readonly account: Account }
  | (Extract<Token, { kind: 'installation' }> & { readonly account: Account })
/** Somebody who can be named as the author of something. */
export type Author = Extract<Actor, { account: Account }>

/** One request that was answered, for counting. */
export interface Call {
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly actor: string
  readonly at: number
}

export interface World {
  readonly dir: string
  /** Of the pages; the API is below `/api/v3`. */
  readonly url: string
  readonly app: App
  readonly accounts: Map<number, Account>
  readonly teams: Team[]
  readonly repositories: Map<number, Repository>
  readonly installations: Map<number, Installation>
  readonly tokens: Map<string, Token>
  readonly calls: Call[]
  readonly faults: Faults
  readonly hooks: Hooks
  readonly background: Background
  now(): number
  nextId(): number
}
