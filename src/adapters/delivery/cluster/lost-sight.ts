import type { Clock } from '../../../ports/clock.ts'
import { backOff } from './back-off.ts'
import type { Unseen } from './sight.ts'

/** Remembers that a cluster does not answer, so that it is not asked at every call. */
export interface LostSight {
  /** Why nothing is to be asked now; undefined once it is time to ask again. */
  reason(): Unseen | undefined
  /** Answers came, or none did: then for a while, longer each time. */
  saw(away: Unseen | undefined): void
}

export function lostSight({ now, random }: { readonly now: Clock; readonly random: () => number }): LostSight {
  const patience = backOff({ firstMs: 250, mostMs: 10_000, random })
  let lost: { readonly how: Unseen; readonly since: number; readonly until: number } | undefined
  return {
    reason: () => {
      const at = now()
      // A clock that was set back must not make the wait an hour longer.
      return lost !== undefined && at >= lost.since && at < lost.until ? lost.how : undefined
    },
    saw: (away) => {
      const since = now()
      lost = away === undefined ? undefined : { how: away, since, until: since + patience.failed() }
      if (lost === undefined) patience.succeeded()
    },
  }
}
