import { beforeEach, describe, expect, test } from 'vitest'
import type { Person } from '../../src/domain/person.ts'
import {
  ann,
  type Company,
  commitFiles,
  eve,
  type Files,
  forgeTime,
  headOfMain,
  newCompany,
  overlayFile,
  sam,
  textAt,
  tom,
} from '../fakes/company.ts'
import { noFaults } from '../fakes/faults.ts'
import { closePull, pullOf, setBranch } from '../fakes/forge.ts'
import { approve, bringsTo, propose, pushDirectly, say, wait } from '../fakes/people.ts'
import { type Sluice, startSluice } from '../fakes/sluice.ts'
import { news } from './universe.ts'

/** Whole rounds on the company's model, against somebody who may write to the repository and knows the source. */
let company: Company
let sluice: Sluice
beforeEach(async () => {
  company = await newCompany()
  await wait(company, 10_000)
  sluice = await startSluice(company, noFaults())
  await look()
})

async function look(...pulls: readonly number[]): Promise<void> {
  sluice.hint(...news, ...pulls.map((pull) => ({ is: 'pull', pull }) as const))
  await sluice.settle()
}

/** Opens a pull request, orders its merge, and looks. */
async function tries(by: Person, files: Files): Promise<number> {
  const number = await propose(company, by, files, 'Nothing to see here')
  await look()
  say(company, by, number, '/sluice merge')
  await look()
  return number
}

const isMerged = (number: number): boolean => pullOf(company, number).mergedAt !== null
const isGreen = (number: number): boolean => company.checks.get(pullOf(company, number).head)?.is === 'success'
/** The reasons of the gates that do not let it pass. */
const heldBy = (number: number): readonly string[] =>
  (sluice.last()?.considered.judgements.get(number) ?? []).flatMap(({ verdicts }) =>
    verdicts.flatMap(({ is, reason }) => (is === 'pass' ? [] : [reason])),
  )

const answerTo = (comment: number): string =>
  company.comments.find(({ ours, body }) => ours && body.endsWith(`<!-- sluice:reply:${comment} -->`))?.body ?? ''

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

describe('what lies where an overlay was', () => {
  const overlay = folderOf(overlayFile('api', 'staging'))
  const link = { mode: '120000', text: '../../evil' }

  test.each([
    ['a symlink', { [overlay]: link }],
    ['a submodule', { [overlay]: { mode: '160000', text: 'of another repository' } }],
    ['a symlink above it', { [folderOf(overlay)]: link }],
  ])('%s is no overlay that was taken away: what it leads to would go in unseen (T20)', async (_, files) => {
    const number = await tries(ann, files)
    expect(heldBy(number)).toContain('render.unsupported')
    expect([isMerged(number), isGreen(number)]).toEqual([false, false])
  })

  test('a symlink where there was nothing is no overlay of nobody either (T20)', async () => {
    const number = await tries(ann, { 'apps/new/overlays/staging': link })
    expect(heldBy(number)).toContain('render.unsupported')
    expect(isMerged(number)).toBe(false)
  })

  test('a symlink that an administrator pushed is found and told, like any other change (T70)', async () => {
    const commit = await pushDirectly(company, ann, { [overlay]: link })
    await look()
    const { directives } = sluice.last()?.considered.snapshot.state.folded ?? { directives: [] }
    expect(directives).toContainEqual(expect.objectContaining({ kind: 'ungated', commit, slot: 'api/staging' }))
  })
})

describe('T73: what the branch asks of people, past which Sluice may merge', () => {
  const demands = (more: Partial<Company['rules']>) => {
    // Nothing tells of it: the rules are read where they are about to be passed by.
    company.rules = { ...company.rules, ...more }
  }
  beforeEach(() => demands({ requiredApprovals: 1 }))
  const path = overlayFile('api', 'dev')
  const reaching = async (file: string): Promise<string> =>
    `${await textAt(company, headOfMain(company), path)}configMapGenerator: [{ name: x, files: [../../../../${file}] }]\n`

  test('is asked for what an overlay only reaches: its author decides what that is', async () => {
    const number = await tries(ann, { [path]: await reaching('CODEOWNERS'), CODEOWNERS: '* @ann\n' })
    expect(heldBy(number)).toEqual(['forge.unmet'])
    expect(isMerged(number)).toBe(false)
  })

  test('is asked for it also where the overlay reached it before', async () => {
    await pushDirectly(company, sam, { CODEOWNERS: '* @sam\n' })
    await look()
    const first = await tries(ann, { [path]: await reaching('CODEOWNERS') })
    expect(isMerged(first)).toBe(true)
    const second = await tries(ann, { CODEOWNERS: '* @ann\n' })
    expect(heldBy(second)).toEqual(['forge.unmet'])
    expect(isMerged(second)).toBe(false)
  })

  test('is not asked for what lies in an overlay: its gates judge that', async () => {
    const number = await tries(ann, { [path]: `${await textAt(company, headOfMain(company), path)}# a note\n` })
    expect(isMerged(number)).toBe(true)
  })

  test('holds against a change request, whoever else approves', async () => {
    const number = await tries(ann, { [path]: await reaching('notes.txt'), 'notes.txt': 'x' })
    approve(company, tom, number)
    company.reviews
      .get(number)
      ?.push({ by: sam, is: 'changes-requested', head: pullOf(company, number).head, at: 0 as never })
    await look(number)
    expect(isMerged(number)).toBe(false)
    approve(company, sam, number)
    await look(number)
    expect(isMerged(number)).toBe(true)
  })

  test('an approval by who pushed last does not pass for one of somebody else: of two people one is', async () => {
    demands({ lastPushApproval: true })
    const number = await tries(ann, { [path]: await reaching('notes.txt'), 'notes.txt': 'x' })
    approve(company, tom, number)
    await look(number)
    expect(heldBy(number)).toEqual(['forge.unmet'])
    approve(company, sam, number)
    await look(number)
    expect(isMerged(number)).toBe(true)
  })

  test('what nobody can see from outside is not taken for met', async () => {
    demands({ requiredApprovals: 0, otherDemands: ['code_scanning'] })
    const number = await tries(ann, { [path]: await reaching('notes.txt'), 'notes.txt': 'x' })
    expect(heldBy(number)).toEqual(['forge.unmet'])
  })
})

test('a branch that wants pull requests up to date is not asked to merge one that is behind, which is told why', async () => {
  company.rules = { ...company.rules, upToDate: true }
  await pushDirectly(company, sam, { 'README.md': 'More' })
  const path = overlayFile('api', 'dev')
  const note = { [path]: `${await textAt(company, headOfMain(company), path)}# a note\n` }
  const number = await propose(company, ann, note, 'A note')
  await pushDirectly(company, sam, { 'README.md': 'And more' })
  sluice = await startSluice(company, noFaults())
  say(company, ann, number, '/sluice merge')
  await look()
  expect(heldBy(number)).toEqual(['forge.unmet'])
  expect([isMerged(number), isGreen(number)]).toEqual([false, false])
  setBranch(
    company,
    pullOf(company, number).headBranch,
    await commitFiles(company, headOfMain(company), note, 'A note', ann),
  )
  await wait(company, 2_000)
  say(company, ann, number, '/sluice merge')
  await look()
  expect(isMerged(number)).toBe(true)
})

describe('what decides about an environment', () => {
  test('a new environment is not let in by rules that its own author wrote (T63)', async () => {
    const manifest = `apiVersion: sluice.dev/v1alpha1
kind: Environment
metadata: { name: mine }
spec:
  overlay: apps/{application}/overlays/mine
  delivery: [{ type: none }]
  gates: [{ name: fine, type: manual, from: [acme/platform] }]
`
    const number = await propose(company, ann, { '.sluice/mine.yaml': manifest }, 'One more')
    await look()
    say(company, ann, number, '/sluice gate fine\n/sluice merge')
    await look()
    expect(heldBy(number)).toEqual(['approvals.too-few'])
    approve(company, tom, number)
    await look(number)
    expect(isMerged(number)).toBe(true)
  })
})

describe('a pull request that takes a gate away', () => {
  test('meets it with what else it brings (T63, I9)', async () => {
    const path = '.sluice/production.yaml'
    const rules = (await textAt(company, headOfMain(company), path)) ?? ''
    const without = rules.replace(/ {4}- \{ name: soaked.*\n/, '')
    expect(without).not.toBe(rules)
    const number = await tries(ann, { [path]: without, ...bringsTo('api', 'production', 'api 9') })
    approve(company, sam, number)
    approve(company, tom, number)
    await look(number)
    const judged = sluice.last()?.considered.judgements.get(number)
    const { verdicts = [] } = judged?.find(({ change }) => change.slot === 'api/production') ?? {}
    expect(verdicts.find(({ gate }) => gate === 'soaked')).toMatchObject({ is: 'wait', reason: 'upstream.never-ran' })
    expect(isMerged(number)).toBe(false)
  })
})

describe('T74: what is pushed right behind a command', () => {
  const note = async (text: string): Promise<Files> => {
    const path = overlayFile('api', 'staging')
    return { [path]: `${await textAt(company, headOfMain(company), path)}# ${text}\n` }
  }
  const pushBehind = async (number: number): Promise<void> => {
    await wait(company, 2_000)
    const { headBranch, head } = pullOf(company, number)
    setBranch(company, headBranch, await commitFiles(company, head, await note('evil'), 'One more thing', ann))
  }
  test('has not the word that was given before', async () => {
    const number = await propose(company, ann, await note('good'), 'Looks fine')
    await look()
    const { id } = say(company, sam, number, '/sluice merge')
    await pushBehind(number)
    await look()
    expect(isMerged(number)).toBe(false)
    expect(answerTo(id)).toContain('orders.head-moved')
    await wait(company, 2_000)
    say(company, sam, number, '/sluice merge')
    await look()
    expect(isMerged(number)).toBe(true)
  })

  test('has it neither where the pull request was closed in between', async () => {
    const number = await propose(company, ann, await note('good'), 'Looks fine')
    await look()
    closePull(company, number)
    await look()
    const { id } = say(company, sam, number, '/sluice merge')
    await pushBehind(number)
    const pull = pullOf(company, number)
    const head = company.git.branches.get(pull.headBranch)
    Object.assign(pull, { state: 'open', closedAt: null, head, updatedAt: forgeTime(company) })
    await look()
    expect(isMerged(number)).toBe(false)
    expect(answerTo(id)).toContain('orders.head-moved')
  })

  test('has it neither where nobody listened meanwhile', async () => {
    const number = await propose(company, ann, await note('good'), 'Looks fine')
    await look()
    const { id } = say(company, sam, number, '/sluice merge')
    await pushBehind(number)
    sluice = await startSluice(company, noFaults())
    await look()
    expect(isMerged(number)).toBe(false)
    expect(answerTo(id)).toContain('orders.head-moved')
  })

  test('does not take the word away that was given for it, also while nobody listened (T57)', async () => {
    const number = await propose(company, ann, await note('good'), 'Looks fine')
    await look()
    say(company, sam, number, '/sluice merge')
    sluice = await startSluice(company, noFaults())
    await look()
    expect(isMerged(number)).toBe(true)
  })
})

describe('what our own comments quote', () => {
  test('answers no comment of somebody else (T26)', async () => {
    const number = await propose(company, ann, { 'notes.md': 'x' }, 'Notes')
    await look()
    const { id } = say(company, eve, number, '/sluice freeze "<!-- sluice:reply:9000 -->"')
    await look()
    expect(answerTo(id)).toContain('<!-- sluice:reply:9000 -->')
    company.nextId = 8999
    expect(say(company, sam, number, '/sluice freeze all').id).toBe(9000)
    await look()
    const { directives } = sluice.last()?.considered.snapshot.state.folded ?? { directives: [] }
    expect(directives).toContainEqual(expect.objectContaining({ kind: 'freeze', scope: 'all' }))
  })
})

describe('what a stranger puts beside the manifests', () => {
  test('is not all read: a hundred files that Git keeps as one fill no memory (T22)', async () => {
    const megabyte = 'x'.repeat(1024 * 1024)
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`.sluice/${at}.pem`, megabyte]))
    const number = await propose(company, eve, files, 'Some keys')
    await look()
    const pull = sluice.last()?.considered.snapshot.pulls.find((one) => one.pull.number === number)
    expect(pull?.brokenConfig).toContain('config.too-large')
    expect(isGreen(number)).toBe(false)
  })
})
