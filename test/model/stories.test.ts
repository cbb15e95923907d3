import { beforeEach, describe, expect, test } from 'vitest'
import { statusText } from '../../src/cli/status.ts'
import { tellsMerged } from '../../src/promotion/merged-report.ts'
import { overviewOf } from '../../src/promotion/report/overview.ts'
import {
  ann,
  type Company,
  digestAt,
  digestNamed,
  type EnvironmentName,
  headOfMain,
  instant,
  newCompany,
  overlayFile,
  sam,
  textAt,
  tom,
} from '../fakes/company.ts'
import { Crash, type Faults, noFaults } from '../fakes/faults.ts'
import { closePull, mergePull, pullOf } from '../fakes/forge.ts'
import { approve, bringsTo, propose, say, wait } from '../fakes/people.ts'
import { type Sluice, startSluice } from '../fakes/sluice.ts'
import { news } from './universe.ts'

/** Whole rounds on the company's model: what people and time do to them, one story each. */
let company: Company
let faults: Faults
let sluice: Sluice
beforeEach(async () => {
  company = await newCompany()
  faults = noFaults()
  await wait(company, 10_000)
  sluice = await startSluice(company, faults)
  await look()
})

async function look(): Promise<void> {
  sluice.hint(...news)
  await sluice.settle()
}

/** Goes on in steps of ten seconds until it is so. */
async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let steps = 0; !(await isSo()); steps += 1) {
    if (steps > 100) throw new Error(`it never came to be that ${what}`)
    await wait(company, 10_000)
    await look()
  }
}

const runs = async (where: EnvironmentName, release: string): Promise<boolean> =>
  (await digestAt(company, headOfMain(company), `api/${where}`)) === digestNamed(release)

/** A release of api by Ann that Tom lets into production, where it gets healthy. */
async function released(release: string): Promise<number> {
  const number = await propose(company, ann, bringsTo('api', 'dev', release), release)
  await until(`${release} runs in production`, async () => {
    const open = openOn('sluice/promote/production/api')
    if (open !== undefined) approve(company, tom, open.number)
    return runs('production', release)
  })
  await until(`${release} is healthy`, () => slot('api/production')?.health.is === 'healthy')
  return number
}

const openOn = (branch: string) =>
  [...company.pulls.values()].find((pull) => pull.state === 'open' && pull.headBranch === branch)
const slot = (key: `${string}/${string}`) => sluice.last()?.considered.snapshot.slots.get(key)
const standing = (number: number) => sluice.last()?.plan.standings.get(number)?.is

const answerTo = (comment: number): string =>
  company.comments.find(({ ours, body }) => ours && body.endsWith(`<!-- sluice:reply:${comment} -->`))?.body ?? ''

describe('a command', () => {
  test('on a pull request that was opened while a round was listing them is taken, not refused', async () => {
    let number = 0
    let comment = 0
    faults.meanwhile.set('comments.since', async () => {
      number = await propose(company, tom, bringsTo('api', 'production', '2.0.0'), 'By hand')
      comment = say(company, ann, number, '/sluice hold').id
    })
    await look()
    expect(answerTo(comment)).toBe('')
    expect(sluice.last()?.considered.snapshot.state.folded.directives).toContainEqual(
      expect.objectContaining({ kind: 'hold', pull: number }),
    )
  })

  test('on an issue, or on a pull request that is long closed, is refused once and costs no more', async () => {
    const comment = say(company, ann, 9_999, '/sluice hold').id
    await look()
    expect(answerTo(comment)).toContain('`orders.no-pull`')
    const replies = company.comments.filter(({ ours }) => ours).length
    await look()
    expect(company.comments.filter(({ ours }) => ours)).toHaveLength(replies)
  })
})

test('a freeze that comes too late for a merge names it, once, also where the process ends in between (I7)', async () => {
  const told = await propose(company, tom, { 'notes.md': 'x' }, 'Notes')
  await propose(company, ann, bringsTo('api', 'dev', 'api 1'), 'api 1')
  await until('it waits for an approval', () => {
    const open = openOn('sluice/promote/production/api')
    return open !== undefined && standing(open.number) === 'gated' && slot('api/staging')?.health.is === 'healthy'
  })
  const number = openOn('sluice/promote/production/api')?.number ?? 0
  await wait(company, 120_000)
  faults.meanwhile.set('pulls.merge', () => {
    say(company, sam, told, '/sluice freeze production')
    // On record, and told by nobody.
    faults.meanwhile.set('comments.react', () => {
      sluice.process.isDead = true
      throw new Crash('between the freeze and its acknowledgement')
    })
  })
  approve(company, tom, number)
  sluice.hint({ is: 'pull', pull: number }, ...news)
  await sluice.settle()
  await expect(look()).rejects.toThrow(Crash)
  const named = () =>
    company.comments.filter(({ pull, ours, body }) => ours && pull === told && body.includes(`#${number} (`))
  expect([pullOf(company, number).mergedAt === null, named()]).toEqual([false, []])
  for (const _ of ['at once', 'and again']) {
    sluice = await startSluice(company, faults)
    await look()
    expect(named()).toHaveLength(1)
  }
  expect(named()[0]?.body).toContain('/sluice rollback production --app api')
})

describe('an order is done by the rights of the moment in which it is done (T05)', () => {
  test('a merge that waited for an approval does not go on by the word of somebody who has left', async () => {
    const path = overlayFile('api', 'production')
    const text = `${await textAt(company, headOfMain(company), path)}# a note\n`
    const number = await propose(company, ann, { [path]: text }, 'A note')
    await look()
    say(company, ann, number, '/sluice merge')
    await look()
    company.gone.add(ann.id)
    approve(company, tom, number)
    await look()
    sluice.hint({ is: 'pull', pull: number })
    await sluice.settle()
    expect([pullOf(company, number).mergedAt, standing(number)]).toEqual([null, 'needs-order'])
    expect(
      company.comments.some(({ pull, body }) => pull === number && body.includes('no longer have the right')),
    ).toBe(true)
    company.gone.delete(ann.id)
    await look()
    expect(pullOf(company, number).mergedAt).not.toBeNull()
  })

  test('a rollback is only proposed where who ordered it has lost the right before it was done', async () => {
    const number = await released('api 1')
    faults.meanwhile.set('git.push', () => company.gone.add(sam.id))
    say(company, sam, number, '/sluice rollback production --app api --reason "it is slow"')
    await look()
    const open = openOn('sluice/rollback/production/api')
    expect([await runs('production', 'api 1'), standing(open?.number ?? 0)]).toEqual([true, 'needs-order'])
    say(company, tom, open?.number ?? 0, '/sluice merge')
    await look()
    expect(await runs('production', 'api 0')).toBe(true)
  })
})

test('a rollback that is ordered on the merged promotion is of what that one brought', async () => {
  await released('api 1')
  const merged = [...company.pulls.values()].find(
    (pull) => pull.mergedAt !== null && pull.headBranch === 'sluice/promote/production/api',
  )
  const { id } = say(company, sam, merged?.number ?? 0, '/sluice rollback production --reason "bad"')
  await look()
  expect(answerTo(id)).not.toContain('orders.which-application')
  await until('production runs what it ran before', () => runs('production', 'api 0'))
})

describe('a repository whose manifests never parsed', () => {
  const path = '.sluice/dev.yaml'
  let whole = ''
  beforeEach(async () => {
    // Everything begins anew, with a typing error in the very first manifests.
    company = await newCompany()
    whole = (await textAt(company, headOfMain(company), path)) ?? ''
    const { git } = company
    const oid = await git.writeBlob(new TextEncoder().encode(whole.replace('spec:', 'spex:')))
    const tree = await git.writeTree(headOfMain(company), new Map([[path, { oid }]]))
    const author = { name: ann.login, email: '' }
    const first = await git.writeCommit({ tree, parents: [], author, at: instant(company), message: 'Begin' })
    git.branches.set('main', first)
    sluice = await startSluice(company, faults)
    await look()
  })

  test('says so: a check that is closed, one warning, and what an operator looks at', async () => {
    const number = await propose(company, ann, bringsTo('api', 'production', '6.6.6'), 'Anything')
    await look()
    await look()
    const check = company.checks.get(pullOf(company, number).head)
    expect(check).toMatchObject({ is: 'waiting', title: 'the manifests of the default branch do not parse' })
    expect(sluice.logged.filter((line) => line.includes('never parsed'))).toHaveLength(1)
    expect(sluice.logged.join()).toContain('spex')
    const [round] = [sluice.last()]
    if (round === null || round === undefined) throw new Error('there was no round')
    const shown = overviewOf(round.considered, round.plan)
    expect(statusText(shown)).toContain('none ever did: nothing is governed')
    expect(statusText(shown)).toContain('spex')
    expect(company.git.branches.has('sluice/state')).toBe(false)
  })

  test('is mended by a pull request that meets the rules that it brings, and begins there', async () => {
    const number = await propose(company, ann, { [path]: whole }, 'Mend')
    await look()
    say(company, ann, number, '/sluice merge')
    await look()
    expect([pullOf(company, number).mergedAt, standing(number)]).toEqual([null, 'gated'])
    approve(company, tom, number)
    sluice.hint({ is: 'pull', pull: number })
    await look()
    expect(pullOf(company, number).mergedAt).not.toBeNull()
    const { state, audit } = sluice.last()?.considered.snapshot ?? {}
    expect(state?.folded.genesis).toBe(headOfMain(company))
    expect([state?.folded.directives.filter(({ kind }) => kind === 'ungated'), audit?.ungated]).toEqual([[], []])
    expect(slot('api/production')).toBeDefined()
  })
})

test('a promotion that was closed and opened again says by what command it is brought all the same, and that brings it', async () => {
  await propose(company, ann, bringsTo('api', 'dev', 'api 1'), 'api 1')
  await until('a promotion is open', () => openOn('sluice/promote/production/api') !== undefined)
  const number = openOn('sluice/promote/production/api')?.number ?? 0
  closePull(company, number)
  await look()
  Object.assign(pullOf(company, number), { state: 'open', closedAt: null })
  sluice.hint(...news)
  const rounds = await sluice.settle()
  const told = rounds.flatMap(({ considered }) =>
    (considered.judgements.get(number) ?? []).flatMap(({ verdicts }) =>
      verdicts.flatMap(({ reason, values }) => (reason === 'state.declined' ? [values['command'] ?? ''] : [])),
    ),
  )
  expect(told[0]).toMatch(/^\/sluice promote production --app api --release /)
  await wait(company, 5_000)
  say(company, sam, number, told[0] ?? '')
  await until('it is open again', () => openOn('sluice/promote/production/api') !== undefined)
})

test('a promotion that a person merged around the gates says who did not merge it, not that Sluice was interrupted', async () => {
  await propose(company, ann, bringsTo('api', 'dev', 'api 1'), 'api 1')
  await until('it waits for an approval', () => openOn('sluice/promote/production/api') !== undefined)
  const number = openOn('sluice/promote/production/api')?.number ?? 0
  const { head } = pullOf(company, number)
  expect(await mergePull(company, number, tom, head, `Merge pull request #${number}`)).toMatchObject({ is: 'merged' })
  await look()
  expect(pullOf(company, number).body).toMatch(/^\*\*Merged\*\* by somebody else than Sluice/)
})

test('what was merged right before the process ended tells so after a restart, once (T57)', async () => {
  await propose(company, ann, bringsTo('api', 'dev', 'api 1'), 'api 1')
  await until('it waits for an approval', () => {
    const open = openOn('sluice/promote/production/api')
    return open !== undefined && standing(open.number) === 'gated' && slot('api/staging')?.health.is === 'healthy'
  })
  const number = openOn('sluice/promote/production/api')?.number ?? 0
  await wait(company, 120_000)
  faults.meanwhile.set('pulls.merge', () => {
    faults.meanwhile.set('pulls.update', () => {
      sluice.process.isDead = true
      throw new Crash('between the merge and its report')
    })
  })
  approve(company, tom, number)
  sluice.hint({ is: 'pull', pull: number }, ...news)
  await expect(sluice.settle()).rejects.toThrow(Crash)
  expect([pullOf(company, number).mergedAt === null, tellsMerged(pullOf(company, number).body)]).toEqual([false, false])
  sluice = await startSluice(company, faults)
  await look()
  expect(tellsMerged(pullOf(company, number).body)).toBe(true)
  expect(pullOf(company, number).body).toContain('Sluice was interrupted')
  const updates = () => faults.writes.filter((name) => name === 'pulls.update').length
  const before = updates()
  await look()
  sluice.hint({ is: 'everything' })
  await sluice.settle()
  expect(updates()).toBe(before)
})
