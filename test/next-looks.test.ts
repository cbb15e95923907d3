import { expect, test } from 'vitest'
import type { Outcome } from '../src/promotion/effects.ts'
import type { Round } from '../src/promotion/reconcile.ts'
import { nextLooks } from '../src/rounds.ts'

const now = 1_000_000
const reply: Outcome['effect'] = { kind: 'comment', urgency: 4, pull: 7, marker: '<!-- x -->', text: 'x', version: '' }
const closing: Outcome['effect'] = {
  kind: 'close-pull',
  urgency: 3,
  pull: 9,
  branch: 'sluice/promote/dev/web',
  because: 'it is there',
}

/** A round that put a quarantine on record, from which a revert follows, and did these things beside. */
const roundOf = (outcomes: readonly Outcome[], wakeAt: number | null = null): Round => ({
  considered: {} as never,
  plan: { lookAgain: [{ is: 'state' }], wakeAt } as unknown as Round['plan'],
  outcomes,
})

test('a comment that never comes out does not put off what is due next (T59)', () => {
  const { again, alarm } = nextLooks(roundOf([{ effect: reply, is: 'failed' }]), 7, now)
  expect(again).toEqual([{ is: 'state' }])
  expect(alarm).toEqual({ at: now + 300_000, stale: [{ is: 'everything' }] })
})

test('nor does what was put off with it make a loop against the forge (T59)', () => {
  const { again } = nextLooks(
    roundOf([
      { effect: reply, is: 'failed' },
      { effect: reply, is: 'put-off' },
    ]),
    1,
    now,
  )
  expect(again).toEqual([{ is: 'state' }])
})

test('what changes something, and failed, is tried later each time, and nothing is planned on it meanwhile', () => {
  const looks = nextLooks(roundOf([{ effect: closing, is: 'failed' }], now + 60_000), 2, now)
  expect(looks).toEqual({ again: [], alarm: { at: now + 10_000, stale: [{ is: 'everything' }] } })
})
