import type { Access, Actor, Author, Repository, RoleName, World } from '../model/world.ts'
import type { Rate } from './quota.ts'
import { notFound, Refusal } from './refusal.ts'

export type Fields = Readonly<Record<string, unknown>>
export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly list?: List
}
/** Only the page that was asked for is rendered. */
export interface List {
  readonly items: readonly unknown[]
  readonly render: (item: never) => unknown
  readonly wrap?: (page: readonly unknown[], total: number) => unknown
}

/** One request: authenticated, permitted and valid by GitHub's description when an operation sees it. */
export interface ApiCall {
  readonly world: World
  readonly actor: Actor
  readonly path: Fields
  readonly query: Fields
  readonly body: Fields
  readonly repository: Repository | undefined
  readonly rate: () => Rate
}
export interface RepositoryCall extends ApiCall {
  readonly repository: Repository
}
export type Needs =
  | { readonly of: 'anybody' | 'app' | 'installation' | 'account' }
  | { readonly of: 'members' }
  | {
      readonly of: 'repository'
      /** Any of these, of an installation token. */
      readonly permissions: readonly string[]
      readonly access: Access
      /** Of a person. */
      readonly role: RoleName
    }
export interface Operation {
  readonly needs: Needs
  handle(call: ApiCall): Answer | Promise<Answer>
}
export type Operations = Readonly<Record<string, Operation>>

export const operation = (
  of: 'anybody' | 'app' | 'installation' | 'account' | 'members',
  handle: Operation['handle'],
): Operation => ({
  needs: { of },
  handle,
})

/** `needs` in one word: `contents:read`, `issues|pull_requests:write`; a person needs the role. */
export function inRepository(
  needs: `${string}:${Access}`,
  role: RoleName,
  handle: (call: RepositoryCall) => Answer | Promise<Answer>,
): Operation {
  const [names = '', access] = needs.split(':')
  return {
    needs: { of: 'repository', permissions: names.split('|'), access: access === 'write' ? 'write' : 'read', role },
    handle: (call) => {
      if (call.repository === undefined) throw notFound()
      return handle({ ...call, repository: call.repository })
    },
  }
}

export const ok = (body: unknown): Answer => ({ status: 200, body })
export const created = (body: unknown): Answer => ({ status: 201, body })
export const nothing: Answer = { status: 204 }
export const listOf = <Item>(items: readonly Item[], render: (item: Item) => unknown, wrap?: List['wrap']): Answer => ({
  status: 200,
  list: { items, render, ...(wrap === undefined ? {} : { wrap }) },
})

/** Who acts; an anonymous caller cannot. */
export function authorOf(call: ApiCall): Author {
  if ('account' in call.actor) return call.actor
  throw new Refusal(401, 'Requires authentication')
}

// The description has said which type a field has; these say it to the compiler.
export const textAt = (fields: Fields, key: string): string | undefined => {
  const value = fields[key]
  return typeof value === 'string' ? value : undefined
}
export const numberAt = (fields: Fields, key: string): number | undefined => {
  const value = fields[key]
  return typeof value === 'number' ? value : undefined
}
export const flagAt = (fields: Fields, key: string): boolean | undefined => {
  const value = fields[key]
  return typeof value === 'boolean' ? value : undefined
}
export const fieldsAt = (fields: Fields, key: string): Fields | undefined => {
  const value = fields[key]
  return isFields(value) ? value : undefined
}
export const listAt = (fields: Fields, key: string): readonly unknown[] | undefined => {
  const value = fields[key]
  return Array.isArray(value) ? value : undefined
}
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
