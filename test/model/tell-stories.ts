import fc from 'fast-check'
import { expect } from 'vitest'
import type { Path } from '../fakes/company.ts'
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
export async function tellStories({ path, runs, steps }: Stories): Promise<void> {
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
    { seed, numRuns: runs, interruptAfterTimeLimit: 580_000, markInterruptAsFailure: true },
  )
  expect(done).toBeGreaterThanOrEqual(runs * steps)
}
