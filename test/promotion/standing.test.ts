import { describe, expect, test } from 'vitest'
import {
  ago,
  aWorld,
  brought,
  changeOf,
  config,
  dev,
  healthIs,
  intentTo,
  judged,
  minute,
  opened,
  ours,
  production,
  quarantined,
  recorded,
  releaseNamed,
  runs,
  sam,
  shaOf,
  snapshotIs,
  staging,
  untrusted,
  type Verb,
  verdict,
  witnessed,
} from './world.ts'

const by = { id: sam.id, login: sam.login }
/** `two` is on its way: it has soaked in staging. */
const twoSoaked = [dev, staging].flatMap((slot) => [
  runs(slot, 'two'),
  witnessed(slot, 'two', ago(120 * minute), ago(1)),
])
const standing = (number: number, ...verbs: readonly Verb[]) =>
  aWorld(...twoSoaked, ...verbs).plan.standings.get(number)
const is = (number: number, ...verbs: readonly Verb[]) => standing(number, ...verbs)?.is
const ordersMerge = (pull: number) =>
  recorded({
    ...{ kind: 'command', at: ago(minute), by, pull, comment: 60 + pull, index: 0 },
    taken: { verb: 'merge', pull, head: shaOf(`head of ${pull}`) },
  })
const waits = verdict({ is: 'wait', reason: 'upstream.soaking' })

describe('an open pull request', () => {
  test('of ours is ready where its gates pass and the environment merges by itself', () => {
    expect(is(5, ours(5, production, 'two'))).toBe('ready')
  })

  test('of somebody waits for an order, and for nothing where it touches no environment', () => {
    expect(is(5, opened(5, [changeOf(production, 'two')]))).toBe('needs-order')
    expect(is(5, opened(5, [changeOf(production, 'two')]), ordersMerge(5))).toBe('ready')
    expect(is(5, opened(5, []))).toBe('clear')
  })

  test('of ours that has nothing left to change is not merged', () => {
    expect(is(5, ours(5, production, 'two', { changes: [] }))).toBe('clear')
  })

  test('is held by an open gate, a conflict, and manifests that do not parse', () => {
    expect(is(5, ours(5, production, 'two'), judged(5, waits))).toBe('gated')
    expect(is(5, ours(5, production, 'two', { merge: { is: 'conflict', paths: ['a'] } }))).toBe('conflict')
    expect(is(5, ours(5, production, 'two', { brokenConfig: 'no such key' }))).toBe('broken-config')
  })

  test('looks again where its evidence is older than this round', () => {
    expect(is(5, ours(5, production, 'two'), judged(5, verdict({ asOf: ago(1) })))).toBe('look-again')
  })

  test('waits for a twin with the same head that does not pass (T62)', () => {
    const head = { head: shaOf('one head') }
    const twins = [ours(5, production, 'two', {}, head), opened(6, [changeOf(production, 'two')], {}, head)]
    expect(standing(5, ...twins, judged(6, waits))).toEqual({ is: 'twin', of: 6 })
    expect(is(5, ...twins)).toBe('ready')
  })

  test('waits for no copy of ours that somebody opens from a fork, promotion or revert (T62, I13)', () => {
    const head = { head: shaOf('one head') }
    const copy = opened(6, [changeOf(production, 'two')], {}, { ...head, sameRepository: false, draft: true })
    expect(is(5, ours(5, production, 'two', {}, head), copy, judged(6, waits))).toBe('ready')
    const revert = { intent: intentTo(production, 'two', { kind: 'rollback' }), takesBack: production }
    expect(is(5, ours(5, production, 'two', revert, head), copy, judged(6, waits))).not.toBe('twin')
    // Of two that people opened the worse verdict counts, wherever they come from.
    const theirs = opened(5, [changeOf(production, 'two')], {}, head)
    expect(standing(5, theirs, copy, judged(6, waits))).toEqual({ is: 'twin', of: 6 })
  })
})

describe('entry: auto', () => {
  const enters = (differs: Parameters<typeof opened>[2] = {}, shown: Parameters<typeof opened>[3] = {}) =>
    is(5, opened(5, [changeOf(dev, 'two')], differs, shown))

  test('merges what somebody with write brings into the first environment', () => {
    expect(enters()).toBe('ready')
  })

  test('does not for somebody without write, from a fork, or for a draft', () => {
    expect(enters({ writers: new Set() })).toBe('needs-order')
    expect(enters({}, { sameRepository: false })).toBe('needs-order')
    expect(enters({}, { draft: true })).toBe('needs-order')
  })

  test('carries nothing along: no guard path, no other environment', () => {
    const guard = changeOf('*/dev', 'two', { guardPaths: ['.sluice/dev.yaml'], release: { is: 'absent' } })
    expect(is(5, opened(5, [changeOf(dev, 'two'), guard]))).toBe('needs-order')
    expect(is(5, opened(5, [changeOf(dev, 'two'), changeOf(production, 'two')]))).toBe('needs-order')
  })
})

describe('the limits of a promotion', () => {
  const flying = [runs(staging, 'two', ago(minute)), brought(staging, 'one', 'two', ago(minute))]
  const rollingOut = { is: 'progressing', since: ago(minute), reason: 'flux.rollout', detail: '' } as const
  const by = (...verbs: readonly Verb[]) => {
    const found = standing(5, ours(5, production, 'two'), ...verbs)
    return found?.is === 'limited' ? found.by : found?.is
  }

  test('are what is in flight in its environment', () => {
    const slots = ['web', 'worker', 'cron', 'mail', 'jobs'].map((name) => `${name}/production` as const)
    const all = slots.flatMap((slot) => [
      runs(slot, 'two', ago(minute)),
      brought(slot, 'one', 'two', ago(minute)),
      healthIs(slot, rollingOut),
    ])
    expect(by(...all)).toBe('in-flight')
    expect(by(...all, healthIs(slots[0] ?? production, { is: 'healthy', since: ago(minute) }))).toBe('ready')
    expect(by(...flying)).toBe('ready')
  })

  test('are an open breaker and a target out of sight (I6), unless somebody orders the merge', () => {
    const open = recorded({ kind: 'breaker', at: ago(minute), environment: 'production', why: 'too many' })
    const dark = healthIs(production, { is: 'unknown', reason: 'cluster.unreachable', detail: '' })
    expect(is(5, ours(5, production, 'two'), open)).toBe('limited')
    expect(by(open, ordersMerge(5))).toBe('ready')
    expect(by(dark)).toBe('out-of-sight')
    expect(by(dark, ordersMerge(5))).toBe('ready')
  })

  test('are a branch without merge commits and a rewritten history (T15)', () => {
    const { rules } = aWorld().snapshot
    expect(by(snapshotIs({ rules: { ...rules, allowedMergeMethods: ['squash'] } }))).toBe('merge-method')
    const { repository } = aWorld().snapshot
    expect(by(snapshotIs({ repository: { ...repository, allowsMergeCommits: false } }))).toBe('merge-method')
    expect(by(snapshotIs({ repository: { ...repository, allowsMergeCommits: null } }))).toBe('ready')
    expect(by(snapshotIs({ audit: { upTo: shaOf('lost'), ungated: [], mismatched: [], rewritten: true } }))).toBe(
      'history-rewritten',
    )
  })
})

describe('a rollback', () => {
  const rollback = ours(5, production, 'one', {
    intent: intentTo(production, 'one', { kind: 'rollback', replaces: releaseNamed('two') }),
    takesBack: production,
  })
  const story = [
    runs(production, 'two', ago(10 * minute)),
    brought(production, 'one', 'two', ago(10 * minute)),
    rollback,
  ]
  const frozen = recorded({
    ...{ kind: 'command', at: ago(minute), by, pull: 3, comment: 50, index: 0 },
    taken: { verb: 'freeze', scope: { environment: 'production' }, until: null, why: '' },
  })

  test('of what is quarantined merges by itself, in a freeze as well, whatever is out of sight or in flight (I13)', () => {
    const dark = healthIs(production, { is: 'unknown', reason: 'cluster.unreachable', detail: '' })
    expect(is(5, ...story, quarantined(production, 'two'), frozen, dark)).toBe('ready')
  })

  test('that nobody ordered and nothing asks for waits, and is closed', () => {
    expect(is(5, ...story)).toBe('closing')
    expect(is(5, ...story, untrusted)).toBe('needs-order')
  })

  test('that is only proposed waits for somebody', () => {
    const environments = new Map(config.environments)
    const known = environments.get('production')
    if (known !== undefined)
      environments.set('production', { ...known, rollback: { ...known.rollback, when: 'propose' } })
    const propose = snapshotIs({
      config: { checked: { ...config, environments }, commit: shaOf('main'), broken: null, neverParsed: false },
    })
    expect(is(5, ...story, quarantined(production, 'two'), propose)).toBe('needs-order')
    expect(is(5, ...story, quarantined(production, 'two'), propose, ordersMerge(5))).toBe('ready')
  })
})

describe('the merge lane', () => {
  test('takes one a round: reverts, then what was ordered, then the oldest (I4)', () => {
    const merges = (...verbs: readonly Verb[]) =>
      aWorld(...verbs)
        .effects('merge-pull')
        .map(({ pull }) => pull)
    const edit = (number: number) => opened(number, [changeOf(dev, 'two')])
    const rollback = ours(9, production, 'one', {
      intent: intentTo(production, 'one', { kind: 'rollback' }),
      takesBack: production,
    })
    const quarantine = [
      runs(production, 'two', ago(10 * minute)),
      brought(production, 'one', 'two', ago(10 * minute)),
      quarantined(production, 'two'),
    ]
    // Health of what runs anew is recorded first, in a round of its own.
    const known = recorded({
      ...{
        kind: 'witness',
        slot: production,
        release: releaseNamed('two').id,
        inputs: aWorld(...quarantine).snapshot.slots.get(production)?.inputs ?? (shaOf('x') as never),
      },
      ...{ is: 'healthy', from: ago(10 * minute), at: ago(1), parts: { images: {}, trees: {}, files: {}, fields: {} } },
    })
    expect(merges(edit(7), edit(6))).toEqual([6])
    expect(merges(edit(7), edit(6), ordersMerge(7))).toEqual([7])
    expect(merges(edit(7), edit(6), ordersMerge(7), rollback, ...quarantine, known)).toEqual([9])
  })

  test('merges exactly the head that was judged, and says what for', () => {
    const [merge] = aWorld(...twoSoaked, ours(5, production, 'two')).effects('merge-pull')
    expect(merge).toMatchObject({
      pull: 5,
      head: shaOf('head of 5'),
      slots: [production],
      trailers: { kind: 'promotion', pull: 5, gated: expect.stringContaining('sha256:') },
    })
  })

  test('waits for fresh reads of the first, and asks for them', () => {
    const world = aWorld(...twoSoaked, ours(5, production, 'two'), judged(5, verdict({ asOf: ago(1) })))
    expect(world.effects('merge-pull')).toEqual([])
    expect(world.plan.lookAgain).toContainEqual({ is: 'pull', pull: 5 })
  })

  test('is closed to everybody while something is to be put on record', () => {
    const audit = {
      upTo: shaOf('main'),
      ungated: [{ commit: shaOf('push'), slots: [production], pull: null, why: '' }],
      mismatched: [],
      rewritten: false,
    }
    const world = aWorld(...twoSoaked, ours(5, production, 'two'), snapshotIs({ audit }))
    expect(world.plan.effects.map(({ kind }) => kind)).toEqual(['write-state'])
  })
})
