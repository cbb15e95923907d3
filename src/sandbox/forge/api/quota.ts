import type { Actor, World } from '../model/world.ts'
import { Refusal } from './refusal.ts'

export interface QuotaSettings {
  /** Requests per hour and installation; answers 304 are free. People are counted and never limited. */
  readonly requestsPerHour: number
  readonly creationsPerMinute: number
  readonly creationsPerHour: number
  /** What a secondary limit tells the caller to wait. */
  readonly retryAfterSeconds: number
}
export const gitHubQuota: QuotaSettings = {
  requestsPerHour: 5000,
  creationsPerMinute: 80,
  creationsPerHour: 500,
  retryAfterSeconds: 60,
}

/** What GitHub calls content: comments, pull requests, reviews, checks, refs; not git objects, tokens or merges. */
const creates = [
  'checks/create',
  'git/create-ref',
  'issues/create-comment',
  'pulls/create',
  'pulls/create-review',
  'reactions/create-for-issue-comment',
  'repos/create-commit-status',
  'repos/create-or-update-file-contents',
]
const minute = 60_000
const hour = 3_600_000

export interface Quota {
  /** Throws 403 where the actor has none left; `operation` decides whether it counts as a creation. */
  take(actor: Actor, operation: string): void
  giveBack(actor: Actor): void
  headers(actor: Actor): Readonly<Record<string, string>>
  rate(actor: Actor): Rate
}
export interface Rate {
  readonly limit: number
  readonly remaining: number
  readonly used: number
  readonly reset: number
}
interface Account {
  since: number
  used: number
  creations: number[]
}

export function openQuota(world: Pick<World, 'now'>, settings: QuotaSettings): Quota {
  const accounts = new Map<string, Account>()
  const accountOf = (actor: Actor): Account => {
    const key = keyOf(actor)
    const now = world.now()
    const account = accounts.get(key) ?? { since: now, used: 0, creations: [] }
    if (now >= account.since + hour) Object.assign(account, { since: now, used: 0 })
    account.creations = account.creations.filter((at) => at > now - hour)
    accounts.set(key, account)
    return account
  }
  const rate = (actor: Actor): Rate => {
    const { used, since } = accountOf(actor)
    const remaining = Math.max(0, settings.requestsPerHour - used)
    return { limit: settings.requestsPerHour, remaining, used, reset: Math.ceil((since + hour) / 1000) }
  }
  const headers = (actor: Actor) => headersOf(rate(actor))
  return {
    take: (actor, operation) => {
      const account = accountOf(actor)
      const isLimited = actor.kind === 'installation'
      if (isLimited && account.used >= settings.requestsPerHour)
        throw new Refusal(403, `API rate limit exceeded for ${keyOf(actor)}.`, {}, headers(actor))
      account.used += 1
      if (!isLimited || !creates.includes(operation)) return
      const now = world.now()
      const lastMinute = account.creations.filter((at) => at > now - minute).length
      if (lastMinute >= settings.creationsPerMinute || account.creations.length >= settings.creationsPerHour)
        throw secondaryLimit(settings.retryAfterSeconds)
      account.creations.push(now)
    },
    giveBack: (actor) => {
      accountOf(actor).used -= 1
    },
    headers,
    rate,
  }
}

export const secondaryLimit = (retryAfterSeconds: number | null): Refusal =>
  new Refusal(
    403,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    {},
    retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) },
  )

const headersOf = ({ limit, remaining, used, reset }: Rate): Readonly<Record<string, string>> => ({
  'x-ratelimit-limit': String(limit),
  'x-ratelimit-remaining': String(remaining),
  'x-ratelimit-used': String(used),
  'x-ratelimit-reset': String(reset),
  'x-ratelimit-resource': 'core',
})

const keyOf = (actor: Actor): string =>
  actor.kind === 'installation'
    ? `installation ID ${actor.installation.id}`
    : actor.kind === 'person'
      ? `user ID ${actor.account.id}`
      : actor.kind
