import type { ProbotOctokit } from 'probot'
import { failureReason, TransientError } from '../../../domain/failures.ts'
import { type HttpError, isHttpError, isUncertain, translate } from './failures.ts'
import { operationOf, type UsedOperation } from './operations.ts'
import type { ReadCache } from './read-cache.ts'
import type { RequestLimit } from './request-limit.ts'
import type { Timing } from './timing.ts'
import type { WriteBudget } from './write-budget.ts'

export type Octokit = InstanceType<typeof ProbotOctokit>

export interface Door {
  readonly cache: ReadCache
  /** Divides the cache: an answer that one token got is never another's. */
  readonly cacheKey: string
  /** Of the installation, for reads and writes. */
  readonly limit: RequestLimit
  readonly budget: WriteBudget
  readonly timing: Timing
  /** 0 up to 1. */
  readonly random: () => number
  /** Called for every answer: the status, or 0 where none came. */
  readonly onAnswer: (operation: string, status: number, headers: Headers) => void
}

type Headers = Readonly<Record<string, string | number | undefined>>
export type Options = Required<Parameters<Octokit['request']['endpoint']['parse']>[0]>
type Answer = Awaited<ReturnType<Octokit['request']>>
export type Request = (options: Options) => Answer | Promise<Answer>

/**
 * Every request passes here, and nowhere else: reads ask with the ETag that they know and are tried again when the forge
 * stumbles; writes wait for the budget and are sent once, since a write that got no answer may have worked. Neither is sent
 * while the forge limits the installation. Errors leave as ours.
 */
export function guardRequests(octokit: Octokit, door: Door): void {
  octokit.hook.wrap('request', async (request, options) => {
    const operation = operationOf(options.method, options.url)
    if (operation === undefined) throw new TypeError(`not in the table of operations: ${options.method} ${options.url}`)
    const send = () => sendOnce(request, options, operation, door)
    if (operation.write !== null) return door.budget.spend(operation.write, send)
    const url = options.method === 'GET' ? octokit.request.endpoint.parse(options).url : undefined
    return sendRead(url === undefined ? send : () => sendKnowing(url, send, options, door), door)
  })
}

const mostTries = 3

async function sendRead<T>(send: () => Promise<T>, door: Door): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    await door.limit.over()
    try {
      return await send()
    } catch (error) {
      if (tries >= mostTries || !isUncertain(error)) throw error
      await door.timing.pause(200 * 3 ** (tries - 1) * (0.5 + door.random()))
    }
  }
}

/** A 304 is thrown by Octokit; it passes `sendOnce` untranslated. */
async function sendKnowing(url: string, send: () => Promise<Answer>, options: Options, door: Door): Promise<Answer> {
  const key = `${door.cacheKey} ${url}`
  const known = door.cache.get(key)
  if (known !== undefined) options.headers['if-none-match'] = known.etag
  try {
    const response = await send()
    if (response.headers.etag !== undefined) {
      door.cache.keep(key, { etag: response.headers.etag, data: response.data, headers: response.headers })
    }
    return response
  } catch (error) {
    if (known === undefined || !isNotModified(error)) throw error
    return { url, status: 200, data: known.data, headers: { ...known.headers, ...error.response?.headers } }
  }
}

async function sendOnce(request: Request, options: Options, operation: UsedOperation, door: Door): Promise<Answer> {
  try {
    const response = await request(options)
    door.onAnswer(operation.id, response.status, response.headers)
    // Octokit answers whatever text it got where JSON ends too early; no operation of ours answers a text.
    if (typeof response.data === 'string' && response.status !== 204) throw brokenOff(operation)
    return response
  } catch (error) {
    if (error instanceof TransientError) throw error
    const response = isHttpError(error) ? error.response : undefined
    door.onAnswer(operation.id, response?.status ?? 0, response?.headers ?? {})
    throw isNotModified(error) ? error : noted(translate(error, operation.id), door)
  }
}

/** A limit is the whole installation's, whichever request met it. */
function noted(failure: unknown, { limit }: Door): unknown {
  if (failure instanceof TransientError && failureReason(failure) === 'forge.rate-limited')
    limit.reached(failure.retryAfterSeconds ?? 60)
  return failure
}

const isNotModified = (error: unknown): error is HttpError => isHttpError(error) && error.status === 304

const brokenOff = ({ id }: UsedOperation) =>
  new TransientError('forge.unreachable', `${id}: the answer of the forge broke off`)
