import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { toSha } from '../../src/domain/ids.ts'
import { type AskingForPulls, pullOfCommit } from '../../src/promotion/observe/pull-of-commit.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** A forge that learns after a while by which pull request a commit came. */
function forgetful() {
  const known: { number: number }[] = []
  let asked = 0
  const ofCommit = async () => {
    asked += 1
    return known
  }
  const context: AskingForPulls = { forge: { pulls: { ofCommit } }, repository: { id: 7 } }
  return { context, learn: (number: number) => known.push({ number }), asked: () => asked }
}

test('the pull request of a commit is asked for once, and again after a while where there was none', async () => {
  const { context, learn, asked } = forgetful()
  const commit = toSha('c'.repeat(40))
  expect(await pullOfCommit(context, commit)).toBeNull()
  learn(12)
  expect([await pullOfCommit(context, commit), asked()]).toEqual([null, 1])
  vi.advanceTimersByTime(11 * 60_000)
  expect(await pullOfCommit(context, commit)).toBe(12)
  vi.advanceTimersByTime(60 * 60_000)
  expect([await pullOfCommit(context, commit), asked()]).toEqual([12, 2])
})
