import { failureKind } from '../../src/domain/failures.ts'
import type { Instant } from '../../src/domain/ids.ts'
import { noReconcileRequests } from '../../src/ports/reconcile-requests.ts'
import { mergeStale, type Stale } from '../../src/ports/stale.ts'
import { type Round, reconcile, type World } from '../../src/promotion/reconcile.ts'
import { openRepository, type Workplace } from '../../src/promotion/workplace.ts'
import { nextLooks } from '../../src/rounds.ts'
import { fakeDelivery } from './cluster.ts'
import { bot, type Company, instant, repository } from './company.ts'
import { Crash, type Faults, throughFaults } from './faults.ts'
import { fakeForge } from './forge.ts'
import { fakeRenderer } from './renderer.ts'

/** One process of Sluice on the company's model: rounds as `src/rounds.ts` runs them, by the company's clock. */
export interface Sluice {
  hint(...stale: readonly Stale[]): void
  /** Rounds until nothing asks for another now. Throws where that takes more than `most`. */
  settle(most?: number): Promise<readonly Round[]>
  readonly process: { isDead: boolean }
  last(): Round | null
  /** What was logged above debug. */
  readonly logged: string[]
}

const sweepEvery = 300_000

export async function startSluice(company: Company, faults: Faults): Promise<Sluice> {
  const process = { isDead: false }
  let waiting: readonly Stale[] = [{ is: 'everything' }]
  let wake: { at: number; stale: readonly Stale[] } | null = null
  let sweptAt = company.now
  let last: Round | null = null
  let failures = 0
  const hint = (...stale: readonly Stale[]) => {
    waiting = mergeStale(waiting, stale)
  }
  const logged: string[] = []
  const { world } = await openRepository(workplaceOf(company, faults, process, logged), repository, () =>
    hint({ is: 'time' }),
  )

  function due(): readonly Stale[] {
    if (company.now - sweptAt >= sweepEvery) {
      sweptAt = company.now
      hint({ is: 'everything' })
    }
    if (wake !== null && wake.at <= company.now) {
      hint(...wake.stale)
      wake = null
    }
    const stale = waiting
    waiting = []
    return stale
  }

  async function round(stale: readonly Stale[], kept: World): Promise<Round | null> {
    try {
      return await reconcile(kept, stale)
    } catch (error) {
      if (process.isDead || error instanceof Crash) throw new Crash('the process ended')
      // As the queue does: what was stale stays so, after a back-off.
      wake = { at: company.now + 2_000, stale: [{ is: 'everything' }] }
      if (failureKind(error) !== 'transient') throw error
      return null
    }
  }

  return {
    hint,
    process,
    logged,
    last: () => last,
    settle: async (most = 60) => {
      const rounds: Round[] = []
      for (let stale = due(); stale.length > 0; stale = due()) {
        if (rounds.length >= most) throw new Error(`${most} rounds and no rest: ${JSON.stringify(told(rounds))}`)
        const done = await round(stale, world)
        if (process.isDead) throw new Crash('the process ended')
        if (done === null) continue
        rounds.push(done)
        last = done
        failures = done.outcomes.some(({ is }) => is === 'failed') ? failures + 1 : 0
        const { again, alarm } = nextLooks(done, failures, company.now)
        hint(...again)
        wake = alarm
      }
      return rounds
    },
  }
}

const told = (rounds: readonly Round[]): unknown =>
  rounds.slice(-3).map(({ plan, outcomes }) => ({
    again: plan.lookAgain,
    did: outcomes.map(({ effect, is, why }) => `${effect.kind} ${is} ${why ?? ''}`),
  }))

/** What a process works with: the company's forge, git and clusters, through its faults. */
export function workplaceOf(
  company: Company,
  faults: Faults,
  process: { isDead: boolean },
  logged: string[] = [],
): Workplace {
  const forge = fakeForge(company)
  const keep = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`)
  const family = <T extends object>(name: string, port: T): T => throughFaults(port, name, faults, process)
  const { git } = company
  const remote = family('git', {
    fetch: async () => new Map(git.branches),
    push: async (branch: string, commit: Parameters<Workplace['signatures']['byKey']>[0], expect: string | null) => {
      if ((git.branches.get(branch) ?? null) !== expect) return 'lost-race' as const
      git.branches.set(branch, commit as never)
      return 'done' as const
    },
  })
  return {
    installations: {
      repositories: async () => [repository],
      forge: () => ({
        pulls: family('pulls', forge.pulls),
        reviews: family('reviews', forge.reviews),
        checks: family('checks', forge.checks),
        comments: family('comments', forge.comments),
        commits: family('commits', forge.commits),
        people: family('people', forge.people),
        rules: family('rules', forge.rules),
      }),
      gitToken: async () => 'none',
      identity: async () => ({ appId: 9, slug: 'sluice', botId: bot.id, botLogin: bot.login }),
    },
    openGit: async () => ({ ...git, ...remote, fetch: remote.fetch, push: remote.push, close: async () => {} }),
    delivery: fakeDelivery(company),
    requests: noReconcileRequests,
    renderer: { render: async (...given) => faults.rendersAs ?? fakeRenderer.render(...given) },
    signatures: { byKey: async () => 'signed' },
    stateKeys: ['a key of thirty-two characters ...'],
    now: (): Instant => instant(company),
    log: { debug: () => {}, info: keep, warn: keep, error: keep },
    told: { personNotified: () => {}, reconcileRequested: () => {} },
  }
}
