import { expect, test } from 'vitest'
import { ann, applications, type Files, headOfMain, overlayFile, sam, textAt, tom } from '../fakes/company.ts'
import { closePull, pullOf } from '../fakes/forge.ts'
import { approve, beginWith, bringsTo, propose, say } from '../fakes/people.ts'
import { checkInvariants, stateEvents } from './invariants.ts'
import { news, newUniverse, pass, settle, type Universe } from './universe.ts'

/** Whole rounds on the company's model where people reorganise manifests and overlays under what is open. */

const branch = 'sluice/promote/production/api'
const manifest = '.sluice/production.yaml'

async function go(universe: Universe, milliseconds: number): Promise<void> {
  await goUnchecked(universe, milliseconds)
  await checkInvariants(universe)
}

/** The invariants look for the overlays where they lie at first. */
async function goUnchecked(universe: Universe, milliseconds: number): Promise<void> {
  const { company, sluice } = universe
  const open = [...company.pulls.values()].filter(({ state }) => state === 'open')
  sluice.hint(...news, ...open.map(({ number }) => ({ is: 'pull' as const, pull: number })))
  await settle(universe)
  await pass(universe, milliseconds)
}

const openOn = ({ company }: Universe) =>
  [...company.pulls.values()].find(({ state, headBranch }) => state === 'open' && headBranch === branch)?.number

/** A promotion of api to production that waits for its approval. */
async function waiting(): Promise<{ readonly universe: Universe; readonly number: number }> {
  const universe = await newUniverse()
  await propose(universe.company, ann, bringsTo('api', 'dev', 'api 1'), 'api 1')
  await go(universe, 192_000)
  const number = openOn(universe)
  if (number === undefined) throw new Error('no promotion to production is open')
  return { universe, number }
}

/** Sam's pull request, which Tom approves, through its gates. */
async function reorganise(universe: Universe, files: Files): Promise<void> {
  const { company } = universe
  const number = await propose(company, sam, files, 'Reorganise')
  approve(company, tom, number)
  say(company, sam, number, '/sluice merge')
  await go(universe, 60_000)
  expect(pullOf(company, number).mergedAt).not.toBeNull()
}

async function closedBecause({ company }: Universe, number: number): Promise<string | undefined> {
  const events = await stateEvents(company, company.git.branches.get('sluice/state'))
  return events.flatMap((one) => (one.kind === 'closed' && one.pull === number ? [one.because] : []))[0]
}

test('a new application comes environment by environment, and no other way', async () => {
  const environments = ['dev', 'staging', 'production'] as const
  const gone = Object.fromEntries(environments.map((where) => [overlayFile('web', where), null]))
  const universe = await newUniverse((company) => beginWith(company, gone))
  const { company } = universe
  const files = environments.map((where) => bringsTo('web', where, 'web 1'))
  const atOnce = await propose(company, sam, Object.assign({}, ...files), 'Web, everywhere')
  approve(company, tom, atOnce)
  await go(universe, 60_000)
  const { judgements } = universe.sluice.last()?.considered ?? {}
  expect(
    judgements
      ?.get(atOnce)
      ?.map(({ change, verdicts }) => [change.slot, verdicts.find(({ is }) => is !== 'pass')?.reason]),
  ).toEqual([
    ['web/dev', undefined],
    ['web/production', 'upstream.new-here'],
    ['web/staging', 'upstream.new-here'],
  ])
  closePull(company, atOnce)

  for (const one of files) {
    await reorganise(universe, one)
    await go(universe, 192_000)
  }
  await propose(company, ann, bringsTo('web', 'dev', 'web 2'), 'web 2')
  await go(universe, 192_000)
  const branches = [...company.pulls.values()].flatMap(({ state, headBranch }) =>
    state === 'open' ? [headBranch] : [],
  )
  expect(branches).toEqual(['sluice/promote/production/web'])
})

test('an application that is taken out of production takes its promotion with it', async () => {
  const { universe, number } = await waiting()
  await reorganise(universe, { [overlayFile('api', 'production')]: null })
  expect(pullOf(universe.company, number)).toMatchObject({ state: 'closed', mergedAt: null })
  expect(pullOf(universe.company, number).body).toContain(
    '**Sluice closes this**: production does not hold api any more',
  )
  expect(await closedBecause(universe, number)).toBe('production does not hold api any more')
})

test('a promotion to an environment that is no more is closed, whoever orders its merge; nobody is accused (T10)', async () => {
  const { universe, number } = await waiting()
  const { company } = universe
  say(company, ann, number, '/sluice merge')
  const before = await textAt(company, headOfMain(company), overlayFile('api', 'production'))
  await reorganise(universe, { [manifest]: null })
  expect(pullOf(company, number)).toMatchObject({ state: 'closed', mergedAt: null })
  expect(pullOf(company, number).body).toContain('**Sluice closes this**: no manifest describes production any more')
  expect(company.comments.filter((one) => one.ours && one.pull === number && /pushed|passes/.test(one.body))).toEqual(
    [],
  )
  expect(await textAt(company, headOfMain(company), overlayFile('api', 'production'))).toBe(before)
})

test('a promotion is made anew where the overlay moved with its manifest (T10)', async () => {
  const { universe, number } = await waiting()
  const { company } = universe
  const at = async (path: string) => (await textAt(company, headOfMain(company), path)) ?? ''
  const movedTo = (name: string) => `apps/${name}/envs/production/kustomization.yaml`
  const rules = await at(manifest)
  const files: Record<string, string | null> = {
    [manifest]: rules.replace('apps/{application}/overlays/production', 'apps/{application}/envs/production'),
  }
  for (const name of applications) {
    files[movedTo(name)] = await at(overlayFile(name, 'production'))
    files[overlayFile(name, 'production')] = null
  }
  await reorganise(universe, files)
  expect(openOn(universe)).toBe(number)
  const { changes, merge } =
    universe.sluice.last()?.considered.snapshot.pulls.find(({ pull }) => pull.number === number) ?? {}
  expect(merge?.is).toBe('clean')
  expect(changes?.map(({ slot, kind }) => `${kind} of ${slot}`)).toEqual(['promotion of api/production'])
  approve(company, sam, number)
  await goUnchecked(universe, 12_000)
  expect(await at(movedTo('api'))).toBe(bringsTo('api', 'production', 'api 1')[overlayFile('api', 'production')])
})
