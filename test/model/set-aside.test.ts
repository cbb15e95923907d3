import { describe, expect, test } from 'vitest'
import { TransientError } from '../../src/domain/failures.ts'
import type { Sha } from '../../src/domain/ids.ts'
import { ann, digestAt, digestNamed, headOfMain, sam } from '../fakes/company.ts'
import { closePull, openPull, pullOf } from '../fakes/forge.ts'
import { approve, bringsTo, propose } from '../fakes/people.ts'
import { news, newUniverse, pass, restart, settle, type Universe } from './universe.ts'

/** A promotion of api to production that waits for its approval. */
async function aWaitingPromotion(): Promise<Universe & { readonly number: number }> {
  const universe = await newUniverse()
  const { company } = universe
  await propose(company, ann, bringsTo('api', 'dev', 'api 1'), 'api 1')
  universe.sluice.hint(...news)
  await settle(universe)
  await pass(universe, 192_000)
  const found = [...company.pulls.values()].find(
    (one) => one.state === 'open' && one.headBranch.endsWith('production/api'),
  )
  if (found === undefined) throw new Error('no promotion to production is open')
  return Object.assign(universe, { number: found.number })
}

const aways = [
  ['the forge does not answer for', (call: string) => new TransientError('forge.unreachable', `${call}: 500`)],
  ['our code breaks at', (call: string) => new TypeError(`${call} is not a function`)],
] as const

describe.each(aways)('a pull request that %s (T58)', (_, error) => {
  async function poison(universe: Universe, number: number): Promise<Sha> {
    const { head } = pullOf(universe.company, number)
    universe.faults.refuse = (call, [asked]) => (call === 'checks.own' && asked === head ? error(call) : undefined)
    // A process that has not read its check yet has to.
    await restart(universe)
    await pass(universe, 30_000)
    return head
  }

  test('is set aside and shown, and another application goes its way', async () => {
    const universe = await aWaitingPromotion()
    const { company, number } = universe
    await poison(universe, number)
    expect(universe.sluice.last()?.considered.snapshot.unread.map(({ pull }) => pull.number)).toEqual([number])
    await propose(company, ann, bringsTo('web', 'dev', 'web 1'), 'web 1')
    universe.sluice.hint(...news)
    await settle(universe)
    await pass(universe, 192_000)
    expect(await digestAt(company, headOfMain(company), 'web/staging')).toBe(digestNamed('web 1'))
  })

  test('is built upon by nobody, and merged once it can be read again', async () => {
    const universe = await aWaitingPromotion()
    const { company, faults, number } = universe
    const head = await poison(universe, number)
    approve(company, sam, number)
    await pass(universe, 60_000)
    expect(pullOf(company, number)).toMatchObject({ head, state: 'open' })
    faults.refuse = () => undefined
    await pass(universe, 60_000)
    expect(pullOf(company, number)).toMatchObject({ head, mergeCommit: expect.anything() })
    expect(await digestAt(company, headOfMain(company), 'api/production')).toBe(digestNamed('api 1'))
  })

  test('counts as not passing where it is the twin of another (T62)', async () => {
    const universe = await newUniverse()
    const { company, faults, sluice } = universe
    const held = await propose(company, sam, bringsTo('api', 'dev', 'api 1'), 'held')
    Object.assign(pullOf(company, held), { draft: true })
    faults.refuse = (call, [asked]) => (call === 'people.role' && asked === sam ? error(call) : undefined)
    // The forge opens no second pull request from one branch to another, but any number from branches of one head.
    company.git.branches.set('ann/twin', pullOf(company, held).head)
    const twin = openPull(company, ann, 'ann/twin', 'the twin')
    sluice.hint(...news)
    await settle(universe)
    await pass(universe, 60_000)
    expect(sluice.last()?.plan.standings.get(twin)).toEqual({ is: 'twin', of: held })
    closePull(company, held)
    sluice.hint(...news)
    await settle(universe)
    expect(pullOf(company, twin).mergeCommit).not.toBeNull()
  })
})
