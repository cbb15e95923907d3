import type { CheckStatus, Conclusion } from '../model/checks.ts'

const statuses: readonly string[] = [
  'queued',
  'in_progress',
  'completed',
  'waiting',
  'requested',
  'pending',
] satisfies CheckStatus[]
const conclusions: readonly string[] = [
  'success',
  'failure',
  'neutral',
  'cancelled',
  'skipped',
  'timed_out',
  'action_required',
  'stale',
] satisfies Conclusion[]

export const isStatus = (text: string | undefined): text is CheckStatus => text !== undefined && statuses.includes(text)
export const isConclusion = (text: string | undefined): text is Conclusion =>
  text !== undefined && conclusions.includes(text)
