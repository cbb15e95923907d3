import PQueue from 'p-queue'
import { longestWaitMs, type RequestLimit, tooEarly } from './request-limit.ts'
import type { Timing } from './timing.ts'

/** The only door for writes of one installation: one at a time, at GitHub's pace, the most urgent first. */
export interface WriteBudget {
  /**
   * `creates` is the share of the creations that this one may fill, 0 for what creates nothing. Throws TransientError
   * `forge.rate-limited` at once where the wait would be longer than a round should stand still.
   */
  spend<T>(write: { readonly urgency: number; readonly creates: number }, call: () => Promise<T>): Promise<T>
  waiting(): number
}

export interface Pace {
  readonly writesPerMinute: number
  readonly creationsPerMinute: number
  readonly creationsPerHour: number
}

/** What GitHub asks for: one write a second, and less than 80 creations a minute and 500 an hour. */
export const githubPace: Pace = { writesPerMinute: 60, creationsPerMinute: 75, creationsPerHour: 480 }

const windowMs = 10_000

/**
 * The pace is kept over ten seconds: a promotion's handful of writes goes out at once, a train of them one a second. One at a
 * time, since GitHub asks for serial writes.
 */
export function createWriteBudget(pace: Pace, timing: Timing, limit: RequestLimit): WriteBudget {
  const intervalCap = Math.max(1, Math.round((pace.writesPerMinute * windowMs) / 60_000))
  const queue = new PQueue({ concurrency: 1, interval: windowMs, intervalCap, strict: true })
  const creations = createWindows([
    { within: 60_000, most: pace.creationsPerMinute },
    { within: 3_600_000, most: pace.creationsPerHour },
  ])

  const waitFor = async (creates: number) => {
    await limit.over()
    if (creates === 0) return
    const now = timing.now()
    const wait = creations.freeAt(now, creates) - now
    if (wait > longestWaitMs) throw tooEarly(wait, 'the budget for writes is spent')
    if (wait > 0) await timing.pause(wait)
    creations.count(timing.now())
  }

  return {
    spend: ({ urgency, creates }, call) =>
      queue.add(
        async () => {
          await waitFor(creates)
          return call()
        },
        { priority: -urgency },
      ),
    waiting: () => queue.size,
  }
}

function createWindows(limits: readonly { readonly within: number; readonly most: number }[]) {
  const longest = Math.max(...limits.map(({ within }) => within))
  let times: number[] = []
  return {
    count: (now: number) => {
      times = [...times.filter((time) => time > now - longest), now]
    },
    /** The first moment at which one more would break no limit, of which it may fill a share. */
    freeAt: (now: number, share: number): number =>
      Math.max(
        now,
        ...limits.map(({ within, most }) => {
          const inside = times.filter((time) => time > now - within)
          const oldest = inside[inside.length - Math.max(1, Math.floor(most * share))]
          return oldest === undefined ? now : oldest + within
        }),
      ),
  }
}
