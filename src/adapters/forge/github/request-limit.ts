import { TransientError } from '../../../domain/failures.ts'
import type { Timing } from './timing.ts'

/** That the forge limits one installation: what goes on asking meanwhile is limited for longer, or shut out. */
export interface RequestLimit {
  /** The forge asked for it; never shortens what it asked for before. */
  reached(seconds: number): void
  /**
   * Resolves when it may be asked again. Throws TransientError `forge.rate-limited` at once where that is longer than a round
   * should stand still.
   */
  over(): Promise<void>
}

export const longestWaitMs = 5_000

export function createRequestLimit(timing: Timing): RequestLimit {
  let until = 0
  return {
    reached: (seconds) => {
      until = Math.max(until, timing.now() + seconds * 1000)
    },
    over: async () => {
      const left = until - timing.now()
      if (left > longestWaitMs) throw tooEarly(left, 'the forge limits our requests')
      if (left > 0) await timing.pause(left)
    },
  }
}

export const tooEarly = (milliseconds: number, why: string) =>
  new TransientError('forge.rate-limited', why, { retryAfterSeconds: Math.ceil(milliseconds / 1000) })
