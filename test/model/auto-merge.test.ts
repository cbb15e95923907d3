import { expect, test } from 'vitest'
import { ann, bot, digestAt, digestNamed, eve, headOfMain, sam } from '../fakes/company.ts'
import { pullOf } from '../fakes/forge.ts'
import { bringsTo, propose, say, wait } from '../fakes/people.ts'
import { news, newUniverse, settle } from './universe.ts'

/** Somebody enables auto-merge on what eve, who may not write here, brings to dev; it is held until `release`. */
async function enabledBy(by: typeof ann) {
  const universe = await newUniverse()
  const { company, sluice } = universe
  const pull = await propose(company, eve, bringsTo('api', 'dev', 'api 1'), 'by hand')
  const look = async () => {
    await wait(company, 5_000)
    sluice.hint(...news)
    await settle(universe)
    return sluice.last()?.considered.snapshot.state.folded.directives ?? []
  }
  say(company, sam, pull, '/sluice hold')
  await look()
  const enable = (on: boolean) => Object.assign(pullOf(company, pull), { autoMerge: on ? { by } : null })
  enable(true)
  await look()
  const release = async () => {
    say(company, sam, pull, '/sluice unhold')
    return look()
  }
  return { company, pull, enable, release }
}

test('auto-merge is an order to Sluice, which merges it itself, so that it is no merge around the gates', async () => {
  const { company, pull, release } = await enabledBy(ann)
  expect(pullOf(company, pull).state).toBe('open')
  const directives = await release()
  expect(pullOf(company, pull)).toMatchObject({ state: 'closed', mergedBy: bot, autoMerge: null })
  expect(await digestAt(company, headOfMain(company), 'api/dev')).toBe(digestNamed('api 1'))
  expect(directives).toContainEqual(expect.objectContaining({ kind: 'merge', pull, by: ann.id }))
  expect(directives.filter(({ kind }) => kind === 'ungated')).toEqual([])
})

test('auto-merge that is disabled again while a gate is open has ordered nothing', async () => {
  const { company, pull, enable, release } = await enabledBy(ann)
  enable(false)
  expect((await release()).filter(({ kind }) => kind === 'merge')).toEqual([])
  expect(pullOf(company, pull).state).toBe('open')
})

test('auto-merge by somebody who may not write here orders nothing', async () => {
  const { company, pull, release } = await enabledBy(eve)
  expect((await release()).filter(({ kind }) => kind === 'merge')).toEqual([])
  expect(pullOf(company, pull).state).toBe('open')
})
