import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { acts, happen } from './acts.ts'
import { endWell } from './end-well.ts'
import { checkInvariants } from './invariants.ts'
import { newUniverse } from './universe.ts'

const seed = 20_260_601
const runs = 50
const steps = 200

describe('whatever happens', () => {
  test('the invariants I1, I2, I4–I7, I9, I11, I12 and I14 hold after each of 10,000 steps, and nothing is stuck in the end (T03, T13, T14, T57)', async () => {
    let done = 0
    await fc.assert(
      fc.asyncProperty(fc.array(acts, { minLength: steps, maxLength: steps }), async (story) => {
        const universe = await newUniverse()
        for (const act of story) {
          await happen(universe, act)
          await checkInvariants(universe)
          done += 1
        }
        await endWell(universe)
      }),
      { seed, numRuns: runs, interruptAfterTimeLimit: 280_000, markInterruptAsFailure: true },
    )
    expect(done).toBeGreaterThanOrEqual(runs * steps)
  }, 300_000)
})
