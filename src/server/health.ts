import { failureKind, failureReason } from '../domain/failures.ts'

/** Whether the work goes on: judged by what waits and what failed, not by the process being there. */
export interface Health {
  /** `who` is what worked: a repository, the sweep. A success takes its failure back. */
  succeeded(who: string): void
  failed(who: string, error: unknown): void
  /** It works no more, and nobody can mend its failure: a repository that the App was taken from. */
  forget(who: string): void
  read(): HealthReport
}

export interface HealthReport {
  readonly ok: boolean
  readonly oldestWaitingSeconds: number
  readonly lastSuccess: string | null
  /** Reason codes only: who asks is not known. */
  readonly problems: readonly {
    readonly kind: string
    readonly reason: string
    readonly count: number
    readonly since: string
  }[]
}

export function createHealth(options: {
  readonly oldestWaitingMs: () => number
  readonly longestWaitMs: number
  readonly now: () => number
}): Health {
  const failures = new Map<string, { readonly kind: string; readonly reason: string; readonly since: number }>()
  let lastSuccess: number | undefined

  return {
    succeeded: (who) => {
      failures.delete(who)
      lastSuccess = options.now()
    },
    failed: (who, error) => {
      const reason = failureReason(error)
      const before = failures.get(who)
      const since = before?.reason === reason ? before.since : options.now()
      failures.set(who, { kind: failureKind(error), reason, since })
    },
    forget: (who) => void failures.delete(who),
    read: () => {
      const waiting = options.oldestWaitingMs()
      const isBroken = [...failures.values()].some(({ kind }) => kind === 'operator')
      return {
        ok: waiting <= options.longestWaitMs && !isBroken,
        oldestWaitingSeconds: Math.round(waiting / 1000),
        lastSuccess: lastSuccess === undefined ? null : new Date(lastSuccess).toISOString(),
        problems: summed([...failures.values()]),
      }
    },
  }
}

type Failure = { readonly kind: string; readonly reason: string; readonly since: number }

function summed(failures: readonly Failure[]): HealthReport['problems'] {
  const byReason = Map.groupBy(failures, ({ kind, reason }) => `${kind} ${reason}`)
  return [...byReason.values()].map((same) => ({
    kind: same[0]?.kind ?? '',
    reason: same[0]?.reason ?? '',
    count: same.length,
    since: new Date(Math.min(...same.map(({ since }) => since))).toISOString(),
  }))
}
