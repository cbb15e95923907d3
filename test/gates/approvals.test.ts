import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import { noInitiators } from '../../src/domain/person.ts'
import type { ApprovalsSettings } from '../../src/gates/approvals.ts'
import type { WeighedReview } from '../../src/gates/evidence.ts'
import { judgeGate, needsOf } from '../../src/gates/table.ts'
import { bot, change, context, evidence, known, person, sha } from './facts.ts'

const gate = (differs: Partial<ApprovalsSettings> = {}) =>
  ({
    type: 'approvals',
    name: 'approved',
    binds: ['promotion'],
    count: 1,
    from: ['acme/sre'],
    separation: 'initiator',
    ...differs,
  }) as const
const review = (id: number, differs: Partial<WeighedReview> = {}): WeighedReview => ({
  ...{ by: person(id), is: 'approved', head: sha('1'), groups: ['acme/sre'] },
  ...differs,
})
const judge = (
  reviews: readonly WeighedReview[],
  settings: Partial<ApprovalsSettings> = {},
  differs: Partial<Change> = {},
) => judgeGate(gate(settings), change(differs), evidence({ reviews: () => known(reviews) }), context)
const saying = (...args: Parameters<typeof judge>) => {
  const { is, reason } = judge(...args)
  return `${is} ${reason}`
}
const unknownInitiators: Partial<Change> = {
  origin: { in: 'pull-request', pull: 7, author: bot, initiators: noInitiators },
}
const byAnn: Partial<Change> = {
  origin: { in: 'pull-request', pull: 7, author: person(1, 'ann'), initiators: { people: [], complete: true } },
}
/** Ann made a commit of it; an address in it belongs to nobody. */
const halfKnown: Partial<Change> = {
  origin: { in: 'pull-request', pull: 7, author: bot, initiators: { people: [person(1, 'ann')], complete: false } },
}

describe('the gate approvals', () => {
  test('passes when enough people approved this head', () => {
    expect(saying([review(2), review(3)], { count: 2 })).toBe('pass approvals.enough')
  })

  test('waits while there are too few, and says who can approve', () => {
    expect(judge([review(2)], { count: 2 })).toMatchObject({
      is: 'wait',
      reason: 'approvals.too-few',
      who: ['acme/sre'],
    })
  })

  test.each<[string, WeighedReview[], Partial<ApprovalsSettings>, Partial<Change>, string]>([
    ['T06 does not count the author', [review(1)], { separation: 'none' }, byAnn, 'wait approvals.too-few'],
    ['T06 does not count an initiator', [review(1)], {}, {}, 'wait approvals.too-few'],
    [
      'counts an initiator where nothing is separated',
      [review(1)],
      { separation: 'none' },
      {},
      'pass approvals.enough',
    ],
    ['T06 does not count a bot', [review(5, { by: bot })], { separation: 'none' }, byAnn, 'wait approvals.too-few'],
    ['T07 does not count an older head', [review(2, { head: sha('2') })], {}, {}, 'wait approvals.too-few'],
    [
      'does not say of who may be in the group that they are not',
      [review(2, { groups: [], unknownGroups: ['acme/sre'] })],
      {},
      {},
      'wait approvals.group-unknown',
    ],
    ['does not count who is in no group', [review(2, { groups: [] })], {}, {}, 'wait approvals.too-few'],
    [
      'T08 counts a person once, by id',
      [review(2), review(2, { by: person(2, 'renamed') })],
      { count: 2 },
      {},
      'wait approvals.too-few',
    ],
    [
      'T08 does not take another id for the initiator',
      [review(2, { by: person(2, 'ann') })],
      {},
      {},
      'pass approvals.enough',
    ],
    [
      'waits while strict and the initiator is unknown',
      [review(2)],
      { separation: 'strict' },
      unknownInitiators,
      'wait approvals.initiator-unknown',
    ],
    [
      'counts while the initiator is unknown and not strict',
      [review(2)],
      {},
      unknownInitiators,
      'pass approvals.enough',
    ],
    [
      'T06 does not count one who is known to have made a part of it, though not all are known',
      [review(1)],
      {},
      halfKnown,
      'wait approvals.too-few',
    ],
    [
      'waits while strict and only a part of them is known',
      [review(2)],
      { separation: 'strict' },
      halfKnown,
      'wait approvals.initiator-unknown',
    ],
    [
      'fails on a change request',
      [review(2), review(3, { is: 'changes-requested' })],
      {},
      {},
      'fail approvals.changes-requested',
    ],
    [
      'lets a change request stand over a push',
      [review(3, { is: 'changes-requested', head: sha('2') })],
      {},
      {},
      'fail approvals.changes-requested',
    ],
    [
      'ignores a change request of a stranger',
      [review(2), review(3, { is: 'changes-requested', groups: [] })],
      {},
      {},
      'pass approvals.enough',
    ],
  ])('%s', (_name, reviews, settings, differs, expected) => {
    expect(saying(reviews, settings, differs)).toBe(expected)
  })

  test('asks for everybody with write where nobody is named, and for the owners by who they are', () => {
    expect(needsOf(gate({ from: [] }), change(), context)).toEqual([
      { kind: 'reviews', key: { pull: 7, from: ['role:write'] } },
    ])
    expect(needsOf(gate({ from: ['owners', 'acme/sre'] }), change(), context)).toEqual([
      { kind: 'reviews', key: { pull: 7, from: ['acme/sre', 'acme/team-api'] } },
    ])
  })

  test('fails, and opens to nobody, where only owners may approve and there are none', () => {
    const verdict = judgeGate(gate({ from: ['owners'] }), change(), evidence({ reviews: () => known([review(2)]) }), {
      ...context,
      owners: [],
    })
    expect(verdict).toMatchObject({ is: 'fail', reason: 'approvals.nobody' })
  })

  test('never passes with fewer different people than asked for who are neither author, initiator nor bot', () => {
    const some = fc.array(
      fc.record({
        by: fc.constantFrom(person(1), person(2), person(3), bot),
        is: fc.constantFrom<WeighedReview['is'][]>('approved', 'changes-requested'),
        head: fc.constantFrom(sha('1'), sha('2')),
        groups: fc.constantFrom<string[][]>([], ['acme/sre']),
      }),
    )
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 3 }), (reviews, count) => {
        const counting = reviews.filter(
          ({ by, is, head, groups }) =>
            is === 'approved' && head === sha('1') && groups.length > 0 && (by.id === 2 || by.id === 3),
        )
        if (judge(reviews, { count }).is === 'pass')
          expect(new Set(counting.map(({ by }) => by.id)).size).toBeGreaterThanOrEqual(count)
      }),
    )
  })
})
