import { expect, test } from 'vitest'
import { openPull } from '../../src/promotion/apply/open-pull.ts'
import { bot, commitFiles, headOfMain, newCompany, repository, sam } from '../fakes/company.ts'
import { fakeForge, openPull as opens, setBranch } from '../fakes/forge.ts'
import { aWorld, runs, staging } from './world.ts'

async function aPromotion() {
  const company = await newCompany()
  const [planned] = aWorld(runs(staging, 'two')).effects('open-pull')
  if (planned === undefined) throw new Error('no promotion is planned')
  const base = headOfMain(company)
  const ports = {
    forge: fakeForge(company),
    git: company.git as never,
    repository,
    stateKeys: ['a state key'],
  } as const
  return { company, base, effect: { ...planned, base, edits: [] }, ports }
}

test('whoever comes second to a branch opens nothing: one promotion of a slot is open at most (I4)', async () => {
  const { company, base, effect, ports } = await aPromotion()
  setBranch(company, effect.branch, await commitFiles(company, base, { 'notes.txt': 'mine' }, 'First', sam))
  expect(await openPull(ports, effect)).toMatchObject({ is: 'lost-race' })
  expect(company.pulls.size).toBe(0)

  company.git.branches.delete(effect.branch)
  expect(await openPull(ports, effect)).toMatchObject({ is: 'done' })
  expect([...company.pulls.values()]).toMatchObject([{ author: bot, headBranch: effect.branch }])
})

test('a branch from which somebody else has a pull request open gets no commit: it would be theirs (T10)', async () => {
  const { company, base, effect, ports } = await aPromotion()
  const head = await commitFiles(company, base, { 'notes.txt': 'mine' }, 'First', sam)
  setBranch(company, effect.branch, head)
  const number = opens(company, sam, effect.branch, 'Mine')
  const outcome = await openPull(ports, { ...effect, expect: head })
  expect(outcome).toEqual({ is: 'lost-race', why: `#${number} of @sam is open from it` })
  expect(company.git.branches.get(effect.branch)).toBe(head)
})
