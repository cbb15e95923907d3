import { expect, test } from 'vitest'
import { UserError } from '../../src/domain/failures.ts'
import { toInstant } from '../../src/domain/ids.ts'
import type { OwnCheck } from '../../src/ports/forge/checks.ts'
import type { MergeAnswer } from '../../src/ports/forge/pull-requests.ts'
import { mergeOnceAMinute } from '../../src/promotion/apply/merge-pull.ts'
import { isSealed } from '../../src/promotion/seal.ts'
import { aWorld, minute, ours, production, runs, shaOf, staging } from './world.ts'

const stateKeys = ['a state key of thirty-two bytes or more'] as const

/** Merges #5 by a forge that answers so, and tells what that forge was shown and asked. */
function merging(answer: () => MergeAnswer, disableAutoMerge?: () => Promise<void>) {
  const [planned] = aWorld(runs(staging, 'two'), ours(5, production, 'two')).effects('merge-pull')
  if (planned === undefined) throw new Error('#5 is not ready')
  const effect = { ...planned, autoMerge: disableAutoMerge !== undefined }
  const shown: OwnCheck['is'][] = []
  const titles: string[] = []
  const asked: { head: string; title: string; message: string }[] = []
  let now = 0
  const merge = mergeOnceAMinute({
    repository: aWorld().snapshot.repository,
    stateKeys,
    now: () => toInstant(now),
    forge: {
      checks: {
        show: async (_: unknown, { is, title }: OwnCheck) => {
          shown.push(is)
          titles.push(title)
        },
      },
      pulls: {
        disableAutoMerge,
        merge: async (_: number, wanted: (typeof asked)[number]) => {
          asked.push(wanted)
          return answer()
        },
      },
    } as never,
  })
  const wait = (milliseconds: number): void => {
    now += milliseconds
  }
  return { shown, titles, asked, merge: () => merge(effect), wait }
}

const refusing = (): MergeAnswer => ({ is: 'refused', why: 'two approvals are required' })

test('a merge shows the check green last, and seals what it says of exactly the head that was judged (T11)', async () => {
  const { shown, asked, merge } = merging(() => ({ is: 'merged', commit: shaOf('merge') }))
  expect(await merge()).toEqual({ is: 'done', why: shaOf('merge') })
  expect(shown).toEqual(['success'])
  const [{ head, title, message } = { head: '', title: '', message: '' }] = asked
  expect(head).toBe(shaOf('head of 5'))
  expect(isSealed(`${title}\n\n${message}`, { repository: 77, merges: head }, stateKeys)).toBe(true)
})

test('a merge that does not come about takes the green check back, whatever went wrong', async () => {
  const refused = merging(refusing)
  expect(await refused.merge()).toMatchObject({ is: 'refused' })
  expect(refused.shown).toEqual(['success', 'waiting'])
  const broken = merging(() => {
    throw new Error('the line went dead')
  })
  await expect(broken.merge()).rejects.toThrow('the line went dead')
  expect(broken.shown).toEqual(['success', 'waiting'])
})

test('a forge that refused is asked again after a minute, and the check stays closed until then', async () => {
  const { shown, asked, merge, wait } = merging(refusing)
  await merge()
  wait(minute - 1)
  expect(await merge()).toEqual({ is: 'refused', why: 'two approvals are required' })
  expect([asked.length, shown.length]).toEqual([1, 2])
  wait(1)
  await merge()
  expect(asked.length).toBe(2)
})

test('auto-merge is off before the check turns green, and nothing turns green where the forge keeps it', async () => {
  const off: number[] = []
  const free = merging(
    () => ({ is: 'merged', commit: shaOf('merge') }),
    async () => void off.push(free.shown.length),
  )
  expect(await free.merge()).toMatchObject({ is: 'done' })
  expect(off).toEqual([0])
  const kept = merging(refusing, async () => {
    throw new UserError('forge.refused', 'auto-merge cannot be disabled')
  })
  expect(await kept.merge()).toEqual({ is: 'refused', why: 'auto-merge cannot be disabled' })
  expect([kept.shown, kept.asked]).toEqual([[], []])
})

test('the check of what somebody else merged does not say that no merge happened', async () => {
  const { titles, merge } = merging(() => ({ is: 'lost-race', why: '@ann merged it first', merged: true }))
  expect(await merge()).toEqual({ is: 'lost-race', why: '@ann merged it first' })
  expect(titles.at(-1)).toBe('somebody else merged it, without Sluice')
})
