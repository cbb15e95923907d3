import { type Instant, toInstant } from '../../../domain/ids.ts'
import type { Person } from '../../../domain/person.ts'
import type { Installations } from '../../../ports/forge/forge.ts'
import type { Octokit } from './request-door.ts'
import type { Timing } from './timing.ts'

/** What every port of one repository is made of. */
export interface Access {
  readonly octokit: Octokit
  readonly owner: string
  readonly repo: string
  readonly identity: () => ReturnType<Installations['identity']>
  readonly timing: Timing
}

/** Accounts that were deleted come as null: nobody, and a bot, so that nothing they did counts as a person's word. */
export function personOf(
  user: { readonly id: number; readonly login: string; readonly type?: string } | null | undefined,
): Person {
  if (user === null || user === undefined) return { id: 0, login: 'ghost', kind: 'bot' }
  return { id: user.id, login: user.login, kind: user.type === 'User' ? 'person' : 'bot' }
}

export const instantOf = (time: string): Instant => toInstant(Date.parse(time))

const perPage = 100
const mostPages = 100

/** Loads pages until one is not full. Pages are counted, not followed by links: a link could name any address. */
export async function allPages<T>(
  load: (page: { readonly per_page: number; readonly page: number }) => Promise<readonly T[]>,
  most = perPage * mostPages,
): Promise<readonly T[]> {
  const found: T[] = []
  for (let page = 1; found.length < most && page <= mostPages; page += 1) {
    const items = await load({ per_page: Math.min(perPage, most), page })
    found.push(...items)
    if (items.length < Math.min(perPage, most)) break
  }
  return found.slice(0, most)
}
