import fc from 'fast-check'
import type { Person } from '../../src/domain/person.ts'
import {
  type Application,
  ann,
  applications,
  type Company,
  digestNamed,
  type EnvironmentName,
  eve,
  firstOf,
  headOfMain,
  oneAfterAnother,
  overlayFile,
  type Path,
  sam,
  textAt,
  tom,
} from '../fakes/company.ts'
import { noFaults } from '../fakes/faults.ts'
import { closePull, deleteBranch, mergePull } from '../fakes/forge.ts'
import { approve, bringsTo, propose, pushDirectly, pushOnto, say } from '../fakes/people.ts'
import { startSluice } from '../fakes/sluice.ts'
import { news, pass, restart, settle, type Universe } from './universe.ts'

/** One thing that happens, and whether Sluice is told of it. */
export interface Act {
  readonly name: string
  readonly isTold: boolean
  run(universe: Universe): Promise<void> | void
  /** How fast-check prints it when a story fails. */
  readonly [fc.toStringMethod]: () => string
}

const application = fc.constantFrom(...applications)
const environmentOf = (path: Path) => fc.constantFrom(...path.keys())
const person = fc.constantFrom(ann, ann, sam, sam, eve)
const pick = fc.nat(50)
const isTold = fc.boolean()

const act = (name: string, run: Act['run'], told = true): Act => ({
  name,
  isTold: told,
  run,
  [fc.toStringMethod]: () => `${name}${told ? '' : ' (untold)'}`,
})

const openPulls = (company: Company) => [...company.pulls.values()].filter((pull) => pull.state === 'open')
const chosen = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)]

/** In nothing mostly, and rather in what other environments lie before or behind than in the first. */
const badIn = (path: Path) =>
  fc.constantFrom<readonly EnvironmentName[]>(
    ...[[], [], []],
    ...(['production', 'production', [...path.keys()].at(-2) ?? 'production'] as const).map((one) => [one]),
    [...path.keys()],
  )

const releases = (path: Path) =>
  fc
    .tuple(application, badIn(path), isTold, someOf(firstOf(path)))
    .map(([name, bad, told, into]) =>
      act(`release ${name} into ${into}, bad in [${bad}]`, (universe) => release(universe, name, bad, into), told),
    )

/** All of them rather than one alone. */
const someOf = (all: readonly EnvironmentName[]): fc.Arbitrary<readonly EnvironmentName[]> =>
  all.length === 1 ? fc.constant(all) : fc.constantFrom(all, all, ...all.map((one) => [one]))

async function release(
  universe: Universe,
  name: Application,
  bad: readonly string[],
  into = firstOf(universe.company.path),
): Promise<void> {
  universe.releases += 1
  const release = `${name} ${universe.releases}`
  universe.company.cluster.bad.set(digestNamed(release), new Set(bad))
  for (const first of into) await propose(universe.company, ann, bringsTo(name, first, release), release)
}

/** What one environment of several has, another gets later, out of order, or once more. */
const arrivals = (first: readonly EnvironmentName[]) =>
  fc.tuple(application, fc.constantFrom(...first), fc.nat(5), isTold).map(([name, where, back, told]) =>
    act(
      `${where} gets a release of ${name}, ${back} back`,
      async ({ company, releases: newest }) => {
        const release = `${name} ${Math.max(0, newest - back)}`
        await propose(company, ann, bringsTo(name, where, release), release)
      },
      told,
    ),
  )

const approvals = fc
  .tuple(person, pick, isTold)
  .map(([by, index, told]) =>
    act(
      `${by.login} approves ${index}`,
      ({ company }) => void onPull(company, index, (number) => approve(company, by, number)),
      told,
    ),
  )

/** What makes trouble for several at once: all are released, and all are let in. */
const waves = (path: Path) =>
  fc.oneof(
    fc
      .tuple(badIn(path), isTold)
      .map(([bad, told]) => act(`all are released, bad in [${bad}]`, (universe) => releaseAll(universe, bad), told)),
    fc.constant(
      act('tom approves everything', ({ company }) => {
        for (const { number } of openPulls(company)) approve(company, tom, number)
      }),
    ),
    fc.constantFrom<('isRegistryAway' | 'isDark')[]>('isRegistryAway', 'isDark').map((what) =>
      act(`tom approves everything, and then ${what}`, ({ company }) => {
        for (const { number } of openPulls(company)) approve(company, tom, number)
        company.cluster[what] = true
      }),
    ),
  )

async function releaseAll(universe: Universe, bad: readonly string[]): Promise<void> {
  for (const name of applications) await release(universe, name, bad)
}

function onPull(company: Company, index: number, does: (number: number) => unknown): unknown {
  const pull = chosen(openPulls(company), index)
  return pull === undefined ? undefined : does(pull.number)
}

const words = (path: Path) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant('/sluice merge') },
    ...[
      fc.constantFrom(
        '/sluice hold',
        '/sluice unhold',
        '/sluice status',
        '/sluice explain',
        '/sluice help',
        '/sluice nonsense',
      ),
      fc
        .tuple(
          fc.constantFrom('freeze', 'thaw'),
          fc.constantFrom('production', [...path.keys()].at(-2) ?? 'production', 'all'),
        )
        .map(([verb, where]) => `/sluice ${verb} ${where}`),
      fc
        .tuple(fc.constantFrom('lock', 'unlock', 'resume'), environmentOf(path))
        .map(([verb, where]) => `/sluice ${verb} ${where}`),
      fc
        .tuple(environmentOf(path), application)
        .map(([where, name]) => `/sluice rollback ${where} --app ${name} --reason "it is slow"`),
      fc.tuple(environmentOf(path), application).map(([where, name]) => `/sluice promote ${where} --app ${name}`),
      fc.constant('unquarantine'),
      fc.constant('accept'),
      fc.constant('restore'),
    ].map((arbitrary) => ({ weight: 1, arbitrary })),
  )

const comments = (path: Path) =>
  fc
    .tuple(person, words(path), pick, isTold)
    .map(([by, text, index, told]) =>
      act(`${by.login} says ${text} on ${index}`, (universe) => speak(universe, by, text, index), told),
    )

function speak({ company, sluice }: Universe, by: Person, text: string, index: number): void {
  const pull = chosen([...company.pulls.values()].slice(-12), index)
  if (pull !== undefined) say(company, by, pull.number, spelledOut(sluice, text, index))
}

/** Commands that name what there is just now. */
function spelledOut(sluice: Universe['sluice'], text: string, index: number): string {
  const folded = sluice.last()?.considered.snapshot.state.folded
  const directives = folded?.directives ?? []
  if (text === 'unquarantine') {
    const held = chosen(
      directives.flatMap((one) => (one.kind === 'quarantine' ? [one] : [])),
      index,
    )
    return `/sluice unquarantine ${held?.slot.split('/')[1] ?? 'production'} ${(held?.release ?? 'abcdef012345').slice(0, 12)}`
  }
  if (text === 'accept') {
    const ungated = chosen(
      directives.flatMap((one) => (one.kind === 'ungated' ? [one] : [])),
      index,
    )
    return `/sluice accept ${(ungated?.commit ?? 'abcdef012345').slice(0, 12)}`
  }
  if (text !== 'restore') return text
  const [slot, ran] = chosen([...(folded?.witnessed ?? [])], index) ?? ['api/production', []]
  const to = chosen(ran, index)?.release ?? 'abcdef012345'
  const [name, where] = slot.split('/')
  return `/sluice rollback ${where} --app ${name} --to ${to.slice(0, 12)} --reason "as before"`
}

const meddling = (path: Path) =>
  fc.oneof(
    fc
      .tuple(pick, isTold)
      .map(([index, told]) =>
        act(
          `somebody closes ${index}`,
          ({ company }) => void onPull(company, index, (number) => closePull(company, number)),
          told,
        ),
      ),
    fc.tuple(pick, isTold).map(([index, told]) =>
      act(
        `somebody pushes onto ${index}`,
        async ({ company }) => {
          await onPull(company, index, (number) => pushOnto(company, ann, number))
        },
        told,
      ),
    ),
    fc.tuple(pick, isTold).map(([index, told]) =>
      act(
        `an administrator merges ${index}`,
        async ({ company }) => {
          const pull = chosen(openPulls(company), index)
          if (pull !== undefined) await mergePull(company, pull.number, sam, pull.head, `Merge #${pull.number}`)
        },
        told,
      ),
    ),
    fc.tuple(pick, isTold).map(([index, told]) =>
      act(
        `somebody deletes a branch ${index}`,
        ({ company }) => {
          const pull = chosen(openPulls(company), index)
          if (pull !== undefined) deleteBranch(company, pull.headBranch)
        },
        told,
      ),
    ),
    fc.tuple(application, environmentOf(path), fc.nat(3), isTold).map(([name, where, old, told]) =>
      act(
        `an administrator pushes ${name} ${old} into ${where}`,
        async ({ company }) => {
          await pushDirectly(company, sam, bringsTo(name, where, `${name} ${old}`))
        },
        told,
      ),
    ),
    fc.tuple(application, environmentOf(path), fc.nat(9), isTold).map(([name, where, note, told]) =>
      act(
        `ann edits ${name} in ${where}`,
        async ({ company }) => {
          const file = overlayFile(name, where)
          const text = (await textAt(company, headOfMain(company), file)) ?? ''
          await propose(
            company,
            ann,
            { [file]: `${text.replace(/\ncommonLabels.*\n/, '\n')}commonLabels: { note: n${note} }\n` },
            `note ${note}`,
          )
        },
        told,
      ),
    ),
    fc.tuple(application, isTold).map(([name, told]) =>
      act(
        `ann brings ${name} straight to production`,
        async (universe) => {
          universe.releases += 1
          await propose(universe.company, ann, bringsTo(name, 'production', `${name} ${universe.releases}`), 'hotfix')
        },
        told,
      ),
    ),
    isTold.map((told) =>
      act(
        'ann takes the approvals away',
        async ({ company }) => {
          const text = (await textAt(company, headOfMain(company), '.sluice/production.yaml')) ?? ''
          await propose(
            company,
            ann,
            { '.sluice/production.yaml': text.replace(/.*name: approved.*\n/, '') },
            'fewer gates',
          )
        },
        told,
      ),
    ),
  )

const troubles = (path: Path) =>
  fc.oneof(
    fc.tuple(application, environmentOf(path), fc.boolean()).map(([name, where, isIll]) =>
      act(`what runs as ${name} in ${where} is ${isIll ? 'ill' : 'well'}`, ({ company: { cluster } }) => {
        const running = cluster.running.get(`${name}/${where}`)
        if (running === undefined) return
        const others = [...(cluster.bad.get(running.digest) ?? [])].filter((one) => one !== where)
        cluster.bad.set(running.digest, new Set(isIll ? [...others, where] : others))
      }),
    ),
    fc.constantFrom('isDark', 'isSuspended', 'isRegistryAway').chain((what) =>
      fc.boolean().map((value) =>
        act(`${what}: ${value}`, ({ company }) => {
          company.cluster[what] = value
        }),
      ),
    ),
    fc.boolean().map((value) =>
      act(`forge away: ${value}`, ({ faults }) => {
        faults.isForgeAway = value
      }),
    ),
    fc
      .tuple(fc.integer({ min: 1, max: 8 }), fc.constantFrom('before', 'after'), fc.constantFrom('failure', 'crash'))
      .map(([when, where, is]) =>
        act(`${is} ${where} write ${when}`, ({ faults }) => void faults.armed.push({ in: when, when: where, is })),
      ),
    fc.constant(act('restart', (universe) => restart(universe))),
    fc
      .boolean()
      .map((isBlind) =>
        act(`another process runs as well${isBlind ? ', looking at little' : ''}`, (universe) =>
          another(universe, isBlind),
        ),
      ),
  )

/** Two versions of the bot at once (T14): the other has a memory of its own, and may not look where something changed. */
async function another(universe: Universe, isBlind: boolean): Promise<void> {
  universe.other ??= await startSluice(universe.company, noFaults())
  universe.other.hint(isBlind ? { is: 'time' } : { is: 'everything' })
  if (!universe.faults.isForgeAway) await universe.other.settle()
}

const time = fc
  .constantFrom(2_000, 10_000, 40_000, 90_000, 400_000, 1_200_000)
  .map((milliseconds) =>
    act(`${milliseconds / 1000} s pass`, (universe) =>
      pass(universe, milliseconds, Math.max(6_000, Math.ceil(milliseconds / 8))),
    ),
  )

export const actsOn = (path = oneAfterAnother): fc.Arbitrary<Act> =>
  fc.oneof(
    { weight: 4, arbitrary: releases(path) },
    { weight: 5, arbitrary: approvals },
    { weight: 4, arbitrary: waves(path) },
    { weight: 5, arbitrary: comments(path) },
    { weight: 3, arbitrary: meddling(path) },
    { weight: 4, arbitrary: troubles(path) },
    { weight: 10, arbitrary: time },
    ...(firstOf(path).length > 1 ? [{ weight: 3, arbitrary: arrivals(firstOf(path)) }] : []),
  )

/** The act, what Sluice hears of it, and what it does then. */
export async function happen(universe: Universe, one: Act): Promise<void> {
  await one.run(universe)
  if (one.isTold)
    universe.sluice.hint(
      ...news,
      ...openPulls(universe.company).map((pull) => ({ is: 'pull', pull: pull.number }) as const),
    )
  await settle(universe)
}
