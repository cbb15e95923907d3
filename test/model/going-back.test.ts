import { describe, expect, test } from 'vitest'
import { readTrailers } from '../../src/promotion/trailers.ts'
import { ann, digestAt, digestNamed, headOfMain, sam, textAt, tom } from '../fakes/company.ts'
import { pullOf } from '../fakes/forge.ts'
import { approve, beginWith, bringsTo, propose, say } from '../fakes/people.ts'
import { checkInvariants } from './invariants.ts'
import { news, newUniverse, pass, settle, type Universe } from './universe.ts'

/** Whole rounds on the company's model, of what leads a slot back: what may, and what then becomes of the newer release. */

async function go(universe: Universe, milliseconds: number): Promise<void> {
  await goUnchecked(universe, milliseconds)
  await checkInvariants(universe)
}

/** The invariants know the path that the company has at first. */
async function goUnchecked(universe: Universe, milliseconds: number): Promise<void> {
  const { company, sluice } = universe
  const open = [...company.pulls.values()].filter(({ state }) => state === 'open')
  sluice.hint(...news, ...open.map(({ number }) => ({ is: 'pull' as const, pull: number })))
  await settle(universe)
  await pass(universe, milliseconds)
}

const openOn = ({ company }: Universe, branch: string) =>
  [...company.pulls.values()].find(({ state, headBranch }) => state === 'open' && headBranch === branch)?.number
const runs = ({ company }: Universe, slot: `${string}/${string}`) => digestAt(company, headOfMain(company), slot)

/** A release of api that comes to staging by itself, and to production by Sam's approval. */
async function released(universe: Universe, release: string): Promise<void> {
  await propose(universe.company, ann, bringsTo('api', 'dev', release), release)
  await go(universe, 192_000)
  approve(universe.company, sam, promotionOf(universe))
  await go(universe, 60_000)
  expect(await runs(universe, 'api/production')).toBe(digestNamed(release))
}

function promotionOf(universe: Universe): number {
  const number = openOn(universe, 'sluice/promote/production/api')
  if (number === undefined) throw new Error('no promotion to production is open')
  return number
}

const releaseIn = ({ sluice }: Universe, slot: `${string}/${string}`): string => {
  const release = sluice.last()?.considered.snapshot.slots.get(slot)?.release
  if (release?.is !== 'pinned') throw new Error(`${slot} runs no release`)
  return release.release.id.slice(0, 12)
}

describe('a promotion that leads to the very release before', () => {
  test('meets every gate of a promotion, since nobody was asked for the right to roll back (I1, I13)', async () => {
    const universe = await newUniverse((company) =>
      beginWith(company, {
        '.sluice/applications.yaml':
          'apiVersion: sluice.dev/v1alpha1\nkind: Application\nmetadata: { name: "*" }\nspec:\n  owners: ["acme/sre"]\n',
      }),
    )
    const { company } = universe
    await released(universe, 'api 1')
    const before = releaseIn(universe, 'api/production')
    await released(universe, 'api 2')
    const told = await propose(company, ann, { 'notes.md': 'x' }, 'Notes')
    say(company, sam, told, '/sluice freeze production --reason "audit"')
    await go(universe, 12_000)
    say(company, ann, told, `/sluice promote production --app api --release ${before}`)
    await go(universe, 60_000)
    const number = promotionOf(universe)
    expect(reasonsOf(universe, number)).toEqual(['approvals.too-few', 'state.frozen'])
    say(company, sam, told, '/sluice thaw production')
    say(company, ann, number, '/sluice merge')
    await go(universe, 60_000)
    expect(reasonsOf(universe, number)).toEqual(['approvals.too-few'])
    expect(await runs(universe, 'api/production')).toBe(digestNamed('api 2'))
    approve(company, sam, number)
    await go(universe, 12_000)
    expect(await runs(universe, 'api/production')).toBe(digestNamed('api 1'))
    const merged = company.merges.at(-1)
    expect(pullOf(company, number).mergeCommit).toBe(merged?.commit)
    expect(readTrailers((await company.git.commit(headOfMain(company))).message)?.kind).toBe('promotion')
  })
})

test('what production skipped is not brought to it by a new path that lags behind (I12)', async () => {
  const production = '.sluice/production.yaml'
  const universe = await newUniverse(async (company) => {
    const at = async (path: string) => (await textAt(company, headOfMain(company), path)) ?? ''
    await beginWith(company, {
      [production]: (await at(production)).replace('promotesFrom: [staging]', 'promotesFrom: [dev]'),
      '.sluice/staging.yaml': (await at('.sluice/staging.yaml')).replace('merge: auto', 'merge: manual'),
    })
  })
  const { company } = universe
  const toStaging = async (release: string) => {
    say(company, sam, Number(openOn(universe, 'sluice/promote/staging/api')), '/sluice merge')
    await goUnchecked(universe, 90_000)
    expect(await runs(universe, 'api/staging')).toBe(digestNamed(release))
  }
  await propose(company, ann, bringsTo('api', 'dev', 'api 2'), 'api 2')
  await goUnchecked(universe, 120_000)
  await toStaging('api 2')
  await propose(company, ann, bringsTo('api', 'dev', 'api 3'), 'api 3')
  await goUnchecked(universe, 120_000)
  approve(company, sam, promotionOf(universe))
  await goUnchecked(universe, 60_000)
  expect(await runs(universe, 'api/production')).toBe(digestNamed('api 3'))

  // From now on it comes from staging, which lags behind, and nobody is asked.
  const rules = (await textAt(company, headOfMain(company), production)) ?? ''
  const reorganised = rules
    .replace('promotesFrom: [dev]', 'promotesFrom: [staging]')
    .replace(/ *- \{ name: approved.*\n/, '')
  expect(reorganised).not.toContain('approved')
  const number = await propose(company, sam, { [production]: reorganised }, 'Production from staging')
  approve(company, tom, number)
  say(company, sam, number, '/sluice merge')
  await goUnchecked(universe, 300_000)
  expect(pullOf(company, number).mergedAt).not.toBeNull()
  expect(openOn(universe, 'sluice/promote/production/api')).toBeUndefined()
  expect(await runs(universe, 'api/production')).toBe(digestNamed('api 3'))
  await toStaging('api 3')
  await propose(company, ann, bringsTo('api', 'dev', 'api 4'), 'api 4')
  await goUnchecked(universe, 120_000)
  await toStaging('api 4')
  await goUnchecked(universe, 120_000)
  expect(await runs(universe, 'api/production')).toBe(digestNamed('api 4'))
})

test('an outage of a registry upstream takes no promotion from those who approved it', async () => {
  const universe = await newUniverse()
  const { company } = universe
  await propose(company, ann, bringsTo('api', 'dev', 'api 1'), 'api 1')
  await go(universe, 192_000)
  const number = promotionOf(universe)
  say(company, sam, number, '/sluice freeze production --reason "audit"')
  await go(universe, 12_000)
  approve(company, sam, number)
  company.cluster.isRegistryAway = true
  for (const [slot, running] of company.cluster.running)
    if (slot.endsWith('/staging')) Object.assign(running, { isPulled: false, since: company.now })
  await go(universe, 120_000)
  expect(universe.sluice.last()?.considered.snapshot.slots.get('api/staging')?.health.is).toBe('failed')
  expect(reasonsOf(universe, number)).toEqual(['state.frozen', 'upstream.failed'])
  company.cluster.isRegistryAway = false
  say(company, sam, number, '/sluice thaw production')
  await go(universe, 120_000)
  expect(pullOf(company, number).mergedAt).not.toBeNull()
})

test('what people took back by a revert of their own does not come back by itself (I12)', async () => {
  const universe = await newUniverse()
  const { company } = universe
  await released(universe, 'api 1')
  await propose(company, ann, bringsTo('api', 'dev', 'api 2'), 'api 2')
  await go(universe, 192_000)
  const reverts = await propose(company, sam, bringsTo('api', 'staging', 'api 1'), 'Revert "Promote api to staging"')
  say(company, sam, reverts, '/sluice merge')
  await go(universe, 300_000)
  expect(await runs(universe, 'api/dev')).toBe(digestNamed('api 2'))
  expect(await runs(universe, 'api/staging')).toBe(digestNamed('api 1'))
  expect(openOn(universe, 'sluice/promote/production/api')).toBeUndefined()
  const bad = releaseIn(universe, 'api/dev')
  say(company, sam, reverts, `/sluice unquarantine staging ${bad} --app api`)
  await go(universe, 60_000)
  expect(await runs(universe, 'api/staging')).toBe(digestNamed('api 2'))
})

function reasonsOf(universe: Universe, number: number): readonly string[] {
  const judgements = universe.sluice.last()?.considered.judgements.get(number) ?? []
  return judgements
    .flatMap(({ verdicts }) => verdicts)
    .flatMap(({ is, reason }) => (is === 'pass' ? [] : [reason]))
    .toSorted()
}
