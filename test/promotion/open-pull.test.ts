import { expect, test } from 'vitest'
import { openPull } from '../../src/promotion/apply/open-pull.ts'
import { bot, commitFiles, headOfMain, newCompany, repository, sam } from '../fakes/company.ts'
import { fakeForge, setBranch } from '../fakes/forge.ts'
import { aWorld, runs, staging } from './world.ts'

test('whoever comes second to a branch opens nothing: one promotion of a slot is open at most (I4)', async () => {
  const company = await newCompany()
  const [planned] = aWorld(runs(staging, 'two')).effects('open-pull')
  if (planned === undefined) throw new Error('no promotion is planned')
  const base = headOfMain(company)
  const effect = { ...planned, base, edits: [] }
  const ports = {
    forge: fakeForge(company),
    git: company.git as never,
    repository,
    stateKeys: ['a state key'],
  } as const

  setBranch(company, effect.branch, await commitFiles(company, base, { 'notes.txt': 'mine' }, 'First', sam))
  expect(await openPull(ports, effect)).toMatchObject({ is: 'lost-race' })
  expect(company.pulls.size).toBe(0)

  company.git.branches.delete(effect.branch)
  expect(await openPull(ports, effect)).toMatchObject({ is: 'done' })
  expect([...company.pulls.values()]).toMatchObject([{ author: bot, headBranch: effect.branch }])
})
