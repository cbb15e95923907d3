import { beforeEach, describe, expect, test } from 'vitest'
import { observePullList, type PullList } from '../../src/promotion/observe/pull-list.ts'
import { ann, type Company, newCompany } from '../fakes/company.ts'
import { fakeForge, openPull, pullOf, setBranch } from '../fakes/forge.ts'

let company: Company
beforeEach(async () => {
  company = await newCompany()
})

/** Opens a pull request from the head of the default branch. */
function opened(base = 'main'): number {
  const branch = `work-${company.nextId}`
  setBranch(company, branch, company.git.branches.get('main') as never)
  const number = openPull(company, ann, branch, 'Work')
  pullOf(company, number).base = base
  return number
}

const look = (previous: PullList | null, ...pulls: readonly number[]): Promise<PullList> =>
  observePullList(
    fakeForge(company),
    'main',
    pulls.map((pull) => ({ is: 'pull', pull }) as const),
    previous,
  )
const numbers = ({ open }: PullList): readonly number[] => open.map(({ number }) => number)

describe('the pull requests that are looked at', () => {
  test('are those to the default branch, in lists and read alone (T61)', async () => {
    const first = opened()
    const elsewhere = opened('release')
    const list = await look(null)
    expect(numbers(list)).toEqual([first])
    const second = opened()
    expect(numbers(await look(list, elsewhere, second))).toEqual([first, second])
  })

  test('are one less where one is pointed at another branch, and one more when it comes back (T61)', async () => {
    const number = opened()
    const list = await look(null)
    pullOf(company, number).base = 'release'
    const without = await look(list, number)
    expect(numbers(without)).toEqual([])
    pullOf(company, number).base = 'main'
    expect(numbers(await look(without, number))).toEqual([number])
  })
})
