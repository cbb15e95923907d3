import { describe, expect, test } from 'vitest'
import { createQueue, type Queue, type QueueOptions } from '../src/queue.ts'

describe('queue', () => {
  test('runs what becomes stale while a round is under way in one round after it', async () => {
    const world = virtualWorld()
    world.queue.add('acme/config', ['a'])
    await world.settle()
    world.queue.add('acme/config', ['b'])
    world.queue.add('acme/config', ['c', 'b'])
    await world.settle()
    expect(world.begun).toEqual([['acme/config', ['a']]])
    await world.finish('acme/config')
    expect(world.begun).toEqual([
      ['acme/config', ['a']],
      ['acme/config', ['b', 'c']],
    ])
  })

  test('runs as many keys at a time as it may, and the longest-waiting next', async () => {
    const world = virtualWorld({ concurrency: 2 })
    for (const key of ['one', 'two', 'three', 'four']) world.queue.add(key, ['x'])
    await world.settle()
    expect(world.keysBegun()).toEqual(['one', 'two'])
    await world.finish('two')
    expect(world.keysBegun()).toEqual(['one', 'two', 'three'])
  })

  test('lets a busy key delay the others by one round only (T59)', async () => {
    const world = virtualWorld({ concurrency: 1 })
    world.queue.add('busy', ['x'])
    await world.settle()
    world.queue.add('quiet', ['x'])
    world.queue.add('busy', ['y'])
    await world.finish('busy')
    await world.finish('quiet')
    expect(world.keysBegun()).toEqual(['busy', 'quiet', 'busy'])
  })

  test('repeats a round that throws after a growing back-off, with the facts that came meanwhile (T58)', async () => {
    const world = virtualWorld({ random: () => 0 })
    world.queue.add('sick', ['a'])
    await world.fail('sick', new Error('first'))
    expect(world.failures).toMatchObject([{ key: 'sick', attempt: 1, againInMs: 500 }])
    world.queue.add('sick', ['b'])
    await world.advance(499)
    expect(world.begun).toHaveLength(1)
    await world.advance(1)
    expect(world.begun.at(-1)).toEqual(['sick', ['a', 'b']])
    await world.fail('sick', new Error('second'))
    expect(world.failures).toMatchObject([{ againInMs: 500 }, { attempt: 2, againInMs: 1000 }])
  })

  test('goes on with the others while one backs off, and forgets its failures once a round succeeds', async () => {
    const world = virtualWorld({ random: () => 0, concurrency: 1 })
    world.queue.add('sick', ['a'])
    await world.fail('sick', new Error('once'))
    world.queue.add('well', ['a'])
    await world.finish('well')
    await world.advance(500)
    await world.finish('sick')
    world.queue.add('sick', ['b'])
    await world.fail('sick', new Error('again'))
    expect(world.failures.map(({ attempt }) => attempt)).toEqual([1, 1])
  })

  test('waits at least as long as the error says, and never longer than the longest back-off', async () => {
    const world = virtualWorld({
      random: () => 0.9999,
      retryAfterMs: () => 60_000,
      backOff: { firstMs: 1000, longestMs: 4000 },
    })
    world.queue.add('limited', ['a'])
    await world.fail('limited', new Error('rate limit'))
    expect(world.failures.at(-1)?.againInMs).toBe(60_000)
    const other = virtualWorld({ random: () => 0.9999, backOff: { firstMs: 1000, longestMs: 4000 } })
    other.queue.add('sick', ['a'])
    for (let time = 0; time < 6; time += 1) {
      await other.fail('sick', new Error('again'))
      await other.advance(4000)
    }
    expect(Math.max(...other.failures.map(({ againInMs }) => againInMs))).toBe(4000)
  })

  test('catches a run that throws before it returns a promise', async () => {
    const world = virtualWorld({
      run: () => {
        throw new Error('at once')
      },
    })
    world.queue.add('sick', ['a'])
    await world.settle()
    expect(world.failures).toMatchObject([{ key: 'sick', attempt: 1 }])
  })

  test('wakes a key at its time, far ahead too, and only by its latest alarm', async () => {
    const world = virtualWorld()
    const day = 86_400_000
    world.queue.wakeAt('acme/config', { at: 10, stale: ['early'] })
    world.queue.wakeAt('acme/config', { at: 40 * day, stale: ['window'] })
    await world.advance(39 * day)
    expect(world.begun).toEqual([])
    await world.advance(day)
    expect(world.begun).toEqual([['acme/config', ['window']]])
    expect(world.longestTimerMs()).toBeLessThanOrEqual(day)
  })

  test('takes an alarm back', async () => {
    const world = virtualWorld()
    world.queue.wakeAt('acme/config', { at: 10, stale: ['x'] })
    world.queue.wakeAt('acme/config', null)
    await world.advance(20)
    expect(world.begun).toEqual([])
  })

  test('tells how long the oldest key has been ready, back-offs not counted', async () => {
    const world = virtualWorld({ concurrency: 1, random: () => 0 })
    expect(world.queue.oldestWaitingMs()).toBe(0)
    world.queue.add('sick', ['a'])
    await world.fail('sick', new Error('once'))
    await world.advance(300)
    expect(world.queue.oldestWaitingMs()).toBe(0)
    world.queue.add('long', ['a'])
    await world.settle()
    world.queue.add('next', ['a'])
    await world.advance(1200)
    expect(world.queue.oldestWaitingMs()).toBe(1200)
    expect(world.queue.longestRunningMs()).toBe(1200)
  })

  test('drains: waits for the rounds under way, begins no other, leaves no timer', async () => {
    const world = virtualWorld({ concurrency: 1 })
    world.queue.add('one', ['a'])
    world.queue.add('two', ['a'])
    world.queue.wakeAt('three', { at: 10, stale: ['a'] })
    await world.settle()
    let isDrained = false
    const drained = world.queue.drain().then(() => {
      isDrained = true
    })
    await world.settle()
    expect(isDrained).toBe(false)
    await world.finish('one')
    await drained
    world.queue.add('four', ['a'])
    await world.advance(100)
    expect(world.keysBegun()).toEqual(['one'])
    expect(world.timersLeft()).toBe(0)
  })
})

type Failure = Parameters<QueueOptions<string, string>['onError']>[0]

/** A queue whose rounds end when the test says so, on a clock that the test moves. */
function virtualWorld(wanted: Partial<QueueOptions<string, string>> = {}) {
  let time = 0
  const begun: [string, readonly string[]][] = []
  const failures: Failure[] = []
  const ends = new Map<string, { resolve: () => void; reject: (error: Error) => void }>()
  const timers = new Map<number, { at: number; call: () => void }>()
  const delays: number[] = []
  let nextTimer = 0
  const queue: Queue<string, string> = createQueue({
    run: (key, stale) => {
      begun.push([key, stale])
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      ends.set(key, { resolve, reject })
      return promise
    },
    merge: (waiting, more) => [...new Set([...waiting, ...more])],
    now: () => time,
    random: () => 0.5,
    setTimer: (delayMs, call) => {
      const id = nextTimer++
      delays.push(delayMs)
      timers.set(id, { at: time + delayMs, call })
      return () => timers.delete(id)
    },
    onError: (failure) => failures.push(failure),
    ...wanted,
  })
  async function settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  }
  async function advance(byMs: number): Promise<void> {
    const end = time + byMs
    for (;;) {
      const [next] = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)
      if (next === undefined) break
      timers.delete(next[0])
      time = Math.max(time, next[1].at)
      next[1].call()
      await settle()
    }
    time = end
    await settle()
  }
  async function finish(key: string): Promise<void> {
    await settle()
    ends.get(key)?.resolve()
    await settle()
  }
  async function fail(key: string, error: Error): Promise<void> {
    await settle()
    ends.get(key)?.reject(error)
    await settle()
  }
  return {
    queue,
    begun,
    failures,
    settle,
    advance,
    finish,
    fail,
    keysBegun: () => begun.map(([key]) => key),
    timersLeft: () => timers.size,
    longestTimerMs: () => Math.max(...delays),
  }
}
