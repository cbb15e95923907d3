import { LRUCache } from 'lru-cache'
import type { Sha } from '../../domain/ids.ts'
import type { PullRequest } from '../../ports/forge/pull-requests.ts'

export interface AskingForPulls {
  readonly forge: { readonly pulls: { ofCommit(commit: Sha): Promise<readonly Pick<PullRequest, 'number'>[]> } }
  readonly repository: { readonly id: number }
}

/** The pull request that a commit of the default branch came by, where the forge knows one: where people talk of it. */
export async function pullOfCommit({ forge, repository }: AskingForPulls, commit: Sha): Promise<number | null> {
  const key = `${repository.id} ${commit}`
  const kept = known.get(key)
  if (kept !== undefined) return kept.number
  const number = (await forge.pulls.ofCommit(commit))[0]?.number ?? null
  known.set(key, { number }, number === null ? { ttl: askedAgainAfter } : {})
  return number
}

/** In milliseconds: a forge may know of a merge before it knows which commits it brought. */
const askedAgainAfter = 10 * 60_000

/** What needs a person is found again by every round until somebody has acted. */
const known = new LRUCache<string, { readonly number: number | null }>({ max: 1_000, perf: { now: () => Date.now() } })
