import { LRUCache } from 'lru-cache'
import type { Instant, Sha } from '../../domain/ids.ts'
import type { PullRequest } from '../../ports/forge/pull-requests.ts'

export type HeadSince = (pull: PullRequest, isJudged: boolean) => Instant | null

/**
 * No earlier than when a pull request got its present head, by the forge's clock; null where it had that one at the first look
 * and it was judged before. A command that was written before speaks of another head: who pushes right behind "merge" or
 * behind a manual gate's answer would have the word for what nobody has seen. Kept for closed ones too: they can be reopened.
 */
export function headMemory(): HeadSince {
  const known = new LRUCache<number, { readonly head: Sha; readonly since: Instant | null }>({ max: 10_000 })
  return (pull, isJudged) => {
    const before = known.get(pull.number)
    if (before?.head === pull.head) return before.since
    // Whatever else has touched it since only makes this later: then somebody has to say it once more.
    const since = before === undefined && isJudged ? null : pull.updatedAt
    known.set(pull.number, { head: pull.head, since })
    return since
  }
}
