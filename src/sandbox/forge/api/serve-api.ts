import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { nameOf } from '../model/accounts.ts'
import type { Actor, World } from '../model/world.ts'
import { type Answered, answerCall } from './answer-call.ts'
import { authenticate } from './authenticate.ts'
import { describedOperations } from './openapi.ts'
import { isFields, type Operations } from './operation.ts'
import { type Quota, secondaryLimit } from './quota.ts'
import { readBody } from './read-body.ts'
import { documentation, Refusal } from './refusal.ts'
import { type Route, routesOf } from './routes.ts'

export interface ApiDoor {
  readonly world: World
  readonly quota: Quota
  readonly operations: Operations
}
interface Received {
  readonly method: string
  readonly url: URL
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

/** Answers what is below `/api/v3`, with the faults that were asked for around it. */
export function serveApi(door: ApiDoor): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const routes = routesOf(describedOperations().filter(({ id }) => id in door.operations))
  const lastAnswers = new Map<string, Answered>()
  return async (request, response) => {
    const url = new URL(request.url ?? '/', door.world.url)
    const method = request.method ?? 'GET'
    const path = url.pathname.replace(/^\/api\/v3/, '')
    const found = findRoute(routes, method, path)
    const operation = found?.route.described.id ?? 'unknown'
    const body = await readBody(request)
    const received: Received = { method, url, path, headers: request.headers, body: parseJson(body) }
    const subject = { method, path, body: received.body }
    const strike = door.world.faults.strike
    for (const fault of strike(operation, subject, ['delay'])) await pause(fault.milliseconds)
    if (strike(operation, subject, ['reset-before']).length > 0) return void request.socket.destroy()

    const who = identify(door, received)
    const [before] = strike(operation, subject, ['error-before'])
    const [limited] = strike(operation, subject, ['rate-limited'])
    const [stale] = method === 'GET' ? strike(operation, subject, ['stale']) : []
    const remembered = stale === undefined ? undefined : lastAnswers.get(url.href)
    const answered =
      before !== undefined
        ? broken(before.status)
        : limited !== undefined
          ? refused(secondaryLimit(limited.retryAfterSeconds))
          : (remembered ?? (await answer(door, received, who, found)))
    if (method === 'GET' && answered.status === 200) lastAnswers.set(url.href, answered)

    const [after] = strike(operation, subject, ['error-after'])
    const shown = after === undefined ? answered : broken(after.status)
    const isUnchanged =
      shown.status === 200 && shown.etag !== undefined && received.headers['if-none-match'] === shown.etag
    const status = isUnchanged ? 304 : shown.status
    const actor = who instanceof Refusal ? 'unknown' : nameOf(who)
    door.world.calls.push({ operation, method, path, status, actor, at: door.world.now() })
    if (strike(operation, subject, ['reset-after']).length > 0) return void request.socket.destroy()
    if (isUnchanged && !(who instanceof Refusal)) door.quota.giveBack(who)
    write(response, status, shown, who instanceof Refusal ? {} : door.quota.headers(who))
  }
}

function findRoute(routes: readonly Route[], method: string, path: string) {
  for (const route of routes) {
    const params = route.match(method, path)
    if (params !== undefined) return { route, params }
  }
  return undefined
}

function identify({ world }: ApiDoor, { headers }: Received): Actor | Refusal {
  try {
    return authenticate(world, headers.authorization)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

async function answer(
  door: ApiDoor,
  received: Received,
  who: Actor | Refusal,
  found: ReturnType<typeof findRoute>,
): Promise<Answered> {
  try {
    if (who instanceof Refusal) throw who
    if (found === undefined)
      throw new Refusal(
        501,
        `The sandbox forge serves no ${received.method} ${received.path}; see src/sandbox/forge/operations/table.ts.`,
      )
    const { described } = found.route
    const operation = door.operations[described.id]
    if (operation === undefined) throw new Error(`${described.id} has a route but no handler`)
    door.quota.take(who, described.id)
    const query = Object.fromEntries(received.url.searchParams)
    const body = isFields(received.body) ? received.body : {}
    const wanted = {
      world: door.world,
      actor: who,
      path: found.params,
      query,
      body,
      url: received.url,
      rate: () => door.quota.rate(who),
    }
    const answered = await answerCall(described, operation, wanted)
    return { ...answered, etag: etagOf(answered.body) }
  } catch (error) {
    if (error instanceof Refusal) return refused(error)
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    return { status: 500, headers: {}, body: { message: `The sandbox forge has a bug: ${message}`, detail: stack } }
  }
}

const refused = (refusal: Refusal): Answered => ({
  status: refusal.status,
  headers: refusal.headers,
  body: {
    message: refusal.message,
    documentation_url: documentation,
    status: String(refusal.status),
    ...refusal.details,
  },
})

const broken = (status = 502): Answered => ({ status, headers: {}, body: { message: 'Server Error' } })

const etagOf = (body: unknown): string =>
  `W/"${createHash('sha256')
    .update(JSON.stringify(body ?? null))
    .digest('hex')}"`

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined
  try {
    return JSON.parse(body.toString())
  } catch {
    // What is no JSON is an empty body to the operation, which then misses its fields and says so.
    return undefined
  }
}

function write(
  response: ServerResponse,
  status: number,
  answered: Answered,
  rate: Readonly<Record<string, string>>,
): void {
  const isEmpty = status === 304 || status === 204
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'x-github-request-id': randomUUID(),
    'x-github-enterprise-version': '3.19.0',
    ...(answered.etag === undefined ? {} : { etag: answered.etag }),
    ...rate,
    ...answered.headers,
  })
  response.end(isEmpty ? undefined : JSON.stringify(answered.body))
}
