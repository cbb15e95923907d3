import { describe, expect, test } from 'vitest'
import { ann, digestAt, digestNamed, headOfMain, sam } from '../fakes/company.ts'
import { approve, bringsTo, propose, say } from '../fakes/people.ts'
import { news, newUniverse, pass, restart, settle, type Universe } from './universe.ts'

const broken = (reason: string) =>
  ({ is: 'unsupported', problem: { reason, file: 'overlay', detail: 'kustomize does not work' } }) as const

async function release(universe: Universe, name: string): Promise<void> {
  await propose(universe.company, ann, bringsTo('api', 'dev', name), name)
  universe.sluice.hint(...news)
  await settle(universe)
}

/** Lets everything into production that waits there. */
async function approveAll({ company, sluice }: Universe): Promise<void> {
  for (const pull of company.pulls.values()) {
    if (pull.state !== 'open' || !pull.headBranch.includes('production')) continue
    approve(company, sam, pull.number)
    sluice.hint({ is: 'pull', pull: pull.number })
  }
}

const holds = async ({ company }: Universe, where: string) =>
  digestAt(company, headOfMain(company), `api/${where}` as const)

describe('while kustomize does not work', () => {
  test.each(['render.tool', 'render.too-costly', 'render.broken-output', 'render.no-output'])(
    'as %s, nothing is promoted, and all of it once it works again (T30)',
    async (reason) => {
      const universe = await newUniverse()
      universe.faults.rendersAs = broken(reason)
      await restart(universe)
      await release(universe, 'api 1')
      await pass(universe, 120_000)
      expect(await holds(universe, 'dev')).toBe(digestNamed('api 0'))
      const open = [...universe.company.pulls.values()].find(({ state }) => state === 'open')
      const verdicts = universe.sluice.last()?.considered.judgements.get(open?.number ?? 0)
      expect(verdicts?.[0]?.verdicts).toContainEqual(
        expect.objectContaining({ is: 'fail', reason: 'render.unsupported' }),
      )
      universe.faults.rendersAs = null
      await pass(universe, 200_000)
      expect(await holds(universe, 'staging')).toBe(digestNamed('api 1'))
    },
  )

  test('a promotion is taken back all the same (I13)', async () => {
    const universe = await newUniverse()
    await release(universe, 'api 1')
    await pass(universe, 192_000)
    await approveAll(universe)
    await settle(universe)
    await pass(universe, 60_000)
    expect(await holds(universe, 'production')).toBe(digestNamed('api 1'))
    universe.faults.rendersAs = broken('render.tool')
    const [pull] = [...universe.company.pulls.values()].toReversed()
    say(universe.company, sam, pull?.number ?? 0, '/sluice rollback production --app api --reason "prices"')
    universe.sluice.hint(...news)
    await settle(universe)
    await pass(universe, 60_000)
    expect(await holds(universe, 'production')).toBe(digestNamed('api 0'))
  })
})
