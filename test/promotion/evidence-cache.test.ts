import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { toInstant } from '../../src/domain/ids.ts'
import type { Stale } from '../../src/ports/stale.ts'
import { type Collectors, evidenceCache, idOf } from '../../src/promotion/gather/evidence-cache.ts'
import { aWorld, shaOf } from './world.ts'

const head = shaOf('head')
const need = { kind: 'checks', key: { head } } as const
const { snapshot } = aWorld()
const now = () => toInstant(Date.now())

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A forge that takes so long for the checks of a head each time, and rounds that read them until a merge could rest on it. */
function rounds(tookMs: () => number, isMutable = true) {
  const asked: number[] = []
  const arrivals: number[] = []
  const checks: Collectors['checks'] = {
    collect: async () => {
      asked.push(Date.now())
      await new Promise((resolve) => setTimeout(resolve, tookMs()))
      return []
    },
    isMutable: () => isMutable,
    isStale: (_, stale) => stale.some(({ is }) => is === 'checks'),
  }
  const cache = evidenceCache({ checks } as never, now, () => void arrivals.push(Date.now()))
  return {
    asked,
    arrivals,
    /** What one round finds, whether it is of this very round, and how long the round waited. */
    round: async (...stale: readonly Stale[]) => {
      const at = Date.now()
      let isOver = false
      const looking = cache.fetchAll([need], snapshot, stale).finally(() => {
        isOver = true
      })
      await vi.advanceTimersByTimeAsync(0)
      while (!isOver) await vi.advanceTimersByTimeAsync(500)
      const found = (await looking).get(idOf(need.kind, need.key))
      const isFresh = found?.is === 'known' && (!found.mutable || found.readAt >= at)
      return { is: found?.is, isFresh }
    },
  }
}

const again: Stale = { is: 'checks', head }

describe('evidence that is slow', () => {
  test('is pending in the round that asks first, and tells when it is there', async () => {
    const { round, arrivals } = rounds(() => 4_000)
    expect(await round()).toEqual({ is: 'pending', isFresh: false })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(arrivals).toHaveLength(1)
  })

  test('each time comes to be of the round that merges by it: it is waited for as long as it took before', async () => {
    const { round, asked } = rounds(() => 4_000)
    await round()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await round({ is: 'time' })).toEqual({ is: 'known', isFresh: false })
    expect(await round(again)).toEqual({ is: 'known', isFresh: true })
    expect(asked).toHaveLength(2)
  })

  test('and can never change again is good whenever it came', async () => {
    const { round, asked } = rounds(() => 4_000, false)
    await round()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await round(again)).toEqual({ is: 'known', isFresh: true })
    expect(asked).toHaveLength(1)
  })

  test('holds a round up for half a minute at most', async () => {
    const { round } = rounds(() => 100_000)
    await round()
    await vi.advanceTimersByTimeAsync(110_000)
    const from = Date.now()
    expect((await round(again)).is).toBe('pending')
    expect(Date.now() - from).toBe(30_000)
  })

  test('and never comes is waited for three seconds, however often', async () => {
    const { round, asked } = rounds(() => 1e9)
    const from = Date.now()
    for (let times = 0; times < 5; times += 1) expect((await round(again)).is).toBe('pending')
    expect([Date.now() - from, asked.length]).toEqual([15_000, 1])
  })
})
