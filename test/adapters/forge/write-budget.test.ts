import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createRequestLimit } from '../../../src/adapters/forge/github/request-limit.ts'
import { createWriteBudget, type Pace, type WriteBudget } from '../../../src/adapters/forge/github/write-budget.ts'

const pace: Pace = { writesPerMinute: 60, creationsPerMinute: 75, creationsPerHour: 480 }
const timing = {
  now: () => Date.now(),
  pause: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
}

describe('the budget for writes', () => {
  let sent: { at: number; name: string }[]
  let start: number
  beforeEach(() => {
    vi.useFakeTimers()
    start = Date.now()
    sent = []
  })
  afterEach(() => void vi.useRealTimers())

  const budgetOf = (of: Pace, limit = createRequestLimit(timing)) => createWriteBudget(of, timing, limit)
  const write = (budget: WriteBudget, name: string, options: { urgency?: number; creates?: number } = {}) =>
    budget.spend({ urgency: 1, creates: 0, ...options }, async () => {
      sent.push({ at: Date.now() - start, name })
    })

  test('sends a handful at once and a train of them one a second', async () => {
    const budget = budgetOf(pace)
    const all = Promise.all(Array.from({ length: 35 }, (_, index) => write(budget, `${index}`)))
    await vi.advanceTimersByTimeAsync(0)
    expect(sent).toHaveLength(10)
    expect(budget.waiting()).toBe(25)
    await vi.advanceTimersByTimeAsync(60_000)
    await all
    for (const { at } of sent) {
      expect(sent.filter((other) => other.at > at - 10_000 && other.at <= at).length).toBeLessThanOrEqual(10)
    }
    expect(sent.at(-1)?.at).toBe(30_000)
  })

  test('sends one at a time, the most urgent first', async () => {
    const budget = budgetOf(pace)
    let free = () => {}
    const first = budget.spend({ urgency: 1, creates: 0 }, () => new Promise<void>((resolve) => (free = resolve)))
    const all = Promise.all([
      write(budget, 'react', { urgency: 3 }),
      write(budget, 'open'),
      write(budget, 'merge', { urgency: 0 }),
    ])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sent).toEqual([])
    free()
    await vi.advanceTimersByTimeAsync(1_000)
    await Promise.all([first, all])
    expect(sent.map(({ name }) => name)).toEqual(['merge', 'open', 'react'])
  })

  test('keeps below the limit of creations, and says for how long instead of standing still', async () => {
    const budget = budgetOf({ ...pace, writesPerMinute: 60_000, creationsPerMinute: 3 })
    for (const name of ['a', 'b', 'c']) await write(budget, name, { creates: 1 })
    await expect(write(budget, 'd', { creates: 1 })).rejects.toMatchObject({
      name: 'TransientError',
      reason: 'forge.rate-limited',
      retryAfterSeconds: 60,
    })
    await write(budget, 'an update')
    await vi.advanceTimersByTimeAsync(56_000)
    const waits = write(budget, 'e', { creates: 1 })
    await vi.advanceTimersByTimeAsync(4_000)
    await waits
    expect(sent.at(-1)).toEqual({ at: 60_000, name: 'e' })
  })

  test('keeps room for what ends an outage behind what anybody can have us write (T59)', async () => {
    const budget = budgetOf({ ...pace, writesPerMinute: 60_000, creationsPerMinute: 10 })
    const all = async (creates: number): Promise<number> => {
      for (let done = 0; ; done += 1) {
        const isSent = await write(budget, 'one', { creates }).then(
          () => true,
          () => false,
        )
        if (!isSent) return done
      }
    }
    expect([await all(0.6), await all(0.85), await all(1)]).toEqual([6, 2, 2])
  })

  test('stands still where the forge asks for it', async () => {
    const limit = createRequestLimit(timing)
    const budget = budgetOf(pace, limit)
    limit.reached(90)
    limit.reached(3)
    await expect(write(budget, 'a')).rejects.toMatchObject({ retryAfterSeconds: 90 })
    await vi.advanceTimersByTimeAsync(90_000)
    await write(budget, 'b')
    expect(sent.map(({ name }) => name)).toEqual(['b'])
  })

  test('goes on after a write that failed', async () => {
    const budget = budgetOf(pace)
    await expect(budget.spend({ urgency: 1, creates: 0 }, () => Promise.reject(new Error('x')))).rejects.toThrow('x')
    await write(budget, 'next')
    expect(sent).toHaveLength(1)
  })
})
