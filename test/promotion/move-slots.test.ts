import { describe, expect, test } from 'vitest'
import { openingMessage, openingTitle } from '../../src/promotion/report/messages.ts'
import {
  ago,
  approved,
  aWorld,
  bot,
  brought,
  closed,
  crashing,
  dev,
  healthIs,
  hour,
  intentTo,
  judged,
  minute,
  now,
  opened,
  ours,
  production,
  proposed,
  pullRequest,
  quarantined,
  recorded,
  releaseNamed,
  runs,
  sam,
  shaOf,
  slotIs,
  snapshotIs,
  staging,
  untrusted,
  type Verb,
  verdict,
  withAgent,
  witnessed,
  witnessedAs,
} from './world.ts'

const promotionBranch = 'sluice/promote/production/api'
const soaked = (release: string, minutes: number): readonly Verb[] =>
  [dev, staging].flatMap((slot) => [
    runs(slot, release, ago(minutes * minute)),
    witnessed(slot, release, ago(minutes * minute), ago(1)),
  ])
const twoSoaked = soaked('two', 90)
const threeSoaked = [...twoSoaked, ...soaked('three', 70)]
const waits = (number: number) => judged(number, verdict({ is: 'wait', reason: 'approvals.too-few' }))
const done = (...verbs: readonly Verb[]) =>
  aWorld(...verbs).plan.effects.map((one) => ('pull' in one ? `${one.kind} ${one.pull}` : one.kind))

describe('a slot', () => {
  test('that is to get a release gets a pull request, from exactly this base', () => {
    const [open] = aWorld(...twoSoaked).effects('open-pull')
    expect(open).toMatchObject({
      slot: production,
      branch: promotionBranch,
      expect: null,
      base: shaOf('main'),
      moves: null,
    })
    expect(open && openingTitle(open)).toBe('Promote api to production: two')
  })

  test('is left alone while what it is to get is open, or cannot be written', () => {
    expect(done(...twoSoaked, ours(5, production, 'two'), waits(5))).toEqual([])
    const problem = { reason: 'release.image-unmatched', file: 'a', detail: 'no such image' }
    expect(done(...twoSoaked, proposed(production, { is: 'problem', problem }))).toEqual([])
    expect(done(...twoSoaked, proposed(production, { is: 'nothing' }))).toEqual([])
  })

  test('is left alone while what it is to get is open, whatever its overlay holds beside', () => {
    const intent = intentTo(production, 'two', { release: withAgent('two'), replaces: withAgent('one') })
    const runsMore = [
      slotIs(production, { release: { is: 'pinned', release: withAgent('one') } }),
      witnessedAs(production, withAgent('one'), ago(2 * hour), ago(minute)),
    ]
    expect(done(...twoSoaked, ...runsMore, ours(5, production, 'two', { intent }), waits(5))).toEqual([])
    expect(done(...threeSoaked, ...runsMore, ours(5, production, 'two', { intent }), waits(5))).toEqual(['open-pull'])
  })

  test('builds on the branch that a process left behind without a pull request', () => {
    const branches = new Map([...aWorld().snapshot.branches, [promotionBranch, shaOf('left behind')] as const])
    const world = aWorld(...twoSoaked, snapshotIs({ branches }))
    expect(world.effects('open-pull')).toMatchObject([{ expect: shaOf('left behind'), moves: null }])
    expect(world.effects('delete-branch')).toEqual([])
  })

  test('is not built on what a closed pull request left behind: that goes first, and is looked at again (T10)', () => {
    const branches = new Map([...aWorld().snapshot.branches, [promotionBranch, shaOf('theirs')] as const])
    const world = aWorld(...twoSoaked, snapshotIs({ branches, finished: new Set([shaOf('theirs')]) }))
    expect(world.effects('open-pull')).toEqual([])
    expect(world.effects('delete-branch')).toMatchObject([{ branch: promotionBranch, expect: shaOf('theirs') }])
    expect(world.plan.lookAgain).toContainEqual({ is: 'refs' })
  })

  test('is left to the one who pushed onto its branch (T10)', () => {
    const foreign = opened(
      5,
      [],
      { foreignCommit: shaOf('theirs') },
      { author: bot, ours: true, headBranch: promotionBranch },
    )
    expect(done(...twoSoaked, foreign)).toEqual([])
  })

  test('is left to whoever has a pull request of their own open from its branch', () => {
    const theirs = { headBranch: promotionBranch }
    expect(done(...twoSoaked, opened(5, [], {}, theirs))).toEqual([])
    // A fork's branch may be called anything, and that of another slot is another.
    expect(done(...twoSoaked, opened(5, [], {}, { ...theirs, sameRepository: false }))).toHaveLength(1)
    expect(done(...twoSoaked, opened(5, [], {}, { headBranch: 'sluice/promote/staging/api' }))).toHaveLength(1)
  })

  test('waits for what cannot be read on its branch, and for no fork that calls its own like that (T09, T58)', () => {
    const unread = (sameRepository: boolean) =>
      snapshotIs({
        unread: [{ pull: pullRequest(9, { headBranch: promotionBranch, sameRepository }), why: 'too large' }],
      })
    expect(done(...twoSoaked, unread(true))).toEqual([])
    expect(done(...twoSoaked, unread(false))).toHaveLength(1)
  })

  test('has a branch of ours deleted whose pull request is merged or closed, and no other', () => {
    const branches = new Map([
      ...([
        ['main', shaOf('main')],
        ['sluice/state', shaOf('state')],
        ['ann/1', shaOf('merged')],
      ] as const),
      ...([
        ['sluice/promote/staging/api', shaOf('merged')],
        ['sluice/promote/staging/web', shaOf('another process opens its pull request now')],
      ] as const),
    ])
    const deleted = aWorld(snapshotIs({ branches, finished: new Set([shaOf('merged')]) })).effects('delete-branch')
    expect(deleted).toMatchObject([{ branch: 'sluice/promote/staging/api', expect: shaOf('merged') }])
  })
})

describe('an open promotion', () => {
  test('gives way to a newer release that soaked, while nobody has approved it', () => {
    const world = aWorld(...threeSoaked, ours(5, production, 'two'), waits(5))
    expect(world.effects('open-pull')).toMatchObject([
      { moves: 5, expect: shaOf('head of 5'), brings: releaseNamed('three') },
    ])
  })

  test('stays once somebody approved it, unless a person orders another or it is quarantined', () => {
    const stands = [...threeSoaked, ours(5, production, 'two'), waits(5), approved(5)]
    expect(done(...stands)).toEqual([])
    const order = recorded({
      ...{ kind: 'command', at: ago(minute), by: { id: sam.id, login: 'sam' }, pull: 3, comment: 50, index: 0 },
      taken: { verb: 'promote', orders: [{ slot: production, release: releaseNamed('three').id }] },
    })
    expect(done(...stands, order)).toEqual(['open-pull'])
    expect(done(...stands, quarantined(production, 'two'))).toEqual(['open-pull'])
  })

  test('is made anew where its overlay moved, and closed where its slot is gone', () => {
    const moved = ours(5, production, 'two', { intent: null, outdated: { kind: 'promotion', slot: production } })
    expect(aWorld(...twoSoaked, moved).effects('open-pull')).toMatchObject([{ moves: 5 }])
    expect(aWorld(moved).events('closed')).toMatchObject([{ pull: 5, because: 'it runs what upstream runs' }])
    const nowhere = intentTo('api/elsewhere', 'two')
    const gone = opened(5, [], { intent: null, outdated: nowhere }, { author: bot, ours: true })
    const because = 'no manifest describes elsewhere any more'
    expect(aWorld(gone).events('closed')).toMatchObject([{ pull: 5, because }])
    expect(aWorld(gone).plan.standings.get(5)).toEqual({ is: 'closing', because })
    expect(aWorld(gone, untrusted).plan.standings.get(5)).toEqual({ is: 'outdated', because })
    const left = opened(5, [], { intent: intentTo('web/production', 'two') }, { author: bot, ours: true })
    expect(aWorld(left).events('closed')).toMatchObject([{ because: 'production does not hold web any more' }])
    const broken: Verb = ({ snapshot }) => {
      snapshot.config = { ...snapshot.config, broken: 'not YAML' }
    }
    expect(aWorld(left, broken).events('closed')).toEqual([])
  })

  test('gives way also where it is approved, once nothing could let it through any more', () => {
    const three = [
      witnessed(staging, 'three', ago(90 * minute), ago(minute)),
      runs(staging, 'three', ago(90 * minute)),
      ...[ours(5, production, 'two'), waits(5), approved(5)],
    ]
    const short = witnessed(staging, 'two', ago(100 * minute), ago(95 * minute))
    expect(aWorld(short, ...three).effects('open-pull')).toMatchObject([{ moves: 5, brings: releaseNamed('three') }])
    const failed = witnessed(staging, 'two', ago(93 * minute), ago(92 * minute), 'failed')
    const soaked = witnessed(staging, 'two', ago(180 * minute), ago(95 * minute))
    expect(done(soaked, ...three)).toEqual([])
    expect(aWorld(soaked, failed, ...three).effects('open-pull')).toMatchObject([{ moves: 5 }])
  })

  test('is made anew where it conflicts', () => {
    const conflicting = ours(5, production, 'two', { merge: { is: 'conflict', paths: ['a'] } })
    expect(aWorld(...twoSoaked, conflicting).effects('open-pull')).toMatchObject([{ moves: 5 }])
  })

  test('for which nothing is left is closed, and that is put on record before: else it would look like a decline', () => {
    const story = [ours(5, production, 'two'), waits(5)]
    expect(aWorld(...story).events('closed')).toMatchObject([{ pull: 5 }])
    expect(aWorld(...story).effects('close-pull')).toEqual([])
    const onRecord = recorded({ kind: 'closed', at: ago(1), pull: 5, because: 'nothing is left to promote' })
    expect(done(...story, onRecord)).toEqual(['close-pull 5'])
  })

  test('stays while infrastructure makes its release ill upstream, and ends where it is at fault itself; a fix takes its place', () => {
    const ill = healthIs(staging, { ...crashing, infrastructure: 'the registry does not answer' })
    const approvedOne = [ours(5, production, 'two'), waits(5), approved(5)]
    const stands = [...twoSoaked, ...approvedOne, ill, witnessed(staging, 'two', ago(3 * minute), ago(1), 'failed')]
    expect(aWorld(...stands).events('closed')).toEqual([])
    expect(aWorld(...stands, quarantined(staging, 'two')).events('closed')).toMatchObject([{ pull: 5 }])
    expect(aWorld(...stands, healthIs(staging, crashing)).events('closed')).toMatchObject([
      { pull: 5, because: expect.stringContaining('the release upstream is not healthy: api/staging is failed') },
    ])
    const had = witnessed(staging, 'two', ago(150 * minute), ago(80 * minute))
    const failed = witnessed(staging, 'two', ago(75 * minute), ago(74 * minute), 'failed')
    expect(done(had, ...soaked('three', 70), ...approvedOne)).toEqual([])
    expect(done(had, failed, ...soaked('three', 70), ...approvedOne)).toEqual(['open-pull'])
  })

  test('is not closed because upstream is out of sight, the breaker is open or manifests are broken (I6)', () => {
    const dark: Verb = ({ slots }) => {
      const known = slots.get(staging)
      const health = { is: 'unknown', reason: 'cluster.unreachable', detail: '' } as const
      if (known !== undefined) slots.set(staging, { ...known, health, healthySpan: null })
    }
    const open = recorded({ kind: 'breaker', at: ago(minute), environment: 'production', why: 'too many' })
    expect(aWorld(ours(5, production, 'two'), waits(5), dark).events('closed')).toEqual([])
    expect(aWorld(ours(5, production, 'two'), waits(5), open).events('closed')).toEqual([])
  })
})

test('what is open stays open while nothing was seen yet of what upstream has got, as after a restart (I7)', () => {
  const unseen: Verb = ({ slots }) => {
    const known = slots.get(staging)
    const health = { is: 'progressing', since: ago(minute), reason: 'flux.progressing', detail: '' } as const
    if (known !== undefined) slots.set(staging, { ...known, health, healthySpan: null, appliedAt: null })
  }
  const proposed = [ours(5, production, 'two'), waits(5)]
  expect(aWorld(runs(staging, 'two'), unseen, ...proposed).events('closed')).toEqual([])
})

describe('a rollback', () => {
  const bad: readonly Verb[] = [
    ...[...twoSoaked, runs(production, 'two', ago(10 * minute)), brought(production, 'one', 'two', ago(10 * minute))],
    ...[witnessed(production, 'two', ago(10 * minute), ago(1)), quarantined(production, 'two')],
  ]
  const intent = intentTo(production, 'one', {
    kind: 'rollback',
    replaces: releaseNamed('two'),
    takesBack: shaOf('merge two'),
  })

  test('is opened on a branch of its own, before everything that is only opened', () => {
    const [open] = aWorld(...bad).effects('open-pull')
    expect(open).toMatchObject({ branch: 'sluice/rollback/production/api', urgency: 1 })
    expect(open && openingMessage(open)).toContain(`Sluice-Takes-Back: ${shaOf('merge two')}`)
  })

  test('is closed when nothing is to be taken back any more', () => {
    const open = ours(6, production, 'one', { intent, takesBack: null })
    expect(aWorld(open).events('closed')).toMatchObject([{ pull: 6 }])
  })

  test('that a person closed stays closed, until it is ordered again; a later comment there changes nothing', () => {
    expect(done(...bad, closed(6, intent, ago(1000)))).not.toContain('open-pull')
    const commented: Verb = ({ snapshot }) => {
      snapshot.closed = snapshot.closed.map((one) => ({ ...one, pull: { ...one.pull, updatedAt: now } }))
    }
    const again = quarantined(production, 'two', ago(500))
    expect(done(...bad, closed(6, intent, ago(1000)), again, commented)).toContain('open-pull')
  })
})
