import type { IncomingMessage } from 'node:http'
import type { FaultSubject } from '../faults.ts'
import { nameOf } from '../model/accounts.ts'
import type { Actor, World } from '../model/world.ts'
import { authenticate } from './authenticate.ts'
import { readBody } from './read-body.ts'
import { Refusal } from './refusal.ts'
import { type Found, findRoute, type Route } from './routes.ts'

/** One request as it came, with what it asks for and who asks. */
export interface Received {
  readonly method: string
  readonly url: URL
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
  readonly found: Found | undefined
  /** Its operationId; `unknown` where the sandbox serves none. */
  readonly operation: string
  readonly who: Actor | Refusal
  readonly subject: FaultSubject
}

export async function receive(world: World, routes: readonly Route[], request: IncomingMessage): Promise<Received> {
  const url = new URL(request.url ?? '/', world.url)
  const method = request.method ?? 'GET'
  const path = url.pathname.replace(/^\/api(\/v3)?(?=\/)/, '')
  const found = findRoute(routes, method, path)
  const body = parseJson(await readBody(request))
  const operation = found?.route.described.id ?? 'unknown'
  const who = identify(world, request.headers.authorization)
  const subject = { method, path, body, actor: actorName(who) }
  return { method, url, path, headers: request.headers, body, found, operation, who, subject }
}

function identify(world: World, header: string | undefined): Actor | Refusal {
  try {
    return authenticate(world, header)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

/** `unknown` where the credentials are no good. */
export const actorName = (who: Actor | Refusal): string => (who instanceof Refusal ? 'unknown' : nameOf(who))

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined
  try {
    return JSON.parse(body.toString())
  } catch {
    // What is no JSON is an empty body to the operation, which then misses its fields and says so.
    return undefined
  }
}
