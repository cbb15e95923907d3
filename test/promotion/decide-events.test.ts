import { describe, expect, test } from 'vitest'
import { digestOf } from '../../src/domain/hash.ts'
import type { SlotKey } from '../../src/domain/ids.ts'
import { notices } from '../../src/promotion/report/notices.ts'
import {
  ago,
  aWorld,
  brought,
  changedObjects,
  closed,
  contentOf,
  crashing,
  hour,
  intentTo,
  minute,
  now,
  production,
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
  withAgent,
  witnessed,
} from './world.ts'

const by = { id: sam.id, login: sam.login }
const deployment = { kind: 'Deployment', namespace: 'production', name: 'api' }

/** `two` was promoted to a slot ten minutes ago, and crashes there. */
const twoCrashes = (slot: SlotKey = production): readonly Verb[] => [
  ...[runs(slot, 'two', ago(9 * minute)), brought(slot, 'one', 'two', ago(10 * minute))],
  ...[slotIs(slot, { health: crashing, healthySpan: null }), changedObjects(slot, [deployment])],
]
const kinds = (...verbs: readonly Verb[]) =>
  aWorld(...verbs)
    .effects('write-state')
    .flatMap(({ events }) => events.map((one) => one.kind))

describe('what is put on record', () => {
  test('is nothing where nothing is news', () => expect(kinds()).toEqual([]))

  test('is the beginning, where there is no state yet', () => {
    const { state } = aWorld().snapshot
    const missing = snapshotIs({ state: { ...state, missing: true, head: null } })
    expect(kinds(missing)).toEqual(['genesis', 'audited'])
  })

  test('is nothing while the state is not trusted (T66)', () => expect(kinds(...twoCrashes(), untrusted)).toEqual([]))

  test('is the quarantine of a release that is shown to be the cause, and nothing else is done in that round', () => {
    const world = aWorld(...twoCrashes())
    expect(world.events('quarantine')).toMatchObject([
      {
        slot: production,
        release: releaseNamed('two').id,
        brings: releaseNamed('two').id,
        parts: [{ part: 'image ghcr.io/acme/api' }],
      },
    ])
    expect(world.effects('open-pull')).toEqual([])
    expect(world.plan.lookAgain).toEqual([{ is: 'state' }])
  })

  test('is a quarantine with its evidence: what failed, since when, and what brought it (I11)', () => {
    const [quarantine] = aWorld(...twoCrashes()).events('quarantine')
    expect(quarantine?.evidence).toEqual([
      expect.stringContaining(crashing.detail),
      `failing since ${new Date(crashing.since).toISOString()}`,
      expect.stringMatching(/^brought by #\d+ \([0-9a-f]{40}\), healthy before with [0-9a-f]{64}$/),
      `content ${contentOf(production, 'two')}`,
    ])
  })

  test('is not the quarantine again, nor one that somebody lifted', () => {
    expect(aWorld(...twoCrashes(), quarantined(production, 'two')).events('quarantine')).toEqual([])
    const lifted = recorded({
      ...{ kind: 'command', at: ago(minute), by, pull: 3, comment: 70, index: 0 },
      taken: { verb: 'unquarantine', slots: [{ slot: production, release: releaseNamed('two').id }] },
    })
    expect(
      aWorld(...twoCrashes(), quarantined(production, 'two', ago(2 * minute)), lifted).events('quarantine'),
    ).toEqual([])
  })

  test('is what somebody closed, as of when they did', () => {
    const world = aWorld(closed(8, intentTo(production, 'two'), ago(3 * minute)))
    expect(world.events('decline')).toMatchObject([{ pull: 8, release: releaseNamed('two').id, at: ago(3 * minute) }])
  })

  test('is a decline of what was to be brought, whatever the slot would have held with it', () => {
    const intent = intentTo(production, 'two', { release: withAgent('two'), replaces: withAgent('one') })
    const world = aWorld(closed(8, intent, ago(3 * minute)))
    expect(world.events('decline')).toMatchObject([{ release: releaseNamed('two').id }])
  })

  test('is a decline once, also after an order lifted it: else every round would write it and do nothing else', () => {
    const decline = recorded({
      kind: 'decline',
      at: ago(3 * minute),
      slot: production,
      release: releaseNamed('two').id,
      pull: 8,
      by: { id: 0, login: '' },
    })
    const order = recorded({
      ...{ kind: 'command', at: ago(2 * minute), by, pull: 3, comment: 70, index: 0 },
      taken: { verb: 'promote', orders: [{ slot: production, release: releaseNamed('two').id }] },
    })
    expect(kinds(closed(8, intentTo(production, 'two'), ago(3 * minute)), decline, order)).toEqual([])
  })

  test('is what changed around the gates, with the mark behind it (T70)', () => {
    const audit = {
      upTo: shaOf('main'),
      ungated: [{ commit: shaOf('push'), slots: [production], pull: null, why: 'pushed' }],
      mismatched: [],
      rewritten: false,
    }
    expect(kinds(snapshotIs({ audit }))).toEqual(['ungated', 'audited'])
    expect(kinds(snapshotIs({ audit: { ...audit, rewritten: true } }))).toEqual([])
  })

  describe('is a merge of ours that holds something else than was gated (I3):', () => {
    const merge = shaOf('merge two')
    const audit = {
      ...{ upTo: shaOf('main'), mismatched: [{ commit: merge, slot: production }], rewritten: false },
      ungated: [{ commit: merge, slots: [production], pull: 40, why: 'merged with another content than was gated' }],
    }
    const found = [runs(production, 'two', ago(minute)), brought(production, 'one', 'two', ago(minute))]
    const seen = aWorld(...found, snapshotIs({ audit }))
    const onRecord = [...seen.events('ungated'), ...seen.events('quarantine'), ...seen.events('audited')].map((event) =>
      recorded(event),
    )
    const later = (...verbs: readonly Verb[]) => aWorld(...found, ...onRecord, ...verbs)

    test('its quarantine names the merge (I11)', () => {
      expect(seen.events('quarantine')).toMatchObject([{ slot: production, evidence: [merge] }])
    })

    test('the whole environment is frozen for automation until somebody accepts it', () => {
      expect(seen.events('ungated')).toMatchObject([{ slots: [production, '*/production'], pull: 40 }])
      const web: SlotKey = 'web/production'
      const another = [
        runs(web, 'one'),
        runs('web/staging', 'two'),
        witnessed('web/staging', 'two', ago(3 * hour), now),
      ]
      expect(later(...another).wanted(web)).toMatchObject({ is: 'nothing', reason: 'state.ungated' })
      const accept = recorded({
        ...{ kind: 'command', at: now, by, pull: 3, comment: 71, index: 0 },
        taken: { verb: 'accept', commit: merge },
      })
      expect(later(...another, accept).wanted(web)).toMatchObject({ is: 'promotion' })
    })

    test('its revert is opened by itself', () => {
      const world = later()
      expect(world.wanted(production)).toMatchObject({ is: 'rollback', release: { id: releaseNamed('one').id } })
      expect(world.effects('open-pull')).toMatchObject([{ branch: 'sluice/rollback/production/api' }])
    })

    test('the owners are told, where it was merged', () => {
      const { snapshot, plan } = later()
      const told = notices(snapshot, plan.notTakenBack).flatMap((one) => (one.kind === 'notify' ? [one] : []))
      expect(told.map(({ key, pull }) => [key.split(' ')[0], pull])).toEqual([
        ['quarantine', 40],
        ['ungated', 40],
      ])
      expect(told.every(({ text }) => text.startsWith('@acme/team '))).toBe(true)
      expect(told[1]?.text).toContain(`/sluice accept ${merge.slice(0, 12)}`)
    })
  })

  test('is a rollback that was merged, and whether it was automatic', () => {
    const merged = brought(production, 'two', 'one', ago(minute), { kind: 'rollback', pull: 44 })
    expect(aWorld(merged, quarantined(production, 'two')).events('reverted')).toMatchObject([
      { pull: 44, automatic: true },
    ])
    expect(aWorld(merged).events('reverted')).toMatchObject([{ pull: 44, automatic: false }])
  })

  describe('is a revert that people made of their own', () => {
    const merged = brought(production, 'two', 'one', ago(minute), { kind: 'rollback', pull: 44 })
    const bySam = recorded({
      ...{ kind: 'command', at: ago(2 * minute), by, pull: 44, comment: 9, index: 0 },
      taken: { verb: 'merge', pull: 44, head: shaOf('head of 44') },
    })

    test('which quarantines what it took back, by whoever ordered it (I12)', () => {
      const world = aWorld(merged, bySam, runs(staging, 'two', ago(hour)), runs(production, 'one', ago(minute)))
      expect(world.events('quarantine')).toMatchObject([
        {
          ...{ slot: production, release: releaseNamed('two').id, at: ago(minute), why: 'taken back by #44' },
          ...{ by: { login: 'sam' }, evidence: [shaOf('merge one')] },
          parts: [{ part: 'image ghcr.io/acme/api', value: digestOf('two') }],
        },
      ])
      const [event] = world.events('quarantine')
      if (event === undefined) throw new Error('nothing was put on record')
      const after = aWorld(recorded(event), runs(staging, 'two', ago(hour)), runs(production, 'one', ago(minute)))
      expect(after.wanted(production)).toMatchObject({ is: 'nothing', reason: 'release.quarantined' })
      expect(after.snapshot.state.folded.directives).toMatchObject([{ kind: 'quarantine', by: sam.id, byLogin: 'sam' }])
    })

    test('once, and never against who lifted the quarantine since', () => {
      const known = recorded({
        ...{ kind: 'reverted', at: now, slot: production, release: releaseNamed('two').id, pull: 44, automatic: false },
      })
      expect(aWorld(merged, known).events('quarantine')).toEqual([])
      const lifted = recorded({
        ...{ kind: 'command', at: now, by, pull: 44, comment: 10, index: 0 },
        taken: { verb: 'unquarantine', slots: [{ slot: production, release: releaseNamed('two').id }] },
      })
      expect(aWorld(merged, lifted).events('quarantine')).toEqual([])
      expect(aWorld(merged, quarantined(production, 'two', ago(hour))).events('quarantine')).toEqual([])
    })
  })

  test('takes the audit mark along whenever something is written', () => {
    expect(kinds(...twoCrashes())).toContain('audited')
  })
})

describe('health on record', () => {
  test('is a failure, once', () => {
    expect(aWorld(...twoCrashes()).events('witness')).toMatchObject([{ is: 'failed', from: crashing.since }])
    const known = witnessed(production, 'two', crashing.since, now, 'failed')
    expect(aWorld(...twoCrashes(), known, quarantined(production, 'two')).events('witness')).toEqual([])
  })

  test('is the first sight of a release, and nothing of one that is not settled or not seen', () => {
    expect(aWorld(runs(production, 'two', ago(minute))).events('witness')).toMatchObject([
      { is: 'healthy', release: releaseNamed('two').id, from: ago(minute), at: now },
    ])
    const dark = { is: 'unknown', reason: 'cluster.unreachable', detail: '' } as const
    expect(
      aWorld(runs(production, 'two', ago(minute)), slotIs(production, { health: dark, healthySpan: null })).events(
        'witness',
      ),
    ).toEqual([])
  })
})

describe('the breaker', () => {
  const others = ['web', 'worker', 'cron'].map((name) => `${name}/production` as SlotKey)
  const all = [production, ...others].flatMap((slot) => twoCrashes(slot))

  test('opens instead of taking back more at once than it allows (I14, T65)', () => {
    const world = aWorld(...all)
    expect(world.events('quarantine')).toEqual([])
    expect(world.events('breaker')).toMatchObject([{ environment: 'production' }])
  })

  test('counts what was taken back before, and what is quarantined but still runs (I14)', () => {
    const two = others.slice(0, 2).flatMap((slot) => [...twoCrashes(slot), quarantined(slot, 'two')])
    expect(aWorld(...two, ...twoCrashes()).events('breaker')).toHaveLength(1)
    const reverted = (pull: number) =>
      recorded({
        kind: 'reverted',
        at: ago(5 * minute),
        slot: production,
        release: releaseNamed('x').id,
        pull,
        automatic: true,
      })
    expect(aWorld(...twoCrashes(), reverted(1), reverted(2)).events('breaker')).toHaveLength(1)
    expect(aWorld(...twoCrashes(), reverted(1)).events('quarantine')).toHaveLength(1)
  })

  test('lets nothing through while it is open, however long ago the reverts were', () => {
    const open = recorded({ kind: 'breaker', at: ago(hour), environment: 'production', why: 'too many' })
    const world = aWorld(...twoCrashes(), open)
    expect(world.events('quarantine')).toEqual([])
    expect(world.events('breaker')).toEqual([])
  })
})
