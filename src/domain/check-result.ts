import type { Instant } from './ids.ts'

/** One check run or commit status of a head, the newest of its name and App. */
export interface CheckResult {
  readonly name: string
  /** The App that posted it; 0 for a commit status. */
  readonly app: number
  readonly is: 'running' | 'success' | 'neutral' | 'skipped' | 'failed'
  readonly at: Instant
}
