import { describe, expect, test } from 'vitest'
import type { SlotKey } from '../../src/domain/ids.ts'
import { readConfig } from '../../src/promotion/observe/config.ts'
import { initiatorMemory } from '../../src/promotion/observe/initiators.ts'
import { readSlotAt } from '../../src/promotion/observe/records.ts'
import { type NewEvent, stateEvent } from '../../src/state/events.ts'
import { foldEvents } from '../../src/state/fold.ts'
import {
  ann,
  bot,
  type Company,
  eve,
  headOfMain,
  instant,
  newCompany,
  sam,
  tom,
  twoUpstream,
} from '../fakes/company.ts'
import { fakeForge, mergePull, pullOf } from '../fakes/forge.ts'
import { bringsTo, propose, pushOnto } from '../fakes/people.ts'
import { shaOf } from './world.ts'

const staging: SlotKey = 'api/staging'
const minute = 60_000

/** Ann's pull request, with a commit of Sam's, brought a release into dev; Tom merged it. */
async function aReleaseInDev(mergedBy = tom) {
  const company = await newCompany()
  const number = await propose(company, ann, bringsTo('api', 'dev', '2.0.0'), 'api 2.0.0')
  await pushOnto(company, sam, number)
  await mergePull(company, number, mergedBy, pullOf(company, number).head, 'Merge')
  return { company, number }
}

/** Who is behind what dev runs, on its way to staging. */
async function asking(company: Company, differs: { complete?: boolean } = {}) {
  const { git } = company
  const base = headOfMain(company)
  const config = await readConfig(git, base, 'config')
  if (config.is !== 'read') throw new Error('the manifests parse')
  const release = (await readSlotAt(git, base, 'api/dev', config.checked))?.release
  if (release === undefined) throw new Error('dev holds api')
  const asked: number[] = []
  const forge = fakeForge(company)
  const contributors: typeof forge.pulls.contributors = async (number) => {
    asked.push(number)
    return { ...(await forge.pulls.contributors(number)), ...differs }
  }
  const memory = initiatorMemory({
    git: git as never,
    forge: { ...forge, pulls: { ...forge.pulls, contributors } },
    now: () => instant(company),
  })
  const known = (...events: readonly NewEvent[]) => ({
    ...{ config: config.checked, base },
    folded: foldEvents(events.map(stateEvent), instant(company)),
  })
  const behind = async (...events: readonly NewEvent[]) => {
    const { people, complete } = await memory.ofRelease(known(...events), staging, release)
    return { logins: people.map(({ login }) => login), complete }
  }
  return { behind, asked, release: release.is === 'pinned' ? release.release.id : shaOf('none') }
}

const commandOf = (taken: Extract<NewEvent, { kind: 'command' }>['taken'], by = eve): NewEvent => ({
  ...{ kind: 'command', at: 1 as never, pull: 1, comment: 5, index: 0, taken },
  by: { id: by.id, login: by.login },
})

describe('those who brought a release in', () => {
  test('are who opened, made commits of, and merged the change of the first environment (T06)', async () => {
    const { behind } = await asking((await aReleaseInDev()).company)
    expect(await behind()).toEqual({ logins: ['ann', 'sam', 'tom'], complete: true })
  })

  test('are also who ordered the merge that Sluice made, and who ordered the promotion', async () => {
    const { company, number } = await aReleaseInDev(bot)
    const { behind, release } = await asking(company)
    const merge = commandOf({ verb: 'merge', pull: number, head: pullOf(company, number).head })
    const promote = commandOf({ verb: 'promote', orders: [{ slot: staging, release: release as never }] }, tom)
    expect((await behind(merge, { ...promote, comment: 6 } as NewEvent)).logins).toEqual(['ann', 'sam', 'eve', 'tom'])
    const again = await behind(merge)
    expect(again.logins).toEqual(['ann', 'sam', 'eve'])
  })

  test('are asked for once; who is not known yet is asked for again, but not with every look', async () => {
    const whole = await asking((await aReleaseInDev()).company)
    await whole.behind()
    await whole.behind()
    expect(whole.asked).toHaveLength(1)
    const { company } = await aReleaseInDev()
    const partly = await asking(company, { complete: false })
    expect((await partly.behind()).complete).toBe(false)
    await partly.behind()
    expect(partly.asked).toHaveLength(1)
    company.now += 10 * minute
    await partly.behind()
    expect(partly.asked).toHaveLength(2)
  })

  test('are not known where nobody’s pull request brought it', async () => {
    const { behind } = await asking(await newCompany())
    expect(await behind()).toEqual({ logins: [], complete: false })
  })
})

test('where production promotes from two environments, they are those who brought it into either', async () => {
  const company = await newCompany(twoUpstream)
  for (const [by, where] of [
    [ann, 'east'],
    [sam, 'west'],
  ] as const) {
    const number = await propose(company, by, bringsTo('api', where, '2.0.0'), `api 2.0.0 to ${where}`)
    await mergePull(company, number, tom, pullOf(company, number).head, 'Merge')
  }
  const base = headOfMain(company)
  const config = await readConfig(company.git, base, 'config')
  if (config.is !== 'read') throw new Error('the manifests parse')
  const release = (await readSlotAt(company.git, base, 'api/east', config.checked))?.release
  if (release === undefined) throw new Error('east holds api')
  const memory = initiatorMemory({ git: company.git as never, forge: fakeForge(company), now: () => instant(company) })
  const known = { config: config.checked, base, folded: foldEvents([], instant(company)) }
  const { people, complete } = await memory.ofRelease(known, 'api/production', release)
  expect([people.map(({ login }) => login).toSorted(), complete]).toEqual([['ann', 'sam', 'tom'], true])
})
