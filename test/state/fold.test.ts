import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Directive } from '../../src/domain/directive.ts'
import type { Instant } from '../../src/domain/ids.ts'
import { decodeSnapshot, snapshotOf } from '../../src/state/event-files.ts'
import type { StateEvent } from '../../src/state/events.ts'
import { foldEvents } from '../../src/state/fold.ts'
import { aDigest, api, aRelease, aSha, at, event, partsNamed, taken, witness } from './a-state.ts'
import { someEvents } from './some-events.ts'

describe('foldEvents', () => {
  test('knows nothing where nothing was said', () => {
    const folded = foldEvents([], at(0))
    expect(folded).toMatchObject({ directives: [], audited: null, genesis: null, newestComment: null, reverts: [] })
  })

  test('does not depend on the order of events or on how often each is met (I7, property)', () => {
    fc.assert(
      fc.property(shuffled, ([events, mixed]) => {
        expect(plain(foldEvents(mixed, at(600)))).toEqual(plain(foldEvents(events, at(600))))
      }),
      { numRuns: 500 },
    )
  })

  test('a snapshot and the later events fold to what all events fold to (property)', () => {
    fc.assert(
      fc.property(someEvents, fc.nat(), (events, cut) => {
        const at_ = events.length === 0 ? 0 : cut % (events.length + 1)
        const together = [...decodeSnapshot(snapshotOf(events.slice(0, at_))), ...events.slice(at_)]
        expect(plain(foldEvents(together, at(600)))).toEqual(plain(foldEvents(events, at(600))))
      }),
      { numRuns: 300 },
    )
  })

  describe('locks', () => {
    const lock = (minutes: number, application: string | null, forMs: number | null = null, by = 7) =>
      taken(minutes, { verb: 'lock', environment: 'production', application, forMs, reason: 'mine' }, {}, { by })
    const unlock = (minutes: number, application: string | null) =>
      taken(minutes, { verb: 'unlock', environment: 'production', application }, {})

    test('hold until lifted, and carry who and why', () => {
      expect(standing([lock(1, null)])).toMatchObject([
        { kind: 'lock', scope: { environment: 'production' }, by: 7, byLogin: 'person-7', why: 'mine', at: at(1) },
      ])
      expect(standing([lock(1, null), unlock(2, null)])).toEqual([])
      expect(standing([unlock(1, null), lock(2, null)])).toHaveLength(1)
    })

    test('are lifted by a wider unlock, not by a narrower one', () => {
      expect(standing([lock(1, 'api'), unlock(2, null)])).toEqual([])
      expect(standing([lock(1, null), unlock(2, 'api')])).toHaveLength(1)
    })

    test('end at their time', () => {
      expect(standing([lock(1, null, 60_000)], at(1.5))).toHaveLength(1)
      expect(standing([lock(1, null, 60_000)], at(2))).toEqual([])
    })

    test('have one holder: the later takes it over', () => {
      expect(standing([lock(1, null, null, 7), lock(2, null, null, 8)])).toMatchObject([{ by: 8 }])
    })
  })

  describe('freezes', () => {
    const freeze = (minutes: number, environment: string, forMs: number | null = null, by = 7) =>
      taken(minutes, { verb: 'freeze', environment, forMs, reason: null }, {}, { by })
    const thaw = (minutes: number, environment: string) => taken(minutes, { verb: 'thaw', environment }, {})

    test('of all stay when one environment is thawed, and `thaw all` lifts every one', () => {
      expect(standing([freeze(1, 'all'), thaw(2, 'production')])).toMatchObject([{ kind: 'freeze', scope: 'all' }])
      expect(standing([freeze(1, 'all'), freeze(1, 'production'), thaw(2, 'all')])).toEqual([])
    })

    test('of two people stand side by side: a short one does not end a long one', () => {
      const both = [freeze(1, 'production', null, 7), freeze(2, 'production', 60_000, 8)]
      expect(standing(both, at(10))).toMatchObject([{ by: 7 }])
    })

    test('in one comment mean what their lines say in their order', () => {
      const first = taken(
        1,
        { verb: 'freeze', environment: 'all', forMs: null, reason: null },
        {},
        { comment: 90, index: 0 },
      )
      const second = taken(1, { verb: 'thaw', environment: 'all' }, {}, { comment: 90, index: 1 })
      expect(standing([second, first])).toEqual([])
    })

    test('of the same second are ordered by the number of the comment, not by its letters', () => {
      const early = taken(1, { verb: 'thaw', environment: 'all' }, {}, { comment: 999 })
      const late = taken(1, { verb: 'freeze', environment: 'all', forMs: null, reason: null }, {}, { comment: 1000 })
      expect(standing([late, early])).toHaveLength(1)
    })
  })

  test('holds are lifted for their pull request', () => {
    const hold = taken(1, { verb: 'hold', reason: 'wait for ann' }, {})
    expect(standing([hold])).toMatchObject([{ kind: 'hold', pull: 12, why: 'wait for ann' }])
    expect(standing([hold, taken(2, { verb: 'unhold' }, {})])).toEqual([])
  })

  describe('orders', () => {
    const promote = (minutes: number, release: string) =>
      taken(
        minutes,
        { verb: 'promote', environment: 'production', application: 'api', release: null },
        { orders: [{ slot: api, release: aRelease(release) }] },
      )

    test('stand with their time, a newer one in the place of the older', () => {
      expect(standing([promote(2, 'two'), promote(1, 'one')])).toMatchObject([
        { kind: 'order', does: 'promote', release: aRelease('two'), at: at(2) },
      ])
    })

    test('end where the release is quarantined, and stay ended when that is lifted', () => {
      const lifted = taken(
        3,
        { verb: 'unquarantine', environment: 'production', application: null, release: 'x' },
        { slots: [{ slot: api, release: aRelease('one') }] },
      )
      expect(standing([promote(1, 'one'), quarantined(2, 'one'), lifted])).toEqual([])
    })

    test('lift a decline of the same release', () => {
      const decline = event({
        kind: 'decline',
        at: at(1),
        slot: api,
        release: aRelease('one'),
        pull: 40,
        by: { id: 7, login: 'ann' },
      })
      expect(standing([decline])).toMatchObject([{ kind: 'decline', pull: 40, by: 7 }])
      expect(standing([decline, promote(2, 'two')]).map(({ kind }) => kind)).toEqual(['decline', 'order'])
      expect(standing([decline, promote(2, 'one')]).map(({ kind }) => kind)).toEqual(['order'])
    })

    test('a merge is ordered for one head', () => {
      const merges = [
        taken(1, { verb: 'merge' }, { head: aSha('a') }),
        taken(2, { verb: 'merge' }, { head: aSha('b') }),
      ]
      expect(standing(merges)).toMatchObject([{ kind: 'merge', pull: 12, head: aSha('b') }])
    })
  })

  describe('rollback', () => {
    const rollback = (minutes: number, to: string | null) =>
      taken(
        minutes,
        { verb: 'rollback', environment: 'production', application: 'api', to, reason: 'it burns' },
        {
          slots: [
            {
              slot: api,
              release: aRelease('bad'),
              parts: [{ part: 'image ghcr.io/acme/api', value: aDigest('bad') }],
              to: to === null ? null : aRelease(to),
            },
          ],
        },
      )

    test('quarantines what ran there, with what it changed and why (I12, T49)', () => {
      expect(standing([rollback(1, null)])).toMatchObject([
        {
          kind: 'quarantine',
          slot: api,
          release: aRelease('bad'),
          why: 'it burns',
          parts: [{ value: aDigest('bad') }],
        },
      ])
    })

    test('orders the older release where one is named, in the place of what was ordered before', () => {
      const before = taken(
        1,
        { verb: 'promote', environment: 'production', application: null, release: null },
        { orders: [{ slot: api, release: aRelease('next') }] },
      )
      expect(standing([before, rollback(2, 'old')])).toMatchObject([
        { kind: 'quarantine' },
        { kind: 'order', does: 'restore', release: aRelease('old') },
      ])
      expect(standing([before, rollback(2, null)]).map(({ kind }) => kind)).toEqual(['quarantine'])
    })

    test('quarantine is lifted by command for exactly its slot and release, and counts again afterwards', () => {
      const lift = (release: string) =>
        taken(
          3,
          { verb: 'unquarantine', environment: 'production', application: null, release: 'x' },
          { slots: [{ slot: api, release: aRelease(release) }] },
        )
      expect(standing([quarantined(1, 'bad'), lift('other')])).toHaveLength(1)
      expect(standing([quarantined(1, 'bad'), lift('bad')])).toEqual([])
      expect(standing([quarantined(1, 'bad'), lift('bad'), quarantined(4, 'bad')])).toHaveLength(1)
    })
  })

  describe('a quarantine is overtaken', () => {
    const bad = quarantined(5, 'bad')
    const inForce = (...events: readonly StateEvent[]) => standing([bad, ...events]).length > 0
    const inStaging = (from: number, until: number, release: string) =>
      event({ ...witness(from, until, release), slot: 'api/staging' })

    test('when a later release without its parts got healthy there, and stays on record', () => {
      const folded = foldEvents([bad, witness(8, 9, 'mended')], at(9))
      expect(folded.directives).toEqual([])
      expect(folded.overtaken).toMatchObject([{ release: aRelease('bad') }])
    })

    test('not by what it was taken back to, nor by one that came before it', () => {
      expect(inForce(witness(1, 4, 'old'), witness(6, 9, 'old'))).toBe(true)
    })

    test('not by one that failed, nor by one that nobody saw healthy yet', () => {
      expect(inForce(witness(8, 9, 'mended', 'failed'))).toBe(true)
    })

    test('not by one that holds a part of what it changed', () => {
      const two = event({
        ...quarantined(5, 'bad'),
        ...{ kind: 'quarantine', at: at(5), slot: api, release: aRelease('bad'), why: '', evidence: ['x'] },
        parts: [
          { part: 'image ghcr.io/acme/api', value: aDigest('mended') },
          { part: 'file flags.yaml', value: aSha('flags') },
        ],
      })
      expect(standing([two, witness(8, 9, 'mended')])).toHaveLength(1)
    })

    test('not by one that is older upstream: it proves nothing of what comes next', () => {
      const older = [inStaging(1, 2, 'older'), inStaging(3, 4, 'bad')]
      const newer = [inStaging(3, 4, 'bad'), inStaging(6, 7, 'older')]
      expect(inForce(...older, witness(8, 9, 'older'))).toBe(true)
      expect(inForce(...newer, witness(8, 9, 'older'))).toBe(false)
      expect(inForce(inStaging(3, 4, 'bad'), witness(8, 9, 'never there'))).toBe(true)
    })

    test('nor by that with an image of its own, in an overlay that holds one more', () => {
      const images = { 'ghcr.io/acme/api': aDigest('older'), agent: aDigest('agent') }
      const bump = event({ ...witness(8, 9, 'bump'), parts: { images, trees: {}, files: {}, fields: {} } })
      const named = event({
        ...{ kind: 'quarantine', at: at(5), slot: api, release: aRelease('bad and agent'), brings: aRelease('bad') },
        ...{ parts: [{ part: 'image ghcr.io/acme/api', value: aDigest('bad') }], why: '', evidence: ['x'] },
      })
      const overtakes = (...events: readonly StateEvent[]) => standing([named, ...events, bump]).length === 0
      expect(overtakes(inStaging(1, 2, 'older'), inStaging(3, 4, 'bad'))).toBe(false)
      expect(overtakes(inStaging(3, 4, 'bad'), inStaging(6, 7, 'older'))).toBe(true)
    })

    test('and counts again when it fails again', () => {
      expect(inForce(witness(8, 9, 'mended'), quarantined(11, 'bad'))).toBe(true)
    })

    test('only ever by health that somebody saw, and is then never forgotten (property)', () => {
      const isBad = (one: Directive) => one.kind === 'quarantine'
      fc.assert(
        fc.property(someEvents, (events) => {
          const folded = foldEvents(events, at(600))
          const blind = foldEvents(
            events.filter((one) => one.kind !== 'witness' || one.is === 'failed'),
            at(600),
          )
          const all = [...folded.directives.filter(isBad), ...folded.overtaken]
          expect(blind.overtaken).toEqual([])
          expect(new Set(all.map(({ event: id }) => id))).toEqual(
            new Set(blind.directives.filter(isBad).map(({ event: id }) => id)),
          )
        }),
        { numRuns: 300 },
      )
    })
  })

  test('a manual gate keeps the latest answer of each person for each head', () => {
    const answer = (minutes: number, refuse: boolean, by: number, head: string) =>
      taken(
        minutes,
        { verb: 'gate', gate: 'signoff', refuse, reason: null },
        { head: aSha(head), slots: ['api/production'] },
        { by },
      )
    const answers = standing([
      answer(1, false, 7, 'a'),
      answer(2, true, 7, 'a'),
      answer(1, false, 8, 'a'),
      answer(1, false, 7, 'b'),
    ])
    expect(answers.map((each) => each.kind === 'answer' && [each.by, each.head === aSha('a'), each.is])).toEqual([
      [7, true, 'refused'],
      [8, true, 'passed'],
      [7, false, 'passed'],
    ])
  })

  test('an ungated change stands for each of its slots until its commit is accepted, for good (T70)', () => {
    const ungated = (minutes: number) =>
      event({
        kind: 'ungated',
        at: at(minutes),
        commit: aSha('push'),
        slots: [api, '*/production'],
        why: 'pushed directly',
      })
    const accept = taken(2, { verb: 'accept', sha: '0123456' }, { commit: aSha('push') })
    expect(standing([ungated(1)])).toMatchObject([{ slot: api }, { slot: '*/production' }])
    expect(standing([ungated(1), accept])).toEqual([])
    expect(standing([ungated(3), accept])).toEqual([])
  })

  test('a breaker stays open until somebody resumes, and tells since when reverts count', () => {
    const open = event({ kind: 'breaker', at: at(1), environment: 'production', why: '2 reverts within 15m' })
    const resume = taken(2, { verb: 'resume', environment: 'production' }, {})
    expect(standing([open])).toMatchObject([{ kind: 'breaker', environment: 'production', by: 0, byLogin: 'sluice' }])
    expect(standing([open, resume])).toEqual([])
    expect(foldEvents([open, resume], at(9)).resumed.get('production')).toBe(at(2))
  })

  test('remembers what was taken, closed, audited, reverted and told', () => {
    const folded = foldEvents(
      [
        taken(5, { verb: 'unhold' }, {}, { comment: 77 }),
        event({ kind: 'closed', at: at(1), pull: 4, because: 'superseded' }),
        event({ kind: 'audited', at: at(2), commit: aSha('new') }),
        event({ kind: 'audited', at: at(1), commit: aSha('old') }),
        event({ kind: 'reverted', at: at(3), slot: api, release: aRelease('bad'), pull: 9, automatic: true }),
        event({ kind: 'notified', at: at(4), key: 'revert 9' }),
        event({ kind: 'genesis', at: at(0), base: aSha('first') }),
      ],
      at(9),
    )
    expect(folded.takenComments).toEqual(new Set([77]))
    expect(folded.newestComment).toBe(at(5))
    expect(folded.closedByUs).toEqual(new Set([4]))
    expect(folded.audited).toBe(aSha('new'))
    expect(folded.reverts).toEqual([{ slot: api, release: aRelease('bad'), pull: 9, at: at(3), automatic: true }])
    expect(folded.notified).toEqual(new Set(['revert 9']))
    expect(folded.genesis).toBe(aSha('first'))
  })

  test('closing what was ordered ends the order, and ordering what was closed ends the decline', () => {
    const order = (minutes: number) =>
      taken(
        minutes,
        { verb: 'promote', environment: null, application: null, release: null },
        { orders: [{ slot: api, release: aRelease('one') }] },
      )
    const decline = event({
      ...{ kind: 'decline', at: at(5), slot: api, release: aRelease('one'), pull: 3 },
      by: { id: 0, login: '' },
    })
    expect(standing([order(1), decline])).toMatchObject([{ kind: 'decline' }])
    expect(standing([order(9), decline])).toMatchObject([{ kind: 'order' }])
  })

  test('remembers when a quarantine was lifted, and every event by its id', () => {
    const lifted = taken(
      4,
      { verb: 'unquarantine', environment: 'production', application: null, release: 'x' },
      { slots: [{ slot: api, release: aRelease('bad') }] },
    )
    const folded = foldEvents([quarantined(1, 'bad'), lifted], at(9))
    expect(folded.directives).toEqual([])
    expect(folded.unquarantined.get(`${api} ${aRelease('bad')}`)).toBe(at(4))
    expect(folded.recorded).toEqual(new Set([quarantined(1, 'bad').id, lifted.id]))
  })

  describe('witnessed health', () => {
    test('keeps what people call a release, also where a later look does not say it', () => {
      expect(seen([{ ...witness(1, 2, 'one'), alias: 'api:1' }, witness(5, 6, 'one')])).toMatchObject([
        { alias: 'api:1' },
      ])
    })

    test('is the stretches in which a release was seen healthy', () => {
      expect(seen([witness(1, 4, 'one'), witness(5, 5, 'one', 'failed'), witness(8, 9, 'one')])).toEqual([
        {
          release: aRelease('one'),
          parts: partsNamed('one'),
          healthy: [
            { from: at(1), until: at(4), inputs: aDigest('one') },
            { from: at(8), until: at(9), inputs: aDigest('one') },
          ],
          failed: false,
          firstSeen: at(1),
          lastSeen: at(9),
        },
      ])
    })

    test('says nothing of the time after the last look, whatever came there next (I6)', () => {
      expect(seen([witness(1, 2, 'one'), witness(6, 7, 'two')])).toMatchObject([
        { healthy: [{ from: at(1), until: at(2) }] },
        { healthy: [{ from: at(6), until: at(7) }] },
      ])
    })

    test('a failure is the last word until health is seen after it', () => {
      expect(seen([witness(1, 2, 'one'), witness(3, 3, 'one', 'failed')])).toMatchObject([{ failed: true }])
      expect(seen([witness(3, 3, 'one', 'failed'), witness(4, 5, 'one')])).toMatchObject([{ failed: false }])
    })

    test('told further is the same stretch, in any order; other content of the release is another', () => {
      const events = [witness(1, 3, 'one'), witness(1, 2, 'one'), witness(6, 7, 'one', 'healthy', 'edited')]
      const stretches = [
        { from: at(1), until: at(3), inputs: aDigest('one') },
        { from: at(6), until: at(7), inputs: aDigest('edited') },
      ]
      expect(seen(events)).toMatchObject([{ healthy: stretches }])
      expect(seen(events.toReversed())).toMatchObject([{ healthy: stretches }])
    })
  })
})

const quarantined = (minutes: number, release: string): StateEvent =>
  event({
    kind: 'quarantine',
    at: at(minutes),
    slot: api,
    release: aRelease(release),
    parts: [{ part: 'image ghcr.io/acme/api', value: aDigest(release) }],
    why: 'failed twice',
    evidence: ['flux production flux-system/api'],
  })

const standing = (events: readonly StateEvent[], now: Instant = at(600)): readonly Directive[] =>
  foldEvents(events, now).directives

const seen = (events: readonly StateEvent[]) => foldEvents(events, at(600)).witnessed.get(api)

/** Maps and sets compare by their order in some matchers; lists of entries say the same in every one. */
const plain = (folded: ReturnType<typeof foldEvents>) => ({
  ...folded,
  witnessed: [...folded.witnessed],
  takenComments: [...folded.takenComments],
  closedByUs: [...folded.closedByUs],
  resumed: [...folded.resumed],
  notified: [...folded.notified],
  recorded: [...folded.recorded],
  unquarantined: [...folded.unquarantined],
})

const shuffled: fc.Arbitrary<[readonly StateEvent[], readonly StateEvent[]]> = someEvents.chain((events) =>
  fc.tuple(
    fc.constant(events),
    fc
      .tuple(fc.shuffledSubarray(events, { minLength: events.length }), fc.subarray(events))
      .map(([mixed, again]) => [...mixed, ...again]),
  ),
)
