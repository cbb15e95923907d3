import { afterEach, expect, test } from 'vitest'
import type { Health } from '../src/domain/health.ts'
import { toInstant } from '../src/domain/ids.ts'
import type { Round } from '../src/promotion/reconcile.ts'
import { type Rounds, startRounds } from '../src/rounds.ts'
import { ann, type Company, digestAt, digestNamed, headOfMain, newCompany, repository } from './fakes/company.ts'
import { noFaults } from './fakes/faults.ts'
import { bringsTo, propose, wait } from './fakes/people.ts'
import { workplaceOf } from './fakes/sluice.ts'

const hour = 3_600_000
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

interface Running {
  readonly company: Company
  /** How wrong the clock of the machine is. */
  skew: number
  /** Looks at everything until nothing is left to do now. */
  look(): Promise<Round>
}

let rounds: Rounds | undefined
afterEach(() => rounds?.stop())

/** The rounds of the server on the company's model; time passes there as in the company, and the wall's clock may be wrong. */
async function running(): Promise<Running> {
  const company = await newCompany()
  await wait(company, 10_000)
  const wall = () => company.now + world.skew
  let ended = (_: Round): void => {}
  const world: Running = {
    company,
    skew: 0,
    look: async () => {
      let last: Round | undefined
      do {
        const next = new Promise<Round>((resolve) => {
          ended = resolve
        })
        rounds?.queue.add(repository.id, [{ is: 'everything' }])
        last = await next
      } while (last.plan.effects.length > 0)
      return last
    },
  }
  rounds = startRounds({
    workplace: { ...workplaceOf(company, noFaults(), { isDead: false }), now: () => toInstant(wall()) },
    find: () => repository,
    ...{ concurrency: 1, random: () => 0, log: silent, clock: { wall, elapsed: () => company.now } },
    onGone: () => {},
    onRound: (_, __, round, error) => {
      if (round === null) throw error
      ended(round)
    },
  })
  await world.look()
  return world
}

const healthOf = ({ considered }: Round, slot: 'api/dev' | 'api/staging'): Health | undefined =>
  considered.snapshot.slots.get(slot)?.health

/** A release that is in dev, and rolls out there. */
async function rollingOut(world: Running): Promise<void> {
  await propose(world.company, ann, bringsTo('api', 'dev', 'api 1'), 'api 1')
  await world.look()
  await wait(world.company, 2_000)
  expect(healthOf(await world.look(), 'api/dev')?.is).toBe('progressing')
}

async function pass(world: Running, milliseconds: number): Promise<Round> {
  let last = await world.look()
  for (let left = milliseconds; left > 0; left -= 6_000) {
    await wait(world.company, 6_000)
    last = await world.look()
  }
  return last
}

test.each([
  ['an hour on', hour],
  ['an hour back', -hour],
])('a rollout under way is not overdue because the clock was set %s, and soaks as long as ever', async (_, skew) => {
  const world = await running()
  await rollingOut(world)
  world.skew = skew
  const health = healthOf(await world.look(), 'api/dev')
  expect(health?.is).not.toBe('failed')
  await pass(world, 30_000)
  expect(await digestAt(world.company, headOfMain(world.company), 'api/staging')).toBe(digestNamed('api 0'))
  await pass(world, 90_000)
  expect(await digestAt(world.company, headOfMain(world.company), 'api/staging')).toBe(digestNamed('api 1'))
})

test('a soak that has begun is not over because the clock was set an hour on', async () => {
  const world = await running()
  await rollingOut(world)
  const before = await pass(world, 24_000)
  expect(healthOf(before, 'api/dev')?.is).toBe('healthy')
  world.skew = hour
  await pass(world, 12_000)
  expect(await digestAt(world.company, headOfMain(world.company), 'api/staging')).toBe(digestNamed('api 0'))
})
