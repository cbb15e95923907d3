import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CheckResult } from '../../src/domain/check-result.ts'
import type { RequiredCheck } from '../../src/gates/checks.ts'
import { judgeGate, needsOf } from '../../src/gates/table.ts'
import { change, context, evidence, isUnavailable, known, now, sha } from './facts.ts'

const required = (name: string, differs: Partial<RequiredCheck> = {}): RequiredCheck => ({
  ...{ name, app: null, allowSkipped: false },
  ...differs,
})
const result = (name: string, is: CheckResult['is'], app = 15): CheckResult => ({ name, is, app, at: now })
const gate = (...checks: readonly RequiredCheck[]) =>
  ({ type: 'checks', name: 'tests', binds: ['promotion'], required: checks }) as const
const judge = (checks: readonly RequiredCheck[], results: readonly CheckResult[]) =>
  judgeGate(gate(...checks), change(), evidence({ checks: () => known(results) }), context)

describe('the gate checks', () => {
  test.each<[string, RequiredCheck, CheckResult[], string]>([
    ['passes when the check succeeded', required('test'), [result('test', 'success')], 'pass checks.succeeded'],
    ['passes when the check was neutral', required('test'), [result('test', 'neutral')], 'pass checks.succeeded'],
    ['waits while it runs', required('test'), [result('test', 'running')], 'wait checks.running'],
    ['waits while it is absent', required('test'), [result('other', 'success')], 'wait checks.absent'],
    ['fails when it failed', required('test'), [result('test', 'failed')], 'fail checks.failed'],
    ['fails when it was skipped', required('test'), [result('test', 'skipped')], 'fail checks.skipped'],
    [
      'passes when a skip is allowed',
      required('test', { allowSkipped: true }),
      [result('test', 'skipped')],
      'pass checks.succeeded',
    ],
    [
      'T31 does not count another App',
      required('test', { app: 15 }),
      [result('test', 'success', 16)],
      'wait checks.absent',
    ],
    [
      'counts the App that it names',
      required('test', { app: 15 }),
      [result('test', 'failed', 16), result('test', 'success')],
      'pass checks.succeeded',
    ],
    [
      'T31 fails where any App of that name failed',
      required('test'),
      [result('test', 'success'), result('test', 'failed', 16)],
      'fail checks.failed',
    ],
  ])('%s', (_name, check, results, expected) => {
    const verdict = judge([check], results)
    expect(`${verdict.is} ${verdict.reason}`).toBe(expected)
  })

  test('asks for the checks of the change head', () => {
    expect(needsOf(gate(required('test')), change(), context)).toEqual([{ kind: 'checks', key: { head: sha('1') } }])
  })

  test('tells a failure before a wait, and names the checks', () => {
    const verdict = judge([required('slow'), required('bad')], [result('slow', 'running'), result('bad', 'failed')])
    expect(verdict).toMatchObject({ is: 'fail', reason: 'checks.failed', values: { checks: 'bad' } })
  })

  test('waits where the forge does not answer', () => {
    const verdict = judgeGate(gate(required('test')), change(), evidence({ checks: () => isUnavailable }), context)
    expect(verdict).toMatchObject({ is: 'wait', reason: 'evidence.unavailable' })
  })

  test('passes only if every required check has a good result and no bad one', () => {
    const results = fc.array(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c'),
        app: fc.constantFrom(1, 2),
        is: fc.constantFrom<CheckResult['is'][]>('running', 'success', 'neutral', 'skipped', 'failed'),
        at: fc.constant(now),
      }),
    )
    fc.assert(
      fc.property(results, (all) => {
        const passes = judge([required('a'), required('b')], all).is === 'pass'
        const isGood = (name: string) => {
          const own = all.filter((one) => one.name === name)
          return own.length > 0 && own.every(({ is }) => is === 'success' || is === 'neutral')
        }
        expect(passes).toBe(isGood('a') && isGood('b'))
      }),
    )
  })
})
