import { describe, expect, test } from 'vitest'
import { digestOf } from '../../src/domain/hash.ts'
import type { SlotKey } from '../../src/domain/ids.ts'
import { type Release, releaseOf } from '../../src/domain/release.ts'
import { nothingWords } from '../../src/promotion/plan/wanted.ts'
import {
  ago,
  aWorld,
  brought,
  closed,
  config,
  crashing,
  dev,
  eu,
  forgotten,
  healthIs,
  hour,
  intentTo,
  minute,
  now,
  production,
  promotesFromTwo,
  quarantined,
  recorded,
  releaseNamed,
  runs,
  sam,
  shaOf,
  slotIs,
  snapshotIs,
  staging,
  takesBack,
  untrusted,
  us,
  type Verb,
  withAgent,
  witnessed,
  witnessedAs,
} from './world.ts'

const by = { id: sam.id, login: sam.login }
const written = { kind: 'command', pull: 3, index: 0, by } as const
const ordered = (comment: number, release: string, at = ago(5 * minute)): Verb =>
  recorded({
    ...written,
    comment,
    at,
    taken: { verb: 'promote', orders: [{ slot: production, release: releaseNamed(release).id }] },
  })
const restored = (from: string, to: string, at = ago(5 * minute)): Verb =>
  recorded({
    ...{ ...written, comment: 90, at },
    taken: {
      verb: 'rollback',
      why: 'slow',
      slots: [{ slot: production, release: releaseNamed(from).id, parts: [], to: releaseNamed(to).id }],
    },
  })
/** `two` has soaked in staging, production still runs `one`. */
const twoIsReady = [
  witnessed(staging, 'two', ago(90 * minute), ago(minute)),
  runs(staging, 'two', ago(90 * minute)),
] as const
/** A stretch of health that is over. */
const had = (slot: SlotKey, release: string, from: number, until: number): Verb =>
  witnessed(slot, release, ago(from * hour), ago(until * hour))
const wantedThere = (...verbs: readonly Verb[]) => aWorld(...verbs).wanted(production)
const names = (...verbs: readonly Verb[]) => {
  const wanted = wantedThere(...verbs)
  return wanted?.is === 'nothing' ? wanted.reason : `${wanted?.is} of ${wanted?.release.alias}`
}

describe('what a slot ought to get', () => {
  test('is nothing where it runs what upstream runs', () => expect(names()).toBe('upstream.same'))

  test('is said to be nothing that travels, and never the same, where the overlays name nothing', () => {
    const release = { is: 'pinned', release: releaseOf({ images: {}, trees: {}, files: {}, fields: {} }) } as const
    const wanted = wantedThere(slotIs(staging, { release }), slotIs(production, { release }))
    expect(wanted).toMatchObject({ is: 'nothing', reason: 'release.empty' })
    expect(wanted?.is === 'nothing' && nothingWords(wanted)).toContain('api/staging holds nothing that is promoted')
    expect(names(slotIs(staging, { release }))).toBe('release.empty')
  })

  test('is the newest release that soaked upstream, with the tags of the overlay that runs it', () => {
    expect(names(...twoIsReady)).toBe('promotion of two')
    expect(wantedThere(...twoIsReady)).toMatchObject({ wish: { is: 'bring', from: 'apps/api/overlays/staging' } })
  })

  test('is the soaked one rather than a newer one that has not soaked', () => {
    const wanted = wantedThere(...twoIsReady, runs(staging, 'three', ago(10 * minute)))
    expect(wanted).toMatchObject({ is: 'promotion', release: { id: releaseNamed('two').id } })
  })

  test('is what upstream runs, to wait for its soak in the open, where nothing soaked yet', () => {
    expect(names(runs(staging, 'two', ago(minute)))).toBe('promotion of two')
  })

  test('is not known while nothing was seen of what upstream has got, as after a restart', () => {
    const unseen = {
      healthySpan: null,
      appliedAt: null,
      health: { is: 'progressing', since: ago(minute), reason: 'flux.progressing', detail: '' },
    } as const
    expect(names(runs(staging, 'two'), slotIs(staging, unseen))).toBe('upstream.unseen')
    expect(
      names(witnessed(staging, 'one', ago(3 * hour), ago(hour)), runs(staging, 'two'), slotIs(staging, unseen)),
    ).toBe('upstream.unseen')
  })

  test('is never what upstream held when it came under a manifest (T72)', () => {
    expect(
      names(...twoIsReady, slotIs(staging, { baselines: new Map([['production', releaseNamed('two').id]]) })),
    ).toBe('upstream.baseline')
  })

  test('is never a step back to what ran upstream before', () => {
    expect(
      names(
        runs(production, 'two'),
        witnessed(staging, 'two', ago(hour), ago(50 * minute)),
        witnessed(staging, 'one', ago(3 * hour), ago(2 * hour)),
        runs(staging, 'one', ago(3 * hour)),
      ),
    ).toBe('upstream.older')
  })

  test.each<[string, readonly Verb[], string]>([
    ['the release upstream failed', [...twoIsReady, healthIs(staging, crashing)], 'upstream.unhealthy'],
    ['it is quarantined here', [...twoIsReady, quarantined(production, 'two')], 'release.quarantined'],
    ['it is quarantined upstream', [...twoIsReady, quarantined(staging, 'two')], 'release.quarantined'],
    [
      'somebody declined it',
      [
        ...twoIsReady,
        recorded({ kind: 'decline', at: ago(minute), slot: production, release: releaseNamed('two').id, pull: 8, by }),
      ],
      'release.declined',
    ],
    [
      'the manifests are broken',
      [
        ...twoIsReady,
        snapshotIs({
          config: { checked: config, commit: shaOf('main'), broken: 'no such key\nmore', neverParsed: false },
        }),
      ],
      'config.broken',
    ],
    [
      'it changed around its gates',
      [
        ...twoIsReady,
        recorded({ kind: 'ungated', at: ago(minute), commit: shaOf('push'), slots: [production], why: '' }),
      ],
      'state.ungated',
    ],
    [
      'its environment was changed around the gates',
      [
        ...twoIsReady,
        recorded({ kind: 'ungated', at: ago(minute), commit: shaOf('push'), slots: ['*/production'], why: '' }),
      ],
      'state.ungated',
    ],
    [
      'the breaker is open',
      [...twoIsReady, recorded({ kind: 'breaker', at: ago(minute), environment: 'production', why: 'too many' })],
      'state.breaker',
    ],
    ['the state is not trusted', [...twoIsReady, untrusted], 'state.untrusted'],
    [
      'its overlay cannot be read',
      [...twoIsReady, slotIs(production, { release: { is: 'unpinned', images: [] } })],
      'slot.unreadable',
    ],
  ])('is nothing while %s', (_, verbs, reason) => expect(names(...verbs)).toBe(reason))

  test('is nothing in the first environment, where people bring releases', () => {
    expect(aWorld().wanted(dev)).toMatchObject({ reason: 'slot.first' })
  })
})

describe('with several environments upstream', () => {
  /** It has run there ever since, in good health. */
  const has = (slot: SlotKey, release: string, since: number): Verb[] => [
    runs(slot, release, ago(since * hour)),
    witnessed(slot, release, ago(since * hour), ago(minute)),
  ]
  const isDown = (slot: SlotKey, release: string): Verb[] => [
    healthIs(slot, crashing),
    witnessed(slot, release, ago(4 * minute), ago(3 * minute), 'failed'),
  ]
  /** The releases of a history came to us after they had come to eu. */
  const oneThenTwo = [had(eu, 'one', 9, 6), ...has(eu, 'two', 6), had(us, 'one', 5, 3), ...has(us, 'two', 3)]
  const usHangsBack = [had(eu, 'one', 9, 6), ...has(eu, 'two', 6), ...has(us, 'one', 5)]
  const both = (...verbs: readonly Verb[]) => names(promotesFromTwo, ...verbs).replace('api:', '')

  test.each<[string, readonly Verb[], string]>([
    ['nothing where all run the same', [...has(eu, 'one', 5), ...has(us, 'one', 4)], 'upstream.same'],
    ['what soaked in each of them', oneThenTwo, 'promotion of two'],
    [
      'what soaked in each, though one is ahead of it already',
      [...oneThenTwo, ...has(eu, 'three', 2)],
      'promotion of two',
    ],
    [
      'what soaked in each, though each has moved on since to something that has not',
      [...oneThenTwo, had(eu, 'two', 6, 2), had(us, 'two', 3, 1), runs(eu, 'three', now), runs(us, 'three', now)],
      'promotion of two',
    ],
    [
      'what came to all of them, to wait in the open, rather than what one has alone',
      [had(eu, 'two', 6, 0.1), runs(eu, 'three', ago(minute)), runs(us, 'two', ago(minute))],
      'promotion of two',
    ],
    ['what one has alone, to wait in the open, where there is nothing else', usHangsBack, 'promotion of two'],
    [
      'what one has alone where the other does not hold the application: its gate says that it never ran there',
      has(eu, 'two', 6),
      'promotion of two',
    ],
    [
      'nothing where what runs here failed in one',
      [runs(production, 'two'), ...oneThenTwo, ...isDown(us, 'two')],
      'upstream.same',
    ],
    [
      'nothing where one went back from what runs here',
      [runs(production, 'two'), had(eu, 'one', 9, 6), ...has(eu, 'two', 6), had(us, 'two', 3, 2), ...has(us, 'one', 5)],
      'upstream.older',
    ],
    [
      'nothing where one still hangs back behind what runs here',
      [runs(production, 'two'), ...usHangsBack],
      'upstream.older',
    ],
    [
      'nothing that one of them had alone before all had what runs here',
      [runs(production, 'two'), ...has(eu, 'two', 3), ...has(us, 'half', 4), had(us, 'two', 2, 1)],
      'upstream.older',
    ],
    [
      'nothing where what failed in one soaked in the other',
      [...usHangsBack, ...has(us, 'two', 3), ...isDown(us, 'two')],
      'upstream.unhealthy',
    ],
    [
      'what came before the one that failed in one of them, where it soaked in all',
      [
        ...oneThenTwo,
        ...has(eu, 'three', 2),
        had(us, 'two', 3, 1),
        runs(us, 'three', ago(hour)),
        ...isDown(us, 'three'),
      ],
      'promotion of two',
    ],
    [
      'nothing where one took it back',
      [...oneThenTwo, ...has(us, 'one', 5), quarantined(us, 'two')],
      'release.quarantined',
    ],
    [
      'the one that came last to the last of them, where they had two in different orders',
      [had(eu, 'a', 9, 7), ...has(eu, 'b', 7), had(us, 'b', 8, 6), ...has(us, 'a', 6)],
      'promotion of a',
    ],
    [
      'nothing instead of what one of them had before what runs here, though the other had it after',
      [runs(production, 'b'), had(eu, 'a', 9, 7), ...has(eu, 'b', 7), had(us, 'b', 8, 6), ...has(us, 'a', 6)],
      'upstream.older',
    ],
    [
      'nothing the other way round either',
      [runs(production, 'a'), had(eu, 'a', 9, 7), ...has(eu, 'b', 7), had(us, 'b', 8, 6), ...has(us, 'a', 6)],
      'upstream.older',
    ],
    [
      'what is new in one of them, though another held it from the beginning',
      [...oneThenTwo, slotIs(us, { baselines: new Map([['production', releaseNamed('two').id]]) })],
      'promotion of two',
    ],
    [
      'nothing that all held from the beginning (T72)',
      [
        ...[eu, us].flatMap((slot) => [
          ...has(slot, 'two', 3),
          slotIs(slot, { baselines: new Map([['production', releaseNamed('two').id]]) }),
        ]),
      ],
      'upstream.baseline',
    ],
    [
      'nothing where one of them cannot be read',
      [...has(eu, 'one', 5), slotIs(us, { release: { is: 'unpinned', images: [] } })],
      'upstream.unreadable',
    ],
  ])('is %s', (_, verbs, wanted) => expect(both(...verbs)).toBe(wanted))

  test('is what a person orders, also a step back', () => {
    const story = [runs(production, 'two'), had(eu, 'zero', 12, 9), ...oneThenTwo]
    expect(both(...story)).toBe('upstream.same')
    expect(both(...story, ordered(80, 'zero'))).toBe('promotion of zero')
  })

  test('is credited where an overlay upstream has an image more', () => {
    const more = (name: string) => {
      const parts = {
        ...releaseNamed(name).parts,
        images: { ...releaseNamed(name).parts.images, agent: digestOf('agent') },
      }
      return slotIs(eu, { release: { is: 'pinned', release: releaseOf(parts, `${name} and agent`) } })
    }
    const news = [runs(eu, 'two', ago(3 * hour)), more('two'), ...has(us, 'two', 3)]
    expect(both(...news)).toBe('promotion of two')
    const old = [runs(eu, 'one', ago(3 * hour)), more('one'), had(us, 'one', 9, 5), ...has(us, 'two', 5)]
    expect(both(runs(production, 'two'), ...old)).toBe('upstream.older')
  })
})

test('what was here before what runs here is never brought by itself, also where upstream never had that', () => {
  const hotfix = [had(production, 'one', 5, 2), runs(production, 'hotfix', ago(hour))]
  expect(names(...hotfix)).toBe('upstream.older')
  expect(names(...hotfix, ...twoIsReady)).toBe('promotion of two')
})

describe('after an overlay got its entry for the image, beside what it named before', () => {
  const images = (named: Readonly<Record<string, string>>, alias: string) =>
    releaseOf(
      {
        ...{ trees: {}, files: {}, fields: {} },
        images: Object.fromEntries(Object.entries(named).map(([name, version]) => [name, digestOf(version)])),
      },
      alias,
    )
  const ran = (slot: SlotKey, release: Release, from: number, until: number): Verb =>
    witnessedAs(slot, release, ago(from * hour), ago(until * hour))
  const isNow = (slot: SlotKey, release: Release): Verb =>
    slotIs(slot, { release: { is: 'pinned', release }, inputs: digestOf(`${slot} ${release.id}`) })

  describe.each([
    { named: 'nothing', before: {} },
    { named: 'an image beside it', before: { proxy: 'proxy 0' } },
  ])('which was $named', ({ before }) => {
    const [bare, one, two, three] = [
      images(before, 'bare'),
      ...['one', 'two', 'three'].map((name) => images({ ...before, api: name }, name)),
    ] as [Release, Release, Release, Release]
    const begin = [forgotten(staging), forgotten(production), ran(staging, bare, 20, 9), ran(production, bare, 20, 8)]
    const pinned = [...begin, ran(staging, one, 9, 3), ran(production, one, 8, 0.1)]

    test('the next release is promoted, and the one after it', () => {
      const news = [ran(staging, two, 3, 0.1), isNow(staging, two)]
      expect(names(...pinned, isNow(production, one), ...news)).toBe('promotion of two')
      const after = [ran(staging, two, 3, 2), ran(production, two, 2, 0.1), ran(staging, three, 2, 0.1)]
      expect(names(...pinned, ...after, isNow(staging, three), isNow(production, two))).toBe('promotion of three')
    })

    test('nothing older is brought', () => {
      const back = [ran(staging, two, 3, 2), ran(production, two, 2, 0.1), isNow(production, two), isNow(staging, one)]
      expect(names(...pinned, ...back)).toBe('upstream.older')
    })
  })

  test('what one of two upstreams has alone waits in the open', () => {
    const [bare, one, two] = [images({}, 'bare'), images({ api: 'one' }, 'one'), images({ api: 'two' }, 'two')]
    const entries = [eu, us, production].flatMap((slot) => [ran(slot, bare, 20, 9), ran(slot, one, 9, 2)])
    const news = [isNow(eu, one), ran(us, two, 2, 0.1), isNow(us, two), isNow(production, one)]
    expect(names(promotesFromTwo, forgotten(production), ...entries, ...news)).toBe('promotion of two')
  })

  test('an entry for an image that upstream does not name takes no promotion away', () => {
    const [bare, own, one] = [images({}, 'bare'), images({ own: '0' }, 'own'), images({ api: 'one' }, 'one')]
    expect(
      names(
        ...[forgotten(staging), forgotten(production), ran(production, bare, 20, 8), ran(production, own, 8, 0.1)],
        ...[ran(staging, bare, 20, 3), ran(staging, one, 3, 0.1), isNow(staging, one), isNow(production, own)],
      ),
    ).toBe('promotion of one')
  })

  test('what it held before an image of its own came is no step forward', () => {
    const [zero, one] = [images({ api: '0' }, 'zero'), images({ api: 'one' }, 'one')]
    const [withOwn, again] = [images({ api: 'one', own: '0' }, 'own'), images({ api: '0', own: '1' }, 'again')]
    expect(
      names(
        ...[forgotten(staging), forgotten(production), ran(staging, one, 20, 3), ran(staging, again, 3, 0.1)],
        ...[ran(production, zero, 20, 9), ran(production, one, 9, 5), ran(production, withOwn, 5, 0.1)],
        ...[isNow(staging, again), isNow(production, withOwn)],
      ),
    ).toBe('upstream.older')
  })
})

test('what upstream had before Sluice brought here what upstream never had is no step forward (I12)', () => {
  const another = (at: ReturnType<typeof ago>) => [
    brought(production, 'one', 'three', at),
    runs(production, 'three', at),
  ]
  expect(names(...twoIsReady, ...another(ago(minute)))).toBe('upstream.older')
  expect(names(...twoIsReady, ...another(ago(5 * hour)))).toBe('promotion of two')
})

describe('what people went back from', () => {
  const wasTwo = [forgotten(staging), had(staging, 'one', 9, 4), had(staging, 'two', 4, 2)] as const
  const isOneAgain = [...wasTwo, runs(staging, 'one', ago(hour))] as const
  const zero = [forgotten(production), runs(production, 'zero', ago(20 * hour))] as const

  test('upstream is brought by nothing but an order, also once something newer came', () => {
    expect(names(...isOneAgain)).toBe('upstream.same')
    expect(names(...isOneAgain, ...zero)).toBe('promotion of one')
    const newer = [had(staging, 'one', 1, 0.5), runs(staging, 'three', ago(minute))]
    expect(names(...wasTwo, ...newer)).toBe('promotion of three')
    const failed = healthIs(staging, crashing)
    expect(names(...wasTwo, ...newer, failed)).toBe('upstream.unhealthy')
    expect(names(...isOneAgain, ordered(70, 'two'))).toBe('promotion of api:two')
  })

  test('here, by an order of what was here before, does not come back by itself', () => {
    const back = [
      forgotten(production),
      had(production, 'one', 9, 4),
      had(production, 'two', 4, 1),
      runs(production, 'one', ago(minute)),
      ...twoIsReady,
    ]
    expect(wantedThere(...back)).toMatchObject({ reason: 'release.taken-back', detail: production })
    const lifted = recorded({
      ...{ ...written, comment: 71, at: ago(minute) },
      taken: { verb: 'unquarantine', slots: [{ slot: production, release: releaseNamed('two').id }] },
    })
    expect(names(...back, lifted)).toBe('promotion of two')
    const liftedBefore = recorded({
      ...{ ...written, comment: 76, at: ago(3 * hour) },
      taken: { verb: 'unquarantine', slots: [{ slot: production, release: releaseNamed('two').id }] },
    })
    expect(names(...back, liftedBefore)).toBe('release.taken-back')
    expect(names(...back, runs(staging, 'three', ago(minute)))).toBe('promotion of three')
  })

  test('is nothing that went on: what soaked and was replaced by something newer is brought', () => {
    const movedOn = [...wasTwo, runs(staging, 'three', ago(minute))]
    expect(names(...movedOn)).toBe('promotion of api:two')
  })
})

describe('an order that cannot be carried out any more', () => {
  const three = [
    ...[forgotten(staging), had(staging, 'one', 9, 5)],
    ...[had(staging, 'three', 2, 0.2), runs(staging, 'three', ago(2 * hour))],
  ]

  test('does not stand in the way where its release failed upstream after it was given', () => {
    const failed = witnessed(staging, 'two', ago(4 * hour), ago(3 * hour), 'failed')
    expect(names(...three, had(staging, 'two', 5, 4), failed, ordered(72, 'two', ago(5 * hour)))).toBe(
      'promotion of three',
    )
    expect(names(...three, had(staging, 'two', 5, 3.5), failed, ordered(73, 'two', ago(2 * hour)))).toBe(
      'promotion of api:two',
    )
  })

  test('nor where upstream moved on before it had soaked, while one that may still soak there waits', () => {
    const short = had(staging, 'two', 3, 2.9)
    expect(names(...three, short, ordered(74, 'two', ago(3 * hour)))).toBe('promotion of three')
    expect(names(runs(staging, 'two', ago(minute)), ordered(75, 'two'))).toBe('promotion of two')
  })
})

describe('a rollback that is only proposed', () => {
  const story = [
    takesBack('propose'),
    runs(production, 'two', ago(hour)),
    brought(production, 'one', 'two', ago(hour)),
    quarantined(production, 'two', ago(10 * minute)),
    had(staging, 'three', 2, 0.2),
    runs(staging, 'three', ago(2 * hour)),
  ]

  test('gives way to the release that somebody orders instead, and to none that was ordered before', () => {
    expect(names(...story)).toBe('rollback of one')
    expect(names(...story, ordered(76, 'three', ago(minute)))).toBe('promotion of three')
    expect(names(...story, ordered(77, 'three', ago(hour)))).toBe('rollback of one')
    expect(names(...story, takesBack('unhealthy'), ordered(78, 'three', ago(minute)))).toBe('rollback of one')
  })
})

test('where upstream holds no release that can travel, it says which and why', () => {
  const images = [{ name: 'ghcr.io/acme/api', tag: '2', file: 'apps/api/overlays/staging/kustomization.yaml', line: 7 }]
  const wanted = wantedThere(slotIs(staging, { release: { is: 'unpinned', images } }))
  expect(wanted).toMatchObject({ reason: 'upstream.unreadable' })
  expect(wanted).toMatchObject({ detail: expect.stringContaining('api/staging: images by tag, not by digest at') })
})

describe('where production names an image more than upstream', () => {
  const holds = (release: string): Verb =>
    slotIs(production, { release: { is: 'pinned', release: withAgent(release) } })
  const bad = recorded({
    ...{ kind: 'quarantine', at: ago(minute), slot: production, release: withAgent('two').id, why: 'it crashed' },
    ...{ brings: releaseNamed('two').id, evidence: ['seen'] },
    parts: [{ part: 'image ghcr.io/acme/api', value: digestOf('two') }],
  })
  const three = [
    witnessed(staging, 'two', ago(5 * hour), ago(3 * hour)),
    runs(staging, 'three', ago(2 * hour)),
    witnessed(staging, 'three', ago(80 * minute), ago(minute)),
  ] as const
  const cameToProduction = { release: withAgent('two'), replaces: withAgent('one') }

  test.each<[string, readonly Verb[], string]>([
    ['a release that soaked is promoted', [...twoIsReady, holds('one')], 'promotion of two'],
    ['it rests once it holds all of that', [...twoIsReady, holds('two')], 'upstream.same'],
    ['nothing older is brought', [...three, holds('three')], 'upstream.same'],
    [
      'a decline stands',
      [
        ...twoIsReady,
        holds('one'),
        recorded({ kind: 'decline', at: ago(minute), slot: production, release: releaseNamed('two').id, pull: 8, by }),
      ],
      'release.declined',
    ],
    ['a quarantine stands', [...twoIsReady, holds('one'), bad], 'release.quarantined'],
    [
      'an order that was carried out brings nothing back over a newer release',
      [
        ...three,
        ...[
          ordered(80, 'two', ago(50 * minute)),
          brought(production, 'one', 'two', ago(40 * minute), cameToProduction),
        ],
        holds('two'),
      ],
      'promotion of three',
    ],
    [
      'an order is carried out by whoever brings its release',
      [
        ...[...three, ordered(80, 'two', ago(50 * minute)), holds('three')],
        witnessedAs(production, withAgent('two'), ago(40 * minute), ago(20 * minute)),
      ],
      'upstream.same',
    ],
    [
      'what it runs in quarantine is taken back',
      [
        ...[...twoIsReady, brought(production, 'one', 'two', ago(10 * minute), cameToProduction)],
        ...[holds('two'), bad],
      ],
      'rollback of one',
    ],
  ])('%s', (_, verbs, is) => expect(names(...verbs)).toBe(is))

  test('an entry that upstream drops is no change to bring', () => {
    const dropped = [
      runs(production, 'one'),
      slotIs(production, { release: { is: 'pinned', release: withAgent('one') } }),
    ]
    const before = witnessedAs(staging, withAgent('one'), ago(5 * hour), ago(3 * hour))
    expect(names(before, ...dropped)).toBe('upstream.same')
  })
})

describe('a quarantine that a later release has overtaken', () => {
  const bad = quarantined(production, 'two', ago(5 * hour))
  const history = [
    witnessed(staging, 'one', ago(20 * hour), ago(19 * hour)),
    ...[
      witnessed(staging, 'two', ago(8 * hour), ago(6 * hour)),
      witnessed(staging, 'three', ago(4 * hour), ago(3 * hour)),
    ],
    ...[bad, witnessed(production, 'three', ago(2 * hour), ago(hour))],
  ]

  test('binds people no longer', () => {
    const { folded } = aWorld(...history).snapshot.state
    expect(folded.directives.filter(({ kind }) => kind === 'quarantine')).toEqual([])
    expect(folded.overtaken).toMatchObject([{ release: releaseNamed('two').id }])
  })

  test('still keeps automation from bringing that release back, there and behind it (I12)', () => {
    const back = [runs(production, 'one'), runs(staging, 'two'), witnessed(staging, 'three', now, now, 'failed')]
    expect(names(...back, ...history.filter((verb) => verb !== bad))).toBe('promotion of two')
    expect(names(...back, ...history)).not.toBe('promotion of two')
  })
})

describe('an order', () => {
  test('brings its release before the soaked one', () => {
    expect(names(...twoIsReady, runs(staging, 'three', ago(minute)), ordered(80, 'three'))).toBe('promotion of three')
  })

  test('of somebody who may not give it any more is as if it had not been given (T05)', () => {
    const story = [...twoIsReady, runs(staging, 'three', ago(minute)), ordered(80, 'three')]
    const lapsed = snapshotIs({ lapsed: new Set(['command-80-0']) })
    expect(names(...story, lapsed)).toBe(names(...twoIsReady, runs(staging, 'three', ago(minute))))
  })

  test('ends when the slot got there, and does not bring its release back over a newer one', () => {
    const reached = [ordered(80, 'two', ago(50 * minute)), brought(production, 'one', 'two', ago(40 * minute))] as const
    const newer = [
      ...twoIsReady,
      runs(staging, 'three', ago(2 * hour)),
      witnessed(staging, 'three', ago(80 * minute), ago(minute)),
    ]
    expect(
      names(
        ...newer,
        ...reached,
        brought(production, 'two', 'three', ago(30 * minute)),
        runs(production, 'three', ago(30 * minute)),
      ),
    ).toBe('upstream.same')
  })

  test('to restore does not decide where a later rollback goes, once it was carried out', () => {
    const story = [
      ...[
        restored('bad', 'one', ago(100 * minute)),
        brought(production, 'bad', 'one', ago(99 * minute), { kind: 'rollback' }),
      ],
      ...[brought(production, 'two', 'three', ago(20 * minute)), runs(production, 'three', ago(20 * minute))],
    ]
    expect(names(...story, quarantined(production, 'three'))).toBe('rollback of two')
  })

  test('to restore goes to the release that was named', () => {
    const story = [
      runs(production, 'three', ago(hour)),
      brought(production, 'two', 'three', ago(hour)),
      restored('three', 'one', ago(30_000)),
    ]
    expect(wantedThere(...story)).toMatchObject({
      is: 'rollback',
      release: { id: releaseNamed('one').id },
      takesBack: null,
    })
  })
})

describe('a quarantined release that runs', () => {
  const twoIsThere = [
    ...twoIsReady,
    runs(production, 'two', ago(10 * minute)),
    brought(production, 'one', 'two', ago(10 * minute)),
  ] as const

  test('is taken back, exactly the promotion that brought it', () => {
    const wanted = wantedThere(...twoIsThere, quarantined(production, 'two'))
    expect(wanted).toMatchObject({
      is: 'rollback',
      release: { alias: 'one' },
      wish: { is: 'take-back', merge: shaOf('merge two') },
    })
  })

  test('is taken back while manifests are broken, the breaker is open or the slot is ungated (I13)', () => {
    const held = [
      recorded({ kind: 'breaker', at: ago(minute), environment: 'production', why: 'too many' }),
      recorded({ kind: 'ungated', at: ago(minute), commit: shaOf('push'), slots: [production], why: '' }),
    ]
    expect(names(...twoIsThere, quarantined(production, 'two'), ...held)).toBe('rollback of one')
  })

  test.each<[string, readonly Verb[], string]>([
    [
      'no promotion of ours brought it',
      [...twoIsReady, runs(production, 'two', ago(10 * minute)), quarantined(production, 'two')],
      'rollback.nothing-to-take-back',
    ],
    [
      'it was taken back to once already (T47)',
      [
        ...twoIsReady,
        runs(production, 'two', ago(minute)),
        brought(production, 'three', 'two', ago(minute), { kind: 'rollback' }),
        quarantined(production, 'two'),
      ],
      'rollback.once',
    ],
    [
      'what was there before is quarantined too',
      [...twoIsThere, quarantined(production, 'two'), quarantined(production, 'one')],
      'rollback.to-quarantined',
    ],
  ])('stays where %s', (_, verbs, reason) => expect(names(...verbs)).toBe(reason))

  test('is mended by a newer release where it cannot be taken back, or somebody closed the rollback', () => {
    const three = [runs(staging, 'three', ago(2 * hour)), witnessed(staging, 'three', ago(80 * minute), ago(minute))]
    const rollback = intentTo(production, 'one', { kind: 'rollback', replaces: releaseNamed('two') })
    const isClosed = closed(44, rollback, ago(10_000))
    expect(names(...twoIsThere, quarantined(production, 'two'), ...three)).toBe('rollback of one')
    expect(names(...twoIsThere, quarantined(production, 'two'), ...three, isClosed)).toBe('promotion of three')
    expect(names(...twoIsThere, quarantined(production, 'two', now), ...three, isClosed)).toBe('rollback of one')
    expect(names(runs(production, 'two', ago(minute)), quarantined(production, 'two'), ...three)).toBe(
      'promotion of three',
    )
  })

  test('is not looked for in a history that was rewritten (T15)', () => {
    const rewritten = { upTo: shaOf('lost'), ungated: [], mismatched: [], rewritten: true }
    expect(names(...twoIsThere, quarantined(production, 'two'), snapshotIs({ audit: rewritten }))).toBe(
      'history.rewritten',
    )
  })
})
