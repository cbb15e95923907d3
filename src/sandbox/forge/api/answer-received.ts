import { createHash } from 'node:crypto'
import type { World } from '../model/world.ts'
import { type Answered, answerCall } from './answer-call.ts'
import { isFields, type Operations } from './operation.ts'
import type { Quota } from './quota.ts'
import type { Received } from './receive.ts'
import { documentation, Refusal } from './refusal.ts'

interface Door {
  readonly world: World
  readonly quota: Quota
  readonly operations: Operations
}

/** Never throws: a refusal is an answer, and a fault of the sandbox is one of 500 that tells what it is. */
export async function answerReceived(door: Door, received: Received): Promise<Answered> {
  try {
    return await answerServed(door, received)
  } catch (error) {
    if (error instanceof Refusal) return refused(error)
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    return { status: 500, headers: {}, body: { message: `The sandbox forge has a bug: ${message}`, detail: stack } }
  }
}

async function answerServed(door: Door, { found, who, method, path, url, body }: Received): Promise<Answered> {
  if (who instanceof Refusal) throw who
  const operation = found && door.operations[found.route.described.id]
  if (found === undefined || operation === undefined)
    throw new Refusal(501, `The sandbox forge serves no ${method} ${path}; what it serves is in operations/table.ts.`)
  const { described } = found.route
  door.quota.take(who, described.id)
  const answered = await answerCall(described, operation, {
    world: door.world,
    actor: who,
    path: found.params,
    query: Object.fromEntries(url.searchParams),
    body: isFields(body) ? body : {},
    url,
    rate: () => door.quota.rate(who),
  })
  return { ...answered, etag: etagOf(answered.body) }
}

export const refused = (refusal: Refusal): Answered => ({
  status: refusal.status,
  headers: refusal.headers,
  body: {
    message: refusal.message,
    documentation_url: documentation,
    status: String(refusal.status),
    ...refusal.details,
  },
})

export const broken = (status = 502): Answered => ({ status, headers: {}, body: { message: 'Server Error' } })

const etagOf = (body: unknown): string =>
  `W/"${createHash('sha256')
    .update(JSON.stringify(body ?? null))
    .digest('hex')}"`
