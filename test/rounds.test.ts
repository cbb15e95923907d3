import { expect, test } from 'vitest'
import { type Digest, type Sha, toSha } from '../src/domain/ids.ts'
import { releaseOf } from '../src/domain/release.ts'
import type { Effect, Outcome } from '../src/promotion/effects.ts'
import type { Round } from '../src/promotion/reconcile.ts'
import { nextLooks } from '../src/rounds.ts'

const head: Sha = toSha('a'.repeat(40))
const now = 1_000_000
const trailers = { kind: 'promotion', slot: 'api/staging' } as never

/** A round that did these things; of everything else it knows nothing that `nextLooks` asks for. */
const roundOf = (outcomes: readonly Outcome[], plan: Partial<Round['plan']> = {}): Round => ({
  considered: {} as never,
  plan: { lookAgain: [], wakeAt: null, ...plan } as Round['plan'],
  outcomes,
})

const opened: Effect = {
  ...{ kind: 'open-pull', urgency: 3, slot: 'api/staging', branch: 'sluice/promote/staging/api', expect: null },
  ...{ base: head, edits: [], over: null, trailers, moves: null },
  brings: releaseOf({ images: { api: `sha256:${'1'.repeat(64)}` as Digest }, trees: {}, files: {}, fields: {} }),
}
const merged: Effect = {
  ...{
    kind: 'merge-pull',
    nodeId: 'PR_7',
    autoMerge: false,
    urgency: 2,
    pull: 7,
    head,
    branch: null,
    title: 'Bring it',
    slots: ['api/staging'],
    trailers,
  },
}

test('what we opened, merged, closed or worded is read again alone, at once', () => {
  const { again } = nextLooks(
    roundOf([
      { effect: opened, is: 'done', opened: 12 },
      { effect: merged, is: 'done' },
      { effect: { kind: 'update-pull', urgency: 4, pull: 7, body: 'merged' }, is: 'done' },
      {
        effect: { kind: 'close-pull', urgency: 3, pull: 9, branch: 'sluice/promote/dev/web', because: 'it is there' },
        is: 'done',
      },
    ]),
    0,
    now,
  )
  expect(again).toEqual([
    { is: 'pull', pull: 12 },
    { is: 'pull', pull: 7 },
    { is: 'pull', pull: 9 },
  ])
})

test('a lost race is looked at as a whole, after a second, and not at once', () => {
  const { again, alarm } = nextLooks(roundOf([{ effect: opened, is: 'lost-race' }]), 0, now)
  expect(again).toEqual([])
  expect(alarm).toEqual({ at: now + 1_000, stale: [{ is: 'everything' }] })
})

test('a failure is looked at later each time, and never later than the plan wants', () => {
  const failed: Outcome = { effect: merged, is: 'failed' }
  expect(nextLooks(roundOf([failed]), 1, now).alarm?.at).toBe(now + 5_000)
  expect(nextLooks(roundOf([failed]), 3, now).alarm?.at).toBe(now + 20_000)
  expect(nextLooks(roundOf([failed], { wakeAt: (now + 2_000) as never }), 3, now).alarm?.at).toBe(now + 2_000)
})
