import { expect } from 'vitest'
import { checkInvariants, checkNothingLost } from './invariants.ts'
import { pass, settle, type Universe } from './universe.ts'

/** Troubles end, somebody tidies up, and then a good release must reach production. */
export async function endWell(universe: Universe): Promise<void> {
  const { company, faults } = universe
  Object.assign(company.cluster, { isDark: false, isSuspended: false, isRegistryAway: false })
  faults.isForgeAway = false
  faults.armed.length = 0
  universe.sluice.hint({ is: 'everything' })
  await settle(universe)
  await pass(universe, 660_000, 30_000)
  await checkInvariants(universe)
  await checkNothingLost(company)
  await checkRest(universe)
}

/** Nothing happens, so nothing is written at the forge. */
async function checkRest(universe: Universe): Promise<void> {
  const before = universe.faults.writes.length
  await pass(universe, 660_000, 30_000)
  const written = universe.faults.writes.slice(before).filter((name) => name !== 'git.push')
  expect(written, 'nothing happens, and Sluice writes all the same').toEqual([])
}
