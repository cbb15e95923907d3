import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { FaultKind } from '../faults.ts'
import type { World } from '../model/world.ts'
import type { Answered } from './answer-call.ts'
import { answerReceived, broken, refused } from './answer-received.ts'
import { graphql } from './graphql.ts'
import { describedOperations } from './openapi.ts'
import type { Operations } from './operation.ts'
import { type Quota, secondaryLimit } from './quota.ts'
import { actorName, type Received, receive } from './receive.ts'
import { Refusal } from './refusal.ts'
import { routesOf } from './routes.ts'
import { writeAnswer } from './write-answer.ts'

export interface ApiDoor {
  readonly world: World
  readonly quota: Quota
  readonly operations: Operations
}
/** What reads answered last, by URL, for reads that are to be stale. */
type Memory = LRUCache<string, Answered>

/** Answers what is below `/api/v3`, and `/api/graphql`, with the faults that were asked for around it. */
export function serveApi(door: ApiDoor): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const routes = routesOf([graphql, ...describedOperations()].filter(({ id }) => id in door.operations))
  const memory: Memory = new LRUCache({ max: 1000 })
  return async (request, response) => {
    const received = await receive(door.world, routes, request)
    for (const { milliseconds } of strike(door, received, 'delay')) await pause(milliseconds)
    if (strike(door, received, 'reset-before').length > 0) return void request.socket.destroy()

    const answered = (await brokenBefore(door, received, memory)) ?? (await answerReceived(door, received))
    if (received.method === 'GET' && answered.status === 200) memory.set(received.url.href, answered)
    const [after] = strike(door, received, 'error-after')
    const shown = unlessUnchanged(door, received, after === undefined ? answered : broken(after.status))

    record(door, received, shown.status)
    if (strike(door, received, 'reset-after').length > 0) return void request.socket.destroy()
    const rate = received.who instanceof Refusal ? {} : door.quota.headers(received.who)
    writeAnswer(response, shown, rate)
  }
}

function strike<K extends FaultKind>({ world }: ApiDoor, { operation, subject }: Received, kind: K) {
  return world.faults.strike(operation, subject, [kind])
}

/** A fault that keeps the request from having an effect. */
async function brokenBefore(door: ApiDoor, received: Received, memory: Memory): Promise<Answered | undefined> {
  const [error] = strike(door, received, 'error-before')
  if (error !== undefined) return broken(error.status)
  const [limited] = strike(door, received, 'rate-limited')
  if (limited !== undefined) return refused(secondaryLimit(limited.retryAfterSeconds))
  const remembered = received.method === 'GET' ? memory.get(received.url.href) : undefined
  return remembered !== undefined && strike(door, received, 'stale').length > 0 ? remembered : undefined
}

/** What the caller has already is 304, and costs nothing. */
function unlessUnchanged({ quota }: ApiDoor, { headers, who }: Received, answered: Answered): Answered {
  if (answered.status !== 200 || answered.etag === undefined || headers['if-none-match'] !== answered.etag)
    return answered
  if (!(who instanceof Refusal)) quota.giveBack(who)
  return { ...answered, status: 304 }
}

function record({ world }: ApiDoor, { operation, method, path, who }: Received, status: number): void {
  world.calls.push({ operation, method, path, status, actor: actorName(who), at: world.now() })
}
