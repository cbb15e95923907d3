import { beforeEach, describe, expect, test } from 'vitest'
import { ann, digestAt, digestNamed, type EnvironmentName, headOfMain, sam, twoUpstream } from '../fakes/company.ts'
import { approve, bringsTo, propose } from '../fakes/people.ts'
import { checkInvariants } from './invariants.ts'
import { tellStories } from './tell-stories.ts'
import { news, newUniverse, pass, settle, type Universe } from './universe.ts'

/** Production promotes from `east` and from `west`, each of which gets its releases by pull requests of its own. */
let universe: Universe
beforeEach(async () => {
  universe = await newUniverse(undefined, twoUpstream)
})

async function comes(release: string, where: EnvironmentName): Promise<void> {
  await propose(universe.company, ann, bringsTo('api', where, release), `${release} to ${where}`)
  universe.sluice.hint(...news)
  await settle(universe)
  await pass(universe, 120_000, 15_000)
}

const openToProduction = () =>
  [...universe.company.pulls.values()].filter(
    ({ state, headBranch }) => state === 'open' && headBranch === 'sluice/promote/production/api',
  )

/** Sam approves what is open, and time passes. */
async function isLetIn(): Promise<void> {
  for (const { number } of openToProduction()) approve(universe.company, sam, number)
  universe.sluice.hint({ is: 'everything' })
  await settle(universe)
  await pass(universe, 120_000, 15_000)
  await checkInvariants(universe)
}

const runsInProduction = (release: string) =>
  expect(digestAt(universe.company, headOfMain(universe.company), 'api/production')).resolves.toBe(digestNamed(release))

describe('production that promotes from two environments', () => {
  test('does not go back when its release fails in one that had the one before late', async () => {
    for (const release of ['api 1', 'api 2']) await comes(release, 'east')
    for (const release of ['api 1', 'api 2']) await comes(release, 'west')
    await isLetIn()
    await runsInProduction('api 2')

    universe.company.cluster.bad.set(digestNamed('api 2'), new Set(['west']))
    await pass(universe, 180_000, 15_000)
    await isLetIn()
    expect(openToProduction()).toEqual([])
    await runsInProduction('api 2')

    await comes('api 3', 'west')
    await comes('api 3', 'east')
    await isLetIn()
    await runsInProduction('api 3')
  })

  test('gets what both have let through, though one is ahead', async () => {
    await comes('api 1', 'east')
    await comes('api 1', 'west')
    await comes('api 2', 'east')
    await isLetIn()
    await runsInProduction('api 1')
  })

  test('waits in the open for what one has alone, and gives up what fails in one', async () => {
    universe.company.cluster.bad.set(digestNamed('api 1'), new Set(['west']))
    await comes('api 1', 'east')
    expect(openToProduction()).toHaveLength(1)
    await isLetIn()
    await runsInProduction('api 0')
    await comes('api 1', 'west')
    await pass(universe, 60_000, 15_000)
    expect(openToProduction()).toEqual([])
    await runsInProduction('api 0')
  })

  test('goes back by nothing that happens, and is stuck by nothing in the end (I2, I12)', async () => {
    await tellStories({ path: twoUpstream, runs: 10, steps: 150 })
  }, 600_000)
})
