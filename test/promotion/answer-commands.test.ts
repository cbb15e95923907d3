import { describe, expect, test } from 'vitest'
import { parseCommand } from '../../src/commands/parse-command.ts'
import { refuse } from '../../src/commands/refusals.ts'
import { scanCommands } from '../../src/commands/scan-commands.ts'
import { report } from '../../src/promotion/report/report.ts'
import {
  ago,
  ann,
  aWorld,
  bot,
  brought,
  changeOf,
  eu,
  minute,
  opened,
  production,
  promotesFromTwo,
  quarantined,
  recorded,
  releaseNamed,
  runs,
  said,
  sam,
  shaOf,
  staging,
  untrusted,
  us,
  type Verb,
  witnessed,
} from './world.ts'

const context = { environments: ['dev', 'staging', 'production'], applications: ['api'], gates: ['signed off'] }
const lines = (...words: readonly string[]) =>
  scanCommands(words.join('\n'), []).map((line) => parseCommand(line, context))
const freeze = lines('/sluice freeze production')
const hers = opened(7, [changeOf(production, 'two')])
const taken = (...verbs: readonly Verb[]) =>
  aWorld(...verbs)
    .events('command')
    .map((one) => one.taken)
const refusal = (...verbs: readonly Verb[]) => aWorld(...verbs).plan.answers[0]?.refusal ?? null

describe('a command', () => {
  test('is taken by somebody who may, named by its comment and line', () => {
    const world = aWorld(said(60, sam, freeze, 'maintain'))
    expect(world.events('command')).toMatchObject([
      { id: 'command-60-0', taken: { verb: 'freeze', scope: { environment: 'production' } } },
    ])
  })

  test.each<[string, Verb, RegExp]>([
    ['somebody without the right', said(60, ann, freeze, 'write'), /maintain.*rights\.role/],
    ['somebody who was removed a second ago', said(60, sam, freeze, 'none'), /rights\.role/],
    ['somebody whom the forge does not know just now', said(60, sam, freeze, undefined), /rights\.role-unknown/],
    ['a bot', said(60, { ...bot, id: 99 }, freeze, 'admin'), /rights\.bot/],
    [
      'an edited comment',
      said(60, sam, [refuse('commands.edited', '/sluice freeze production')], 'admin'),
      /commands\.edited/,
    ],
  ])('is refused to %s, with the reason (T05)', (_, verb, reason) => {
    expect(taken(verb)).toEqual([])
    expect(refusal(verb)).toMatch(reason)
  })

  test('stops the comment where it is refused; what stands before it is taken', () => {
    const three = lines('/sluice hold', '/sluice freeze production', '/sluice unhold')
    const world = aWorld(hers, said(60, ann, three, 'write', 7))
    expect(world.events('command').map((one) => one.taken.verb)).toEqual(['hold'])
    expect(world.plan.answers[0]?.refusal).toMatch(/rights\.role/)
  })

  test('is taken once: a process that ended before its reply answers only the lines that follow (I7)', () => {
    const done = recorded({
      ...{ kind: 'command', at: ago(minute), by: { id: ann.id, login: 'ann' }, pull: 7, comment: 60, index: 0 },
      taken: { verb: 'hold', pull: 7, why: '' },
    })
    const world = aWorld(hers, done, said(60, ann, lines('/sluice hold', '/sluice freeze production'), 'write', 7))
    expect(world.events('command')).toEqual([])
    expect(world.plan.answers[0]?.refusal).toMatch(/rights\.role/)
  })

  test('is not taken while the state is not trusted; a question is answered all the same', () => {
    expect(refusal(untrusted, said(60, sam, freeze, 'maintain'))).toMatch(/state\.untrusted/)
    expect(aWorld(untrusted, said(60, ann, lines('/sluice status'), 'read')).plan.answers[0]?.questions).toHaveLength(1)
  })

  test('on a pull request means its head now, and nothing elsewhere', () => {
    expect(taken(hers, said(60, ann, lines('/sluice merge'), 'write', 7))).toEqual([
      { verb: 'merge', pull: 7, head: shaOf('head of 7') },
    ])
    expect(refusal(said(60, ann, lines('/sluice merge'), 'write'))).toMatch(/orders\.no-pull/)
  })

  test('to merge what takes a promotion back asks for the right to roll back', () => {
    const revert = opened(7, [changeOf(production, 'one', { kind: 'rollback' })], { takesBack: production })
    const asks = (groups: readonly string[]) => said(60, ann, lines('/sluice merge'), 'write', 7, groups)
    expect(taken(revert, asks([]))).toEqual([])
    expect(taken(revert, asks(['acme/sre']))).toHaveLength(1)
  })

  test('to answer a manual gate asks for its people', () => {
    const gate = lines('/sluice gate "signed off"')
    expect(taken(hers, said(60, sam, gate, 'maintain', 7))).toEqual([])
    expect(taken(hers, said(60, ann, gate, 'read', 7, ['acme/sre']))).toMatchObject([
      { verb: 'gate', is: 'passed', head: shaOf('head of 7'), slots: [production] },
    ])
  })

  test('to promote asks which, where the environments upstream run several', () => {
    const order = said(60, ann, lines('/sluice promote production --app api'), 'write')
    const several = [promotesFromTwo, runs(eu, 'two'), runs(us, 'one')]
    expect(taken(...several, order)).toEqual([])
    expect(refusal(...several, order)).toMatch(/several releases.*two.*orders\.which-release/s)
    expect(taken(...several, runs(us, 'two'), order)).toMatchObject([{ orders: [{ release: releaseNamed('two').id }] }])
  })

  test('to promote means one release for ever, and is refused for what is there already', () => {
    const order = lines('/sluice promote production --app api')
    expect(taken(runs(staging, 'two', ago(minute)), said(60, ann, order, 'write'))).toEqual([
      { verb: 'promote', orders: [{ slot: production, release: releaseNamed('two').id }] },
    ])
    expect(refusal(said(60, ann, order, 'write'))).toMatch(/orders\.already-there/)
  })

  test('to roll back names what runs and what it changed', () => {
    const story = [runs(production, 'two', ago(minute)), brought(production, 'one', 'two', ago(2 * minute))]
    const order = said(60, ann, lines('/sluice rollback production --app api --reason "slow"'), 'write', null, [
      'acme/sre',
    ])
    expect(taken(...story, order)).toMatchObject([
      {
        verb: 'rollback',
        why: 'slow',
        slots: [{ slot: production, release: releaseNamed('two').id, to: null, parts: [{}] }],
      },
    ])
    expect(refusal(order)).toMatch(/orders\.nothing-to-take-back/)
  })

  describe('that names a release', () => {
    const past = [
      witnessed(production, 'zero', ago(9 * minute), ago(8 * minute)),
      witnessed(production, 'nought', ago(7 * minute), ago(6 * minute)),
    ]
    const world = [...past, runs(production, 'two', ago(minute)), brought(production, 'one', 'two', ago(2 * minute))]
    const restores = (word: string) =>
      said(60, ann, lines(`/sluice rollback production --app api --to ${word} --reason "slow"`), 'write', null, [
        'acme/sre',
      ])
    const { id } = releaseNamed('zero')

    test.each(['zero', 'api:zero', id.slice(0, 7), id.slice(0, 12)])('means it by %s', (word) => {
      expect(taken(...world, restores(word))).toMatchObject([{ slots: [{ to: id }] }])
    })

    test.each(['ze', 'api', id.slice(0, 6)])('guesses nothing of %s, and lists what is known', (word) => {
      expect(taken(...world, restores(word))).toEqual([])
      expect(refusal(...world, restores(word))).toMatch(
        /Known: .*`api:nought` \(`[0-9a-f]{12}`\).*orders\.which-release/,
      )
    })

    test('is refused for what runs there now', () => {
      expect(refusal(...world, restores(releaseNamed('two').id.slice(0, 12)))).toMatch(/orders\.already-there/)
    })

    test('lifts a quarantine by the tag that people know, or says what is in quarantine', () => {
      const held = [witnessed(production, 'zero', ago(9 * minute), ago(8 * minute)), quarantined(production, 'zero')]
      const lift = (word: string) => said(60, sam, lines(`/sluice unquarantine production ${word}`), 'maintain')
      expect(taken(...held, lift('zero'))).toMatchObject([{ verb: 'unquarantine', slots: [{ release: id }] }])
      expect(refusal(...held, lift('one'))).toMatch(/Quarantined there: `api:zero` .*orders\.not-quarantined/)
    })
  })
})

describe('an answer', () => {
  test('is given once the events are written, and not before: else the comment counts as answered', () => {
    const world = aWorld(hers, said(60, ann, lines('/sluice hold', '/sluice freeze production'), 'write', 7))
    const [write] = world.effects('write-state')
    if (write === undefined) throw new Error('nothing is written')
    const told = (is: 'done' | 'failed') =>
      report(world.considered, world.plan, [{ effect: write, is }]).filter(
        (one) => one.kind === 'comment' && one.marker.includes('reply'),
      )
    expect(told('done')).toMatchObject([{ pull: 7, marker: '<!-- sluice:reply:60 -->' }])
    expect(told('failed')).toEqual([])
  })
})
