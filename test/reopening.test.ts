import { expect, test } from 'vitest'
import type { ForgeRepository } from '../src/ports/forge/forge.ts'
import { startRounds } from '../src/rounds.ts'
import { newCompany, repository } from './fakes/company.ts'
import { noFaults } from './fakes/faults.ts'
import { workplaceOf } from './fakes/sluice.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

test('a repository whose default branch is another one is looked at anew, without a restart', async () => {
  const company = await newCompany()
  company.git.branches.set('trunk', company.git.branches.get('main') as never)
  const workplace = workplaceOf(company, noFaults(), { isDead: false })
  let closed = 0
  let found: ForgeRepository = repository
  const looked: (string | undefined)[] = []
  let wake = () => {}
  const rounds = startRounds({
    workplace: {
      ...workplace,
      openGit: async (one) => ({
        ...(await workplace.openGit(one)),
        close: async () => {
          closed += 1
        },
      }),
    },
    find: () => found,
    ...{ concurrency: 1, random: () => 0, log: silent },
    clock: { wall: () => company.now, elapsed: () => company.now },
    onRound: (_, __, round) => {
      looked.push(round?.considered.snapshot.repository.defaultBranch)
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
  await look()
  found = { ...repository, name: 'renamed', defaultBranch: 'trunk' }
  await look()
  await rounds.stop()
  expect([looked[0], looked.at(-1), closed]).toEqual(['main', 'trunk', 2])
})
