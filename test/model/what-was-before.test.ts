import { describe, expect, test } from 'vitest'
import type { Sha } from '../../src/domain/ids.ts'
import { ann, type Company, digestAt, digestNamed, headOfMain, sam, textAt } from '../fakes/company.ts'
import { approve, beginWith, bringsTo, propose, pushDirectly, say } from '../fakes/people.ts'
import { news, newUniverse, pass, restart, settle, type Universe } from './universe.ts'

/** Whole rounds on the company's model, of what was so before: before Sluice came, before a promotion, before a restart. */

const openOn = ({ company }: Universe, branch: string) =>
  [...company.pulls.values()].find(({ state, headBranch }) => state === 'open' && headBranch === branch)
const runs = (company: Company, slot: `${string}/${string}`) => digestAt(company, headOfMain(company), slot)

/** Brings a release of api to dev and lets it travel, for as long as it takes to get to the gates of production. */
async function travels(universe: Universe, release: string): Promise<number | undefined> {
  await propose(universe.company, ann, bringsTo('api', 'dev', release), release)
  universe.sluice.hint(...news)
  await settle(universe)
  await pass(universe, 192_000)
  return openOn(universe, 'sluice/promote/production/api')?.number
}

async function letIn(universe: Universe, number: number | undefined): Promise<void> {
  if (number === undefined) throw new Error('no promotion to production is open')
  approve(universe.company, sam, number)
  universe.sluice.hint({ is: 'pull', pull: number })
  await settle(universe)
}

describe('what was there when Sluice came', () => {
  test('is promoted by nobody, and stands in the way of nothing that comes after (T72)', async () => {
    const universe = await newUniverse((company) => beginWith(company, bringsTo('api', 'staging', 'api 5')))
    const { company } = universe
    await pass(universe, 300_000)
    expect([...company.pulls.values()]).toEqual([])
    expect(await travels(universe, 'api 9')).toBeDefined()
    expect(await runs(company, 'api/staging')).toBe(digestNamed('api 9'))
  })

  test('is what stood upstream when the later of the two environments was described (T72)', async () => {
    const universe = await newUniverse(async (company) => {
      const rules = (await textAt(company, headOfMain(company), '.sluice/production.yaml')) ?? ''
      await beginWith(company, { '.sluice/production.yaml': null })
      await pushDirectly(company, ann, bringsTo('api', 'staging', 'api 5'))
      await pushDirectly(company, ann, { '.sluice/production.yaml': rules })
    })
    await pass(universe, 300_000)
    expect([...universe.company.pulls.values()]).toEqual([])
    expect(await runs(universe.company, 'api/production')).toBe(digestNamed('api 0'))
  })
})

describe('a promotion that fails in production', () => {
  const failing = async (wasIll: boolean): Promise<Universe> => {
    const universe = await newUniverse()
    const { bad } = universe.company.cluster
    bad.set(digestNamed('api 1'), new Set(['production']))
    if (wasIll) bad.set(digestNamed('api 0'), new Set(['production']))
    await letIn(universe, await travels(universe, 'api 1'))
    expect(await runs(universe.company, 'api/production')).toBe(digestNamed('api 1'))
    await pass(universe, 192_000)
    return universe
  }

  test('is taken back where production was well before it', async () => {
    const { company } = await failing(false)
    expect(await runs(company, 'api/production')).toBe(digestNamed('api 0'))
  })

  test('is left where production was ill before it: it may be the fix, and ill for another cause (T71)', async () => {
    const universe = await failing(true)
    expect(await runs(universe.company, 'api/production')).toBe(digestNamed('api 1'))
    expect(openOn(universe, 'sluice/rollback/production/api')).toBeUndefined()
  })
})

describe('a process that begins', () => {
  test('does not believe a state that the newest promotion was not made with (T67)', async () => {
    const universe = await newUniverse()
    const { company } = universe
    const pull = await propose(company, ann, { 'notes.md': 'x' }, 'Notes')
    const before = company.git.branches.get('sluice/state') as Sha
    say(company, sam, pull, '/sluice freeze production --reason "audit"')
    await travels(universe, 'api 1')
    const trusted = () => universe.sluice.last()?.considered.snapshot.state.trusted
    expect(trusted()).toBe(true)

    company.git.branches.set('sluice/state', before)
    await restart(universe)
    await settle(universe)
    expect(trusted()).toMatchObject({ untrusted: expect.stringContaining('does not hold the state') })
  })
})
