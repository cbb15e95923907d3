import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { oneAfterAnother, type Path, twoUpstream } from '../fakes/company.ts'
import { actsOn, happen } from './acts.ts'
import { endWell } from './end-well.ts'
import { checkInvariants } from './invariants.ts'
import { newUniverse } from './universe.ts'

const seed = 20_260_601

interface Stories {
  readonly path: Path
  readonly runs: number
  readonly steps: number
}

/** Tells so many stories of so many steps, and ends each of them well. */
async function tell({ path, runs, steps }: Stories): Promise<void> {
  let done = 0
  await fc.assert(
    fc.asyncProperty(fc.array(actsOn(path), { minLength: steps, maxLength: steps }), async (story) => {
      const universe = await newUniverse(undefined, path)
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
}

describe('whatever happens', () => {
  test('the invariants I1, I2, I4–I7, I9, I11, I12 and I14 hold after each of 10,000 steps, and nothing is stuck in the end (T03, T13, T14, T57)', async () => {
    await tell({ path: oneAfterAnother, runs: 50, steps: 200 })
  }, 300_000)

  test('they hold where production promotes from two environments, which get releases in any order: nothing goes back by itself (I2, I12)', async () => {
    await tell({ path: twoUpstream, runs: 20, steps: 150 })
  }, 300_000)
})
