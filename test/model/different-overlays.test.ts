import { beforeEach, describe, expect, test } from 'vitest'
import type { Sha, SlotKey } from '../../src/domain/ids.ts'
import {
  ann,
  type Company,
  digestAt,
  digestNamed,
  type EnvironmentName,
  type Files,
  headOfMain,
  overlayFile,
  overlayText,
  sam,
  textAt,
  tom,
} from '../fakes/company.ts'
import { closePull } from '../fakes/forge.ts'
import { approve, beginWith, propose, say } from '../fakes/people.ts'
import { checkInvariants } from './invariants.ts'
import { news, newUniverse, pass, restart, settle, type Universe } from './universe.ts'

/** Whole rounds on the company's model where the overlays of one application hold different parts. */

const production: SlotKey = 'api/production'
const branch = 'sluice/promote/production/api'
const agent = 'ghcr.io/acme/agent'
const agentIs = (version: string): string => `  - name: ${agent}\n    digest: ${digestNamed(version)}\n`
const overlay = (where: EnvironmentName, release: string, more = ''): Files => ({
  [overlayFile('api', where)]: `${overlayText('api', where, digestNamed(release))}${more}`,
})
const promotesFlags: Files = {
  '.sluice/applications.yaml':
    'apiVersion: sluice.dev/v1alpha1\nkind: Application\nmetadata: { name: "*" }\nspec:\n  owners: ["acme/platform"]\n  promotes: { images: all, files: [flags.yaml] }\n',
}
const flagsOf = (where: EnvironmentName): string =>
  overlayFile('api', where).replace('kustomization.yaml', 'flags.yaml')

/** What the overlays hold before Sluice comes, and what a later release of dev holds beside its digest. */
interface Shape {
  readonly what: string
  readonly before: Files
  readonly ofProduction: string
  readonly inDev: string
}

const shapes: readonly Shape[] = [
  {
    what: 'production names an image of its own',
    before: overlay('production', 'api 0', agentIs('agent 1')),
    ofProduction: agentIs('agent 1'),
    inDev: '',
  },
  {
    what: 'a file that travels is in production only',
    before: { ...promotesFlags, [flagsOf('production')]: 'beta: false\n' },
    ofProduction: '',
    inDev: '',
  },
  {
    what: 'a release drops an image entry',
    before: {
      ...overlay('dev', 'api 0', agentIs('agent 1')),
      ...overlay('staging', 'api 0', agentIs('agent 1')),
      ...overlay('production', 'api 0', agentIs('agent 1')),
    },
    ofProduction: agentIs('agent 1'),
    inDev: '',
  },
]

let universe: Universe
const openOn = (name: string) =>
  [...universe.company.pulls.values()].find(({ state, headBranch }) => state === 'open' && headBranch === name)
const wanted = () => {
  const next = universe.sluice.last()?.plan.wanted.get(production)
  return next?.is === 'nothing' ? next.reason : `${next?.is} of ${next?.release.id.slice(0, 12)}`
}
const runs = (company: Company) => digestAt(company, headOfMain(company), production)

async function look(): Promise<void> {
  universe.sluice.hint(...news)
  await settle(universe)
}

/** A release of dev that travels up to the gates of production. */
async function travels(shape: Shape, release: string): Promise<number> {
  await propose(universe.company, ann, overlay('dev', release, shape.inDev), release)
  await look()
  await pass(universe, 192_000)
  const open = openOn(branch)
  if (open === undefined) throw new Error(`${release} is not proposed to production: ${wanted()}`)
  return open.number
}

async function arrives(shape: Shape, release: string): Promise<void> {
  approve(universe.company, sam, await travels(shape, release))
  universe.sluice.hint({ is: 'everything' })
  await settle(universe)
  expect(await runs(universe.company)).toBe(digestNamed(release))
}

/** Commits of the promotion's branch that are not on the default branch. */
async function commitsAhead({ git }: Company): Promise<number> {
  const line = new Set<Sha>()
  const walk = async (from: Sha | undefined, isEnd: (at: Sha) => boolean): Promise<number> => {
    let [count, at] = [0, from]
    for (; at !== undefined && !isEnd(at); count += 1) {
      line.add(at)
      at = (await git.commit(at)).parents[0]
    }
    return count
  }
  await walk(git.branches.get('main'), () => false)
  return walk(git.branches.get(branch), (at) => line.has(at))
}

describe.each(shapes)('where $what', (shape) => {
  beforeEach(async () => {
    universe = await newUniverse((company) => beginWith(company, shape.before))
  })

  test('a promotion waits for its approval on one commit, arrives, and leaves the rest alone', async () => {
    const number = await travels(shape, 'api 1')
    for (let times = 3; times > 0; times -= 1) {
      await pass(universe, 60_000)
      await look()
    }
    expect([openOn(branch)?.number, await commitsAhead(universe.company)]).toEqual([number, 1])

    approve(universe.company, sam, number)
    universe.sluice.hint({ is: 'everything' })
    await settle(universe)
    const { company } = universe
    expect(await textAt(company, headOfMain(company), overlayFile('api', 'production'))).toBe(
      `${overlayText('api', 'production', digestNamed('api 1'))}${shape.ofProduction}`,
    )
    await pass(universe, 120_000)
    await checkInvariants(universe)
    expect(wanted()).toBe('upstream.same')
    await restart(universe)
    await settle(universe)
    await pass(universe, 60_000)
    expect(wanted()).toBe('upstream.same')
  })

  test('one that somebody closed stays closed, until somebody orders it', async () => {
    const number = await travels(shape, 'api 1')
    closePull(universe.company, number)
    await look()
    await pass(universe, 60_000)
    expect([openOn(branch), wanted()]).toEqual([undefined, 'release.declined'])
    say(universe.company, sam, number, '/sluice promote production --app api')
    await look()
    // Sam ordered it, so an approval of his own does not count.
    approve(universe.company, tom, openOn(branch)?.number ?? 0)
    universe.sluice.hint({ is: 'everything' })
    await settle(universe)
    expect(await runs(universe.company)).toBe(digestNamed('api 1'))
  })

  test('an order ends when its release is there, and the next release comes after it', async () => {
    const number = await travels(shape, 'api 1')
    say(universe.company, sam, number, '/sluice promote production --app api')
    await look()
    approve(universe.company, tom, number)
    universe.sluice.hint({ is: 'everything' })
    await settle(universe)
    await pass(universe, 60_000)
    await arrives(shape, 'api 2')
    await pass(universe, 60_000)
    expect(wanted()).toBe('upstream.same')
  })

  test('one that fails is taken back, and does not come back by itself (I12)', async () => {
    const { company } = universe
    await pass(universe, 60_000)
    company.cluster.bad.set(digestNamed('api 1'), new Set(['production']))
    await arrives(shape, 'api 1')
    await pass(universe, 192_000)
    expect(await runs(company)).toBe(digestNamed('api 0'))
    await pass(universe, 192_000)
    await checkInvariants(universe)
    expect([openOn(branch), wanted()]).toEqual([undefined, 'release.quarantined'])
    await restart(universe)
    await settle(universe)
    await pass(universe, 60_000)
    expect([openOn(branch), wanted()]).toEqual([undefined, 'release.quarantined'])
    await arrives(shape, 'api 2')
  })

  test('a rollback that somebody closed stays closed', async () => {
    const { company } = universe
    await arrives(shape, 'api 1')
    await pass(universe, 60_000)
    await arrives(shape, 'api 2')
    await pass(universe, 60_000)
    const last = company.merges.at(-1)?.pull ?? 0
    const before = [...(universe.sluice.last()?.considered.snapshot.state.folded.witnessed.get(production) ?? [])]
    const first = before.find(({ parts }) => parts.images['ghcr.io/acme/api'] === digestNamed('api 0'))
    say(company, sam, last, `/sluice rollback production --app api --to ${first?.release} --reason "slow"`)
    await look()
    const rollback = openOn('sluice/rollback/production/api')
    closePull(company, rollback?.number ?? 0)
    await look()
    await pass(universe, 60_000)
    expect(openOn('sluice/rollback/production/api')).toBeUndefined()
  })
})

test('where overlays named another image only, and people give them their entry, the releases after that travel', async () => {
  const more = agentIs('agent 1')
  const bare = (where: EnvironmentName): Files => ({
    [overlayFile('api', where)]: `resources:\n  - ../../base\nimages:\n${more}`,
  })
  universe = await newUniverse((company) =>
    beginWith(company, { ...bare('dev'), ...bare('staging'), ...bare('production') }),
  )
  const { company } = universe
  for (const where of ['dev', 'staging', 'production'] as const) {
    const number = await propose(company, ann, overlay(where, 'api 0', more), `an entry for ${where}`)
    await look()
    if (where !== 'dev') say(company, sam, number, '/sluice merge')
    approve(company, tom, number)
    universe.sluice.hint({ is: 'everything' })
    await settle(universe)
    expect(company.pulls.get(number)?.mergedAt).not.toBeNull()
    await pass(universe, 192_000)
  }
  const shape = { what: '', before: {}, ofProduction: more, inDev: more }
  await arrives(shape, 'api 1')
  await pass(universe, 60_000)
  await arrives(shape, 'api 2')
  await checkInvariants(universe)
})

describe('where production names an image of its own', () => {
  const own = shapes[0] as Shape
  beforeEach(async () => {
    universe = await newUniverse((company) => beginWith(company, own.before))
  })

  test('a change of that image alone waits for the other gates only, and later promotions go over it', async () => {
    const { company } = universe
    const number = await propose(company, ann, overlay('production', 'api 0', agentIs('agent 2')), 'agent 2')
    await look()
    approve(company, sam, number)
    say(company, sam, number, '/sluice merge')
    universe.sluice.hint({ is: 'everything' })
    await settle(universe)
    expect(company.pulls.get(number)?.mergedAt).not.toBeNull()
    await pass(universe, 60_000)
    await arrives(own, 'api 1')
    await pass(universe, 60_000)
    expect(wanted()).toBe('upstream.same')
  })

  test('a quarantined release stays out after that image has changed', async () => {
    const { company } = universe
    company.cluster.bad.set(digestNamed('api 1'), new Set(['production']))
    await arrives(own, 'api 1')
    await pass(universe, 192_000)
    const number = await propose(company, ann, overlay('production', 'api 0', agentIs('agent 2')), 'agent 2')
    await look()
    approve(company, sam, number)
    say(company, sam, number, '/sluice merge')
    universe.sluice.hint({ is: 'everything' })
    await settle(universe)
    expect(company.pulls.get(number)?.mergedAt).not.toBeNull()
    await pass(universe, 192_000)
    // It was here before what runs now, so no round even asks whether it is in quarantine.
    expect([openOn(branch), wanted()]).toEqual([undefined, 'upstream.older'])
    await arrives(own, 'api 2')
  })

  test('who brought the release is known all the same: Ann’s approval of it does not count (T06)', async () => {
    await travels(own, 'api 1')
    const change = universe.sluice.last()?.considered.snapshot.pulls.find(({ pull }) => pull.headBranch === branch)
      ?.changes[0]
    expect(change?.origin.initiators).toMatchObject({ people: [{ login: 'ann' }], complete: true })
  })
})
