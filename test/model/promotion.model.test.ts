import { describe, test } from 'vitest'
import { oneAfterAnother } from '../fakes/company.ts'
import { tellStories } from './tell-stories.ts'

describe('whatever happens', () => {
  test('the invariants I1, I2, I4–I7, I9, I11, I12 and I14 hold after each of 10,000 steps, and nothing is stuck in the end (T03, T13, T14, T57)', async () => {
    await tellStories({ path: oneAfterAnother, runs: 50, steps: 200 })
  }, 600_000)
})
