import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { OperatorError } from '../../src/domain/failures.ts'
import type { ForgeRepository } from '../../src/ports/forge/forge.ts'
import { createHealth } from '../../src/server/health.ts'
import { createKnownRepositories } from '../../src/server/known-repositories.ts'
import { createSweep, type Sweep } from '../../src/server/sweep.ts'

const repository = (id: number): ForgeRepository => ({
  id,
  installation: 1,
  owner: 'acme',
  name: `config-${id}`,
  defaultBranch: 'main',
  allowsMergeCommits: true,
  url: '',
  cloneUrl: '',
})

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

describe('the sweep', () => {
  let listed: () => Promise<readonly ForgeRepository[]>
  let enqueued: number[]
  let scarce: boolean
  let sweep: Sweep
  const known = () => createKnownRepositories()
  const health = createHealth({ oldestWaitingMs: () => 0, longestWaitMs: 60_000, now: () => 0 })

  beforeEach(() => {
    vi.useFakeTimers()
    listed = async () => [repository(10), repository(11)]
    enqueued = []
    scarce = false
    sweep = createSweep({
      list: () => listed(),
      known: known(),
      enqueue: (id) => void enqueued.push(id),
      intervalMs: 300_000,
      isScarce: () => scarce,
      random: () => 0.5,
      health,
      log: silent,
    })
  })
  afterEach(async () => {
    await sweep.stop()
    vi.useRealTimers()
  })

  test('looks at every repository at the start and at each interval', async () => {
    await sweep.start()
    expect(enqueued).toEqual([10, 11])
    await vi.advanceTimersByTimeAsync(300_000)
    expect(enqueued).toEqual([10, 11, 10, 11])
  })

  test('looks at a new repository as soon as it is told, and at that one only', async () => {
    await sweep.start()
    listed = async () => [repository(10), repository(11), repository(12)]
    sweep.refresh()
    await vi.advanceTimersByTimeAsync(0)
    expect(enqueued).toEqual([10, 11, 12])
  })

  test('looks at one that was renamed or has another default branch as soon as it is told', async () => {
    await sweep.start()
    listed = async () => [{ ...repository(10), defaultBranch: 'trunk' }, repository(11)]
    sweep.refresh()
    await vi.advanceTimersByTimeAsync(0)
    expect(enqueued).toEqual([10, 11, 10])
  })

  test('looks once more at a repository that the App was taken from, so that its round lets go of it', async () => {
    await sweep.start()
    listed = async () => [repository(11)]
    sweep.refresh()
    await vi.advanceTimersByTimeAsync(0)
    expect(enqueued).toEqual([10, 11, 10])
    await vi.advanceTimersByTimeAsync(300_000)
    expect(enqueued).toEqual([10, 11, 10, 11])
  })

  test('tries soon again where the forge does not list, keeps what it knew, and health tells', async () => {
    await sweep.start()
    listed = () => Promise.reject(new OperatorError('forge.credentials', 'the key is refused'))
    await vi.advanceTimersByTimeAsync(300_000)
    expect(enqueued).toEqual([10, 11, 10, 11])
    expect(health.read().ok).toBe(false)
    listed = async () => [repository(10), repository(11), repository(12)]
    await vi.advanceTimersByTimeAsync(5_000)
    expect(enqueued).toEqual([10, 11, 10, 11, 10, 11, 12])
    expect(health.read().ok).toBe(true)
  })

  test('T59: leaves out installations whose quota is nearly spent', async () => {
    scarce = true
    await sweep.start()
    expect(enqueued).toEqual([])
  })

  test('stops', async () => {
    await sweep.start()
    await sweep.stop()
    await vi.advanceTimersByTimeAsync(900_000)
    expect(enqueued).toEqual([10, 11])
  })
})
