import type { Stale } from '../../src/ports/stale.ts'
import { type Company, newCompany, oneAfterAnother } from '../fakes/company.ts'
import { Crash, type Faults, noFaults } from '../fakes/faults.ts'
import { wait } from '../fakes/people.ts'
import { type Sluice, startSluice } from '../fakes/sluice.ts'

/** A company and the process of Sluice that works for it, through its crashes. */
export interface Universe {
  readonly company: Company
  readonly faults: Faults
  sluice: Sluice
  /** Another process for the same repository, where there was one. */
  other: Sluice | null
  /** How many merges the invariants have looked at. */
  checked: number
  rounds: number
  releases: number
}

/** `before`: what was done in the company before Sluice came. */
export async function newUniverse(
  before: (company: Company) => Promise<void> = async () => {},
  path = oneAfterAnother,
): Promise<Universe> {
  const company = await newCompany(path)
  await before(company)
  const faults = noFaults()
  await wait(company, 10_000)
  const sluice = await startSluice(company, faults)
  const universe = { company, faults, sluice, other: null, checked: 0, rounds: 0, releases: 0 }
  await settle(universe)
  await pass(universe, 60_000)
  return universe
}

/** Rounds until there is rest; a process that ended is started again, without its memory. */
export async function settle(universe: Universe): Promise<void> {
  try {
    universe.rounds += (await universe.sluice.settle()).length
  } catch (error) {
    if (!(error instanceof Crash)) throw error
    await restart(universe)
    await settle(universe)
  }
}

export async function restart(universe: Universe): Promise<void> {
  universe.sluice.process.isDead = true
  universe.sluice = await startSluice(universe.company, universe.faults)
}

/** Time passes; Sluice hears of the cluster, and wakes when it wanted to. */
export async function pass(universe: Universe, milliseconds: number, step = 6_000): Promise<void> {
  for (let left = milliseconds; left > 0; left -= step) {
    await wait(universe.company, Math.min(step, left))
    universe.sluice.hint({ is: 'cluster', cluster: 'here' })
    await settle(universe)
  }
}

export const news: readonly Stale[] = [{ is: 'refs' }, { is: 'pulls' }, { is: 'comments' }]
