import { failureKind, failureReason, OperatorError, TransientError, UserError } from '../../../domain/failures.ts'

/** The forge understood and said no (404, 405, 409, 410, 422 …). Ports turn those that they expect into outcomes. */
export class ForgeRefusal extends UserError {
  readonly status: number
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(status === 404 ? 'forge.not-found' : 'forge.refused', message, options)
    this.status = status
  }
}

/** Whether nobody can know if a write took effect: it must be read back before anything else (T13). */
export const isUncertain = (error: unknown): boolean => failureReason(error) === 'forge.unreachable'

/** What Octokit throws, told by shape: there may be more than one copy of its class. Without `response` none came. */
export interface HttpError extends Error {
  readonly status: number
  readonly request?: { readonly url: string }
  readonly response?: { readonly status: number; readonly headers: Headers; readonly data: unknown }
}

export const isHttpError = (error: unknown): error is HttpError =>
  error instanceof Error && error.name === 'HttpError' && 'status' in error && typeof error.status === 'number'

/** An answer of GraphQL with `errors`: its status is 200. */
export const isGraphqlRefusal = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'GraphqlResponseError'

/**
 * What an error of Octokit means to us, told by status and headers; by message only where GitHub tells
 * a limit by nothing else. Anything that is not Octokit's passes
 * through. `operation` names the call, for people.
 */
export function translate(error: unknown, operation: string): unknown {
  if (!isHttpError(error)) return error
  // Refusals of our own (a redirect that leaves the forge) come wrapped as if nobody had answered.
  if (error.response === undefined && failureKind(error.cause) === 'operator') return error.cause
  const options = { cause: error }
  const { status, response } = error
  // Probot's enterprise plugin throws a 404 of its own without a response; what nobody answered comes as 500.
  if (response === undefined && status >= 500) {
    return new TransientError(
      'forge.unreachable',
      `${operation}: ${placeOf(error)} did not answer${whyOf(error)}`,
      options,
    )
  }
  const retryAfterSeconds = limitedFor(status, response)
  if (retryAfterSeconds !== undefined) {
    return new TransientError('forge.rate-limited', `${operation}: the forge limits our requests`, {
      ...options,
      retryAfterSeconds,
    })
  }
  if (status >= 500)
    return new TransientError('forge.unreachable', `${operation}: the forge answered ${status}`, options)
  const detail = `${operation}: ${status} ${messageOf(response?.data)}`
  const refused = operatorsReason(status, operation)
  return refused === undefined ? new ForgeRefusal(status, detail, options) : new OperatorError(refused, detail, options)
}

/** The host alone: paths hold names. */
const placeOf = ({ request }: HttpError): string =>
  request !== undefined && URL.canParse(request.url) ? new URL(request.url).host : 'the forge'

/** ECONNREFUSED, ENOTFOUND, CERT_HAS_EXPIRED …: what tells a network from a name from a certificate. Fetch hides it two causes deep. */
function whyOf(error: Error): string {
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') return ` (${cause.code})`
  }
  return ''
}

/**
 * Seconds to wait, where this is a limit. A secondary limit may come without any header: GitHub then asks for a minute. As a
 * 403 nothing but its words tells it from a permission that we lack, https://github.com/hub4j/github-api/issues/2009.
 * https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
function limitedFor(status: number, response: HttpError['response']): number | undefined {
  if (status !== 403 && status !== 429) return undefined
  const headers = response?.headers ?? {}
  const retryAfter = Number(headers['retry-after'])
  if (headers['retry-after'] !== undefined && Number.isFinite(retryAfter)) return Math.max(1, retryAfter)
  if (headers['x-ratelimit-remaining'] === '0') return secondsUntilReset(headers)
  return status === 429 || /\brate limit|\babuse detection/i.test(messageOf(response?.data)) ? 60 : undefined
}

type Headers = Readonly<Record<string, string | number | undefined>>

// Both times are the forge's, so that our clock does not matter.
function secondsUntilReset(headers: Headers): number {
  const seconds = Number(headers['x-ratelimit-reset']) - Date.parse(String(headers.date)) / 1000
  return Number.isFinite(seconds) ? Math.min(3600, Math.max(1, Math.ceil(seconds))) : 60
}

function operatorsReason(status: number, operation: string): string | undefined {
  // The only call that a suspended or removed installation still answers is the one for its token, with 403 or 404.
  const isToken = operation === 'apps/create-installation-access-token'
  if (status === 401) return 'forge.credentials'
  if (isToken && (status === 403 || status === 404)) return 'forge.suspended'
  if (isToken && status === 422) return 'forge.permission'
  return status === 403 ? 'forge.permission' : undefined
}

function messageOf(data: unknown): string {
  const message = (data as { message?: unknown } | null | undefined)?.message
  return typeof message === 'string' ? message.slice(0, 300) : ''
}

/** The call's answer, or undefined where the forge refused it with one of the statuses. */
export async function unlessRefused<T>(statuses: readonly number[], call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof ForgeRefusal && statuses.includes(error.status)) return undefined
    throw error
  }
}
