import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { tellsMerged } from '../../src/promotion/merged-report.ts'
import { reportMarker } from '../../src/promotion/report/report.ts'
import { ann, digestAt, digestNamed, headOfMain, sam, slotsOf } from '../fakes/company.ts'
import { approve, bringsTo, propose } from '../fakes/people.ts'
import { checkNothingLost, stateEvents } from './invariants.ts'
import { news, newUniverse, pass, settle, type Universe } from './universe.ts'

/** From the merge in `dev` to production, where the release fails and is taken back. */
async function wholeHopAndRevert(universe: Universe): Promise<void> {
  const { company } = universe
  company.cluster.bad.set(digestNamed('api 1'), new Set(['production']))
  await propose(company, ann, bringsTo('api', 'dev', 'api 1'), 'api 1')
  universe.sluice.hint(...news)
  await settle(universe)
  await pass(universe, 192_000)
  for (const pull of company.pulls.values()) {
    if (pull.state === 'open' && pull.headBranch.includes('/production/')) approve(company, sam, pull.number)
    universe.sluice.hint({ is: 'pull', pull: pull.number })
  }
  await settle(universe)
  await pass(universe, 150_000)
}

/** How the world is in the end, as far as it may matter to anybody; numbers and times are left out. */
async function endOf({ company }: Universe) {
  const digests: Record<string, string | null> = {}
  for (const slot of slotsOf(company)) digests[slot] = await digestAt(company, headOfMain(company), slot)
  const events = await stateEvents(company, company.git.branches.get('sluice/state'))
  const kinds = (kind: string) => events.filter((one) => one.kind === kind).length
  const pulls = [...company.pulls.values()]
  return {
    digests,
    pulls: pulls.map(({ title, state, mergedBy }) => `${title}: ${state}, by ${mergedBy?.login}`).sort(),
    branches: [...company.git.branches.keys()].filter((name) => name.startsWith('sluice/')),
    merges: company.merges.map(({ pull }) => company.pulls.get(pull)?.title),
    events: {
      quarantine: kinds('quarantine'),
      reverted: kinds('reverted'),
      decline: kinds('decline'),
      ungated: kinds('ungated'),
    },
    // What a body of ours tells is made up for; a comment on a merged one is decoration that nobody waits for.
    toldMerged: pulls.filter(({ ours, mergedAt }) => ours && mergedAt !== null).map(({ body }) => tellsMerged(body)),
    comments: company.comments
      .filter(({ body }) => !body.includes(reportMarker))
      .map(({ pull, by }) => `${by.login} on ${company.pulls.get(pull)?.title}`)
      .sort(),
  }
}

/** The story once for every write that it makes, with something going wrong right before or right after that one. */
async function othersThan(
  expected: object,
  writes: readonly string[],
  is: 'failure' | 'crash',
): Promise<readonly object[]> {
  const others: object[] = []
  for (const [index, name] of writes.entries()) {
    for (const when of ['before', 'after'] as const) {
      const universe = await newUniverse()
      universe.faults.armed.push({ in: index + 1, when, is })
      await wholeHopAndRevert(universe)
      await checkNothingLost(universe.company)
      const end = await endOf(universe)
      if (!isDeepStrictEqual(end, expected)) others.push({ what: `${is} ${when} write ${index + 1}, ${name}`, end })
    }
  }
  return others
}

describe('one hop and one revert end as if nothing had happened', () => {
  test('wherever the process ends and is started again without its memory (T03, T57, I7)', async () => {
    const { expected, writes } = await undisturbed()
    expect(await othersThan(expected, writes, 'crash')).toEqual([])
  }, 300_000)

  test('whichever write fails, before its effect or after it (T13)', async () => {
    const { expected, writes } = await undisturbed()
    expect(await othersThan(expected, writes, 'failure')).toEqual([])
  }, 300_000)
})

async function undisturbed() {
  const universe = await newUniverse()
  const before = universe.faults.writes.length
  await wholeHopAndRevert(universe)
  const expected = await endOf(universe)
  expect(expected.merges).toHaveLength(4)
  expect(expected.digests['api/production']).toBe(digestNamed('api 0'))
  return { expected, writes: universe.faults.writes.slice(before) }
}
