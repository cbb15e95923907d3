import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WeighedAnswer } from '../../src/gates/evidence.ts'
import { sentenceOf } from '../../src/gates/sentences.ts'
import { judgeGate, needsOf } from '../../src/gates/table.ts'
import { ago, change, context, evidence, isUnavailable, known, sha } from './facts.ts'

const manual = { type: 'manual', name: 'load test', binds: ['promotion'], from: ['owners', 'acme/qa'] } as const
const answer = (differs: Partial<WeighedAnswer> = {}): WeighedAnswer => ({
  ...{
    kind: 'answer',
    gate: 'load test',
    head: sha('1'),
    is: 'passed',
    by: 3,
    byLogin: 'cleo',
    at: ago(1000),
    why: 'done',
    event: 'e',
    slots: ['api/production'],
    groups: ['acme/qa'],
  },
  ...differs,
})
const judge = (answers: readonly WeighedAnswer[]) =>
  judgeGate(manual, change(), evidence({ answers: () => known(answers) }), context)

describe('the gate manual', () => {
  test('passes when somebody recorded it for this head', () => {
    expect(judge([answer()])).toMatchObject({ is: 'pass', reason: 'manual.passed' })
  })

  test('waits, and names who can record it and how', () => {
    expect(judge([])).toMatchObject({
      ...{ is: 'wait', reason: 'manual.not-yet', who: ['acme/qa', 'acme/team-api'] },
      values: { command: '/sluice gate "load test"' },
    })
  })

  test('T07 waits when only an older head, or another gate, was answered', () => {
    expect(judge([answer({ head: sha('2') }), answer({ gate: 'other' })])).toMatchObject({ is: 'wait' })
  })

  test('waits where another slot of the same head was answered for, whoever did it', () => {
    expect(judge([answer({ slots: ['api/staging'] })])).toMatchObject({ is: 'wait', reason: 'manual.not-yet' })
    expect(judge([answer({ slots: ['api/staging', 'api/production'] })])).toMatchObject({ is: 'pass' })
  })

  test('counts neither pass nor refusal of somebody who no longer belongs there, and says so (T05)', () => {
    const gone = { groups: [], byLogin: 'dora', by: 4 }
    expect(judge([answer(gone)])).toMatchObject({
      ...{ is: 'wait', reason: 'manual.not-yet' },
      values: { uncounted: 'Not counted, since they no longer belong there: @dora.' },
    })
    expect(judge([answer(), answer({ ...gone, is: 'refused', at: ago(1) })])).toMatchObject({ is: 'pass' })
  })

  test('waits where the forge does not tell who belongs to the group, and says which', () => {
    const unseen = { groups: [], unknownGroups: ['acme/qa'], byLogin: 'dora', by: 4 }
    expect(judge([answer(unseen)])).toMatchObject({
      ...{ is: 'wait', reason: 'manual.group-unknown' },
      values: { people: '@dora', unknown: 'acme/qa' },
    })
  })

  test('fails, and teaches, where only owners may record it and there are none', () => {
    const ofOwners = { ...manual, from: ['owners'] }
    const nobody = { ...context, owners: [] }
    expect(needsOf(ofOwners, change(), nobody)).toEqual([])
    const verdict = judgeGate(ofOwners, change(), evidence({ answers: () => known([answer()]) }), nobody)
    expect(verdict).toMatchObject({ is: 'fail', reason: 'manual.nobody', who: [] })
    expect(sentenceOf(verdict)).toContain('name them in its manifest')
  })

  test('fails when it was refused', () => {
    expect(judge([answer({ is: 'refused' })])).toMatchObject({ is: 'fail', reason: 'manual.refused' })
  })

  test('follows the latest answer, and of two at one instant the refusal', () => {
    const answers = fc.array(
      fc.record({ is: fc.constantFrom<('passed' | 'refused')[]>('passed', 'refused'), age: fc.nat(5) }),
      { minLength: 1 },
    )
    fc.assert(
      fc.property(answers, (some) => {
        const latest = Math.min(...some.map(({ age }) => age))
        const passes = some.filter(({ age }) => age === latest).every(({ is }) => is === 'passed')
        expect(judge(some.map(({ is, age }) => answer({ is, at: ago(age) }))).is).toBe(passes ? 'pass' : 'fail')
      }),
    )
  })
})

describe('the gate forge', () => {
  const forge = { type: 'forge', name: 'forge', binds: ['promotion'] } as const

  test('passes when no rule of the branch is unmet', () => {
    expect(judgeGate(forge, change(), evidence({ rules: () => known([]) }), context)).toMatchObject({ is: 'pass' })
  })

  test('waits for the rules that are unmet, naming each', () => {
    const unmet = [
      { rule: 'approvals', detail: '1 of 2', who: ['acme/sre'] },
      { rule: 'check build', detail: 'absent', who: [] },
    ]
    expect(judgeGate(forge, change(), evidence({ rules: () => known(unmet) }), context)).toMatchObject({
      ...{ is: 'wait', reason: 'forge.unmet', who: ['acme/sre'] },
      values: { rules: 'approvals (1 of 2), check build (absent)' },
    })
  })

  test('waits where the rules cannot be read', () => {
    expect(judgeGate(forge, change(), evidence({ rules: () => isUnavailable }), context)).toMatchObject({ is: 'wait' })
  })
})
