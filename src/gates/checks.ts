import { z } from 'zod'
import type { CheckResult } from '../domain/check-result.ts'
import type { Gate, GateBase, Judged } from './gate.ts'
import { type Basis, listed, say, whenKnown } from './say.ts'
import { strictObject } from './strict-object.ts'

export interface RequiredCheck {
  readonly name: string
  /** The App that must have posted it; null for any, and then every App's result of that name counts. */
  readonly app: number | null
  readonly allowSkipped: boolean
}

export interface ChecksSettings {
  readonly required: readonly RequiredCheck[]
}

const required = z.union([
  z
    .string()
    .min(1)
    .max(200)
    .transform((name): RequiredCheck => ({ name, app: null, allowSkipped: false })),
  strictObject({
    name: z.string().min(1).max(200),
    app: z.int().positive().nullable().default(null),
    allowSkipped: z.boolean().default(false),
  }),
])

/** Passes when each named check or status on the head succeeded. */
export const checks: Gate<ChecksSettings, GateBase<'checks'> & ChecksSettings> = {
  settings: () => ({ required: z.array(required).min(1).max(50) }),
  mayBindRollback: true,

  needs: (_spec, change) => [{ kind: 'checks', key: { head: change.head } }],

  judge: (spec, change, evidence, { now }) =>
    whenKnown('checks', evidence.find('checks', { head: change.head }), now, (results, basis) =>
      judgeChecks(spec.required, results, basis),
    ),

  reasons: {
    'checks.succeeded': 'The required checks succeeded: {checks}.',
    'checks.failed': 'These checks failed: {checks}.',
    'checks.skipped': 'These checks were skipped, which the gate does not allow: {checks}.',
    'checks.running': 'These checks are still running: {checks}.',
    'checks.absent':
      'These checks have not appeared on this head: {checks}. Does a workflow that posts them run for it?',
  },
}

type Standing = 'failed' | 'skipped' | 'absent' | 'running' | 'succeeded'

// The first that any check is in decides, so that a failure is never hidden behind a wait.
const gravest: readonly Standing[] = ['failed', 'skipped', 'absent', 'running', 'succeeded']
const verdicts = { failed: 'fail', skipped: 'fail', absent: 'wait', running: 'wait', succeeded: 'pass' } as const

function judgeChecks(required: readonly RequiredCheck[], results: readonly CheckResult[], basis: Basis): Judged {
  const standings = required.map((check) => ({ name: nameOf(check), is: standingOf(check, results) }))
  const worst = gravest.find((standing) => standings.some(({ is }) => is === standing)) ?? 'absent'
  const names = standings.filter(({ is }) => is === worst).map(({ name }) => name)
  return say(verdicts[worst], `checks.${worst}`, basis, { values: { checks: listed(names) } })
}

function standingOf(check: RequiredCheck, results: readonly CheckResult[]): Standing {
  const mine = results.filter(({ name, app }) => name === check.name && (check.app === null || app === check.app))
  const standings = mine.map((result) => standingOfResult(result, check.allowSkipped))
  return gravest.find((standing) => standings.includes(standing)) ?? 'absent'
}

function standingOfResult(result: CheckResult, allowSkipped: boolean): Standing {
  if (result.is === 'success' || result.is === 'neutral') return 'succeeded'
  return result.is === 'skipped' && allowSkipped ? 'succeeded' : result.is
}

const nameOf = ({ name, app }: RequiredCheck): string => (app === null ? name : `${name} (App ${app})`)
