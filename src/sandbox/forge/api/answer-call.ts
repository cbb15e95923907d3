import type { ValidateFunction } from 'ajv'
import { findRepository } from '../model/repositories.ts'
import type { Actor, Repository, World } from '../model/world.ts'
import { authorize } from './authorize.ts'
import type { Described } from './openapi.ts'
import { type Answer, type Fields, type Operation, textAt } from './operation.ts'
import { pageOf } from './paging.ts'
import type { Rate } from './quota.ts'
import { notFound, Refusal } from './refusal.ts'

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly etag?: string
}
interface Wanted {
  readonly world: World
  readonly actor: Actor
  readonly path: Fields
  readonly query: Fields
  readonly body: Fields
  readonly url: URL
  readonly rate: () => Rate
}

/** From a routed request to a body that GitHub's own description accepts. */
export async function answerCall(described: Described, operation: Operation, wanted: Wanted): Promise<Answered> {
  // The validators turn '7' into 7 and fill in defaults, in place.
  const path = { ...wanted.path }
  const query = { ...wanted.query }
  if (!described.checkPath(path)) throw notFound()
  const repository = repositoryOf(wanted.world, path)
  authorize(wanted.world, operation.needs, wanted.actor, repository)
  requireValid(described.checkQuery, query, 'query')
  if (described.checkBody !== undefined && wanted.body !== undefined)
    requireValid(described.checkBody, wanted.body, 'body')

  const call = { ...wanted, path, query, repository }
  const handled =
    repository !== undefined && described.method !== 'GET'
      ? await repository.inTurn(async () => operation.handle(call))
      : await operation.handle(call)
  const { body, headers } = await bodyOf(handled, query, wanted.url)
  // What callers see is what JSON makes of it, and so that is what is checked.
  const plain: unknown = body === undefined ? undefined : JSON.parse(JSON.stringify(body))
  requireDescribed(described, handled.status, plain)
  return { status: handled.status, headers, body: plain }
}

function repositoryOf(world: World, path: Fields): Repository | undefined {
  const [owner, name] = [textAt(path, 'owner'), textAt(path, 'repo')]
  if (owner === undefined || name === undefined) return undefined
  const repository = findRepository(world, owner, name)
  if (repository === undefined) throw notFound()
  return repository
}

async function bodyOf({ body, list }: Answer, query: Fields, url: URL) {
  return list === undefined ? { body, headers: {} } : pageOf(list, query, url)
}

function requireValid(check: ValidateFunction, data: unknown, place: string): void {
  if (check(data)) return
  const [error] = check.errors ?? []
  const field = error?.instancePath || error?.params.missingProperty || place
  throw new Refusal(422, `Invalid request.\n\n${place}${error?.instancePath ?? ''} ${error?.message ?? ''}.`, {
    errors: [{ resource: place, field: String(field), code: 'invalid' }],
  })
}

function requireDescribed(described: Described, status: number, body: unknown): void {
  const check = described.checkAnswer.get(status)
  if (check === undefined)
    throw new Error(`${described.id} answers ${status}, which GitHub's description does not know`)
  if (body === undefined || check(body)) return
  const errors = JSON.stringify(check.errors?.slice(0, 5))
  throw new Error(`${described.id} answers ${status} with a body that GitHub's description refuses: ${errors}`)
}
