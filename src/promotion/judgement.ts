import type { Change } from '../domain/change.ts'
import type { Verdict } from '../domain/verdict.ts'

/** What the gates of one environment say of one change. */
export interface Judgement {
  readonly change: Change
  /** The pull request that it came in; the same head may be judged for several. */
  readonly pull: number
  readonly verdicts: readonly Verdict[]
}

export const isPassed = (judgement: Judgement): boolean => judgement.verdicts.every((verdict) => verdict.is === 'pass')
