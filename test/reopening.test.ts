import { expect, test } from 'vitest'
import type { ForgeRepository } from '../src/ports/forge/forge.ts'
import { startRounds } from '../src/rounds.ts'
import { newCompany, repository } from './fakes/company.ts'
import { noFaults } from './fakes/faults.ts'
import { workplaceOf } from './fakes/sluice.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Rounds over the company's repository, as `found` knows it at the time. */
async function roundsOver(found: () => ForgeRepository | undefined) {
  const company = await newCompany()
  company.git.branches.set('trunk', company.git.branches.get('main') as never)
  const workplace = workplaceOf(company, noFaults(), { isDead: false })
  const seen = { closed: 0, gone: [] as number[], branches: [] as (string | undefined)[] }
  let wake = () => {}
  const rounds = startRounds({
    workplace: {
      ...workplace,
      openGit: async (one) => ({
        ...(await workplace.openGit(one)),
        close: async () => {
          seen.closed += 1
        },
      }),
    },
    find: found,
    ...{ concurrency: 1, random: () => 0, log: silent },
    clock: { wall: () => company.now, elapsed: () => company.now },
    onRound: (_, __, round) => {
      seen.branches.push(round?.considered.snapshot.repository.defaultBranch)
      wake()
    },
    onGone: (id) => {
      seen.gone.push(id)
      wake()
    },
  })
  const look = async () => {
    const ended = new Promise<void>((resolve) => {
      wake = resolve
    })
    rounds.queue.add(repository.id, [{ is: 'everything' }])
    await ended
  }
  return { rounds, look, seen }
}

test('a repository whose default branch is another one is looked at anew, without a restart', async () => {
  let found: ForgeRepository = repository
  const { rounds, look, seen } = await roundsOver(() => found)
  await look()
  found = { ...repository, name: 'renamed', defaultBranch: 'trunk' }
  await look()
  await rounds.stop()
  expect([seen.branches[0], seen.branches.at(-1), seen.closed]).toEqual(['main', 'trunk', 2])
})

test('of a repository that the App was taken from nothing is kept or shown, and it is opened anew when it is back', async () => {
  let found: ForgeRepository | undefined = repository
  const { rounds, look, seen } = await roundsOver(() => found)
  await look()
  expect([...rounds.last().keys()]).toEqual([repository.id])
  found = undefined
  await look()
  expect([...rounds.last().keys()]).toEqual([])
  expect(seen).toMatchObject({ gone: [repository.id], closed: 1 })
  found = repository
  await look()
  await rounds.stop()
  expect([...rounds.last().keys()]).toEqual([repository.id])
  expect(seen).toMatchObject({ gone: [repository.id], closed: 2 })
})
