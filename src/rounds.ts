import { clockWatch } from './clock-watch.ts'
import { failureKind, TransientError } from './domain/failures.ts'
import type { ForgeRepository } from './ports/forge/forge.ts'
import type { Log } from './ports/log.ts'
import { mergeStale, type Stale } from './ports/stale.ts'
import { type Outcome, urgency } from './promotion/effects.ts'
import { type Round, reconcile } from './promotion/reconcile.ts'
import { type OpenRepository, openRepository, type Workplace } from './promotion/workplace.ts'
import { createQueue, type Queue } from './queue.ts'

export interface RoundsOptions {
  readonly workplace: Workplace
  readonly find: (repository: number) => ForgeRepository | undefined
  readonly concurrency: number
  readonly random: () => number
  /** The wall's time in milliseconds, and one that only runs. */
  readonly clock: { readonly wall: () => number; readonly elapsed: () => number }
  readonly log: Log
  readonly onRound: (repository: number, seconds: number, round: Round | null, error: unknown) => void
  /** A repository that `find` knows no more was let go of. */
  readonly onGone: (repository: number) => void
}

export interface Rounds {
  readonly queue: Queue<number, Stale>
  /** The last round of each repository that we still work on, as it was. */
  last(): ReadonlyMap<number, Round>
  stop(): Promise<void>
}

/** Runs the rounds of all repositories, one at a time each: every event ends here, as a hint of where to look. */
export function startRounds(options: RoundsOptions): Rounds {
  const open = new Map<number, { readonly as: string; readonly opening: Promise<OpenRepository> }>()
  const last = new Map<number, Round>()
  const failures = new Map<number, number>()
  const { wall, elapsed } = options.clock
  const watch = clockWatch(wall, elapsed)
  const queue: Queue<number, Stale> = createQueue<number, Stale>({
    run: async (repository, stale) => runRound(repository, stale),
    merge: (waiting, more) => mergeStale(waiting, more),
    // What waits for a while waits for so long, however the wall's clock is set meanwhile.
    now: elapsed,
    setTimer: (delay, call) => {
      const timer = setTimeout(call, delay)
      return () => clearTimeout(timer)
    },
    random: options.random,
    concurrency: options.concurrency,
    backOff: { firstMs: 1_000, longestMs: 60_000 },
    retryAfterMs: (error) =>
      error instanceof TransientError && error.retryAfterSeconds !== undefined
        ? error.retryAfterSeconds * 1000
        : undefined,
    onError: ({ key, error, attempt, againInMs }) =>
      options.log.error({ repository: key, err: error, kind: failureKind(error), attempt, againInMs }, 'round failed'),
  })

  async function opened(repository: ForgeRepository): Promise<OpenRepository> {
    const as = JSON.stringify([repository, watch.jumps()])
    const before = open.get(repository.id)
    if (before?.as === as) return before.opening
    // Renamed, moved to another owner, or with another default branch: what was opened would look at what is no more, and
    // pull requests to the new default branch would meet nobody until the next start. After a jump of the clock what was seen
    // before is forgotten, as by a restart: a rollout under way would be overdue, and taken back.
    if (before !== undefined) await (await before.opening).close()
    const opening = openRepository(options.workplace, repository, () => queue.add(repository.id, [{ is: 'time' }]))
    open.set(repository.id, { as, opening })
    opening.catch(() => open.delete(repository.id))
    return opening
  }

  async function runRound(id: number, stale: readonly Stale[]): Promise<void> {
    const repository = options.find(id)
    if (repository === undefined) return letGo(id)
    const startedAt = performance.now()
    const seconds = () => (performance.now() - startedAt) / 1000
    try {
      const { world } = await opened(repository)
      const round = await reconcile(world, stale)
      options.onRound(id, seconds(), round, null)
      if (round !== null) follow(id, round)
    } catch (error) {
      options.onRound(id, seconds(), null, error)
      throw error
    }
  }

  /** What is kept of it would be shown although access to it was withdrawn. As a round, so that none is under way. */
  async function letGo(id: number): Promise<void> {
    const before = open.get(id)
    open.delete(id)
    last.delete(id)
    failures.delete(id)
    queue.wakeAt(id, null)
    options.onGone(id)
    await (await before?.opening)?.close()
  }

  /** What the plan asks for next: at once, or at a time. */
  function follow(id: number, round: Round): void {
    last.set(id, round)
    const hasFailed = round.outcomes.some(({ is }) => is === 'failed')
    failures.set(id, hasFailed ? (failures.get(id) ?? 0) + 1 : 0)
    const { again, alarm } = nextLooks(round, failures.get(id) ?? 0, wall())
    if (again.length > 0) queue.add(id, again)
    queue.wakeAt(id, alarm && { ...alarm, at: elapsed() + alarm.at - wall() })
  }

  return {
    queue,
    last: () => last,
    stop: async () => {
      await queue.drain()
      await Promise.all([...open.values()].map(async ({ opening }) => (await opening).close()))
    },
  }
}

export interface NextLooks {
  /** At once. */
  readonly again: readonly Stale[]
  readonly alarm: { readonly at: number; readonly stale: readonly Stale[] } | null
}

/**
 * When a repository is looked at next. What did not come out is planned anew from what is then true: a lost race soon, a
 * failure later each time, a refusal when somebody may have mended it. Never at once: that would be a loop against the
 * forge. What the plan waits for goes on meanwhile. `failures`: rounds in a row in which an effect failed.
 */
export function nextLooks({ plan, outcomes }: Round, failures: number, now: number): NextLooks {
  const later = retryAfter(outcomes, failures)
  if (later !== null && outcomes.some(isGrave)) {
    return { again: [], alarm: { at: Math.min(plan.wakeAt ?? Infinity, now + later), stale: [{ is: 'everything' }] } }
  }
  // What we change ourselves comes back as echoes that intake drops, or late: it is read again from here.
  const changed = outcomes.flatMap(pullChangedBy).map((pull): Stale => ({ is: 'pull', pull }))
  const isPutOff = later === null && outcomes.some(({ is }) => is === 'put-off')
  const rest: readonly Stale[] = isPutOff ? [{ is: 'time' }] : []
  return {
    again: mergeStale(plan.lookAgain, changed, rest),
    alarm: alarmFor(plan.wakeAt, later === null ? null : now + later),
  }
}

function pullChangedBy({ effect, is, opened }: Outcome): readonly number[] {
  if (is !== 'done') return []
  if (effect.kind === 'open-pull') return opened === undefined ? [] : [opened]
  return effect.kind === 'merge-pull' || effect.kind === 'close-pull' || effect.kind === 'update-pull'
    ? [effect.pull]
    : []
}

/** Somebody can see to it that a comment never comes out; that must not put off the revert that is due next. */
const isGrave = ({ effect, is }: Outcome): boolean =>
  effect.urgency < urgency.tell && ['failed', 'lost-race', 'refused'].includes(is)

function alarmFor(wakeAt: number | null, retryAt: number | null): NextLooks['alarm'] {
  const at = Math.min(wakeAt ?? Infinity, retryAt ?? Infinity)
  if (at === Infinity) return null
  return { at, stale: [retryAt === null ? { is: 'time' } : { is: 'everything' }] }
}

/** Milliseconds; null where everything came out. */
function retryAfter(outcomes: readonly Outcome[], failures: number): number | null {
  if (failures > 0) return Math.min(300_000, 5_000 * 2 ** (failures - 1))
  if (outcomes.some(({ is }) => is === 'lost-race')) return 1_000
  return outcomes.some(({ is }) => is === 'refused') ? 60_000 : null
}
