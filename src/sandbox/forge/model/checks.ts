import type { Account } from './account.ts'

export type CheckStatus = 'queued' | 'in_progress' | 'completed' | 'waiting' | 'requested' | 'pending'
export type Conclusion =
  | 'success'
  | 'failure'
  | 'neutral'
  | 'cancelled'
  | 'skipped'
  | 'timed_out'
  | 'action_required'
  | 'stale'

/** Who reports checks. Besides our App the sandbox knows others, to imitate CI and impostors. */
export interface Checker {
  readonly id: number
  readonly slug: string
}
export interface CheckOutput {
  readonly title: string | null
  readonly summary: string | null
  readonly text: string | null
}
export interface CheckSuite {
  readonly id: number
  readonly head: string
  readonly branch: string | null
  readonly app: Checker
  readonly createdAt: number
  updatedAt: number
}
export interface CheckRun {
  readonly id: number
  readonly suite: CheckSuite
  readonly head: string
  readonly app: Checker
  name: string
  status: CheckStatus
  conclusion: Conclusion | null
  externalId: string | null
  detailsUrl: string | null
  output: CheckOutput
  startedAt: number
  completedAt: number | null
}
export interface CommitStatus {
  readonly id: number
  readonly sha: string
  readonly context: string
  readonly state: 'error' | 'failure' | 'pending' | 'success'
  readonly description: string | null
  readonly targetUrl: string | null
  readonly by: Account
  readonly at: number
}
