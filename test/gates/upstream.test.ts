import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import type { Health } from '../../src/domain/health.ts'
import { toInstant } from '../../src/domain/ids.ts'
import type { UpstreamRelease, UpstreamWitness } from '../../src/gates/evidence.ts'
import { sentenceOf } from '../../src/gates/sentences.ts'
import { judgeGate } from '../../src/gates/table.ts'
import {
  ago,
  change,
  context,
  digest,
  evidence,
  isUnavailable,
  known,
  newRelease,
  now,
  object,
  oldRelease,
  pinned,
  release,
} from './facts.ts'

const minutes = 60_000
const gate = { type: 'upstream', name: 'soaked', binds: ['promotion', 'edit'], soak: 10 * minutes } as const
const healthy: Health = { is: 'healthy', since: ago(60 * minutes) }
const unknown: Health = { is: 'unknown', reason: 'cluster.unreachable', detail: 'no answer' }
const failed: Health = {
  is: 'failed',
  since: ago(minutes),
  reason: 'HealthCheckFailed',
  detail: 'api is down',
  objects: [],
}

const seen = (differs: Partial<UpstreamRelease> = {}, of = newRelease): UpstreamRelease => ({
  ...{ release: of.id, parts: of.parts, healthy: [{ from: ago(60 * minutes), until: null }], failed: false },
  ...differs,
})
const staging = (differs: Partial<UpstreamWitness> = {}): UpstreamWitness => ({
  ...{ environment: 'staging', runs: newRelease, health: healthy, witnessed: [seen()] },
  ...differs,
})
const judge = (witness: UpstreamWitness, differs: Partial<Change> = {}, soak = gate.soak) =>
  judgeGate({ ...gate, soak }, change(differs), evidence({ upstream: () => known([witness]) }), context)
const saying = (...args: Parameters<typeof judge>) => {
  const { is, reason } = judge(...args)
  return `${is} ${reason}`
}
const span = (from: number, until: number | null) => ({
  from: ago(from * minutes),
  until: until === null ? null : ago(until * minutes),
})
const withSidecar = release({ 'ghcr.io/acme/api': digest('b'), 'ghcr.io/acme/sidecar': digest('c') })

const ownSidecar = (letter: string, api = 'a') =>
  pinned(release({ 'ghcr.io/acme/api': digest(api), 'ghcr.io/acme/own': digest(letter) }))

/** The images of the slot's one Deployment, before and after. */
function renders(before: readonly string[], after: readonly string[]): Pick<Change, 'difference'> {
  const is = object(after)
  return {
    difference: { is: 'rendered', after: [is], changed: [{ is: 'changed', before: object(before), after: is }] },
  }
}
const api = (letter: string, name = 'ghcr.io/acme/api') => `${name}@${digest(letter)}`
const own = (letter: string) => api(letter, 'ghcr.io/acme/own')

describe('an image that no environment upstream names', () => {
  const edit = {
    kind: 'edit',
    replaces: ownSidecar('c'),
    ...renders([api('a'), own('c')], [api('a'), own('d')]),
  } as const
  test('passes by itself, and hides nothing that comes with it', () => {
    const before = staging({ runs: oldRelease, witnessed: [seen({}, oldRelease)] })
    expect(saying(before, { ...edit, release: ownSidecar('d') })).toBe('pass upstream.own')
    expect(saying(before, { ...edit, release: ownSidecar('d', 'b') })).toBe('wait upstream.never-ran')
    expect(saying(staging({ runs: null, witnessed: [] }), { ...edit, release: ownSidecar('d') })).toBe(
      'wait upstream.never-ran',
    )
    const had = seen({}, withSidecar)
    const dropped = renders([api('b')], [api('b'), api('c', 'ghcr.io/acme/sidecar')])
    const hasDropped = { ...edit, ...dropped, replaces: pinned(newRelease), release: pinned(withSidecar) }
    expect(saying(staging({ witnessed: [seen(), { ...had, healthy: [] }] }), hasDropped)).toBe('wait upstream.soaking')
  })

  test('lets a failure of exactly this release stand, whatever this overlay holds beside', () => {
    const soakedElsewhere = seen({}, withSidecar)
    const failedThere = staging({ runs: withSidecar, witnessed: [seen({ failed: true }), soakedElsewhere] })
    const promoted = { replaces: ownSidecar('c'), release: ownSidecar('c', 'b') }
    expect(saying(failedThere, promoted)).toBe('fail upstream.failed')
  })
})

describe('what a file beside the overlay brings, as a kustomization that regions of production share (I2)', () => {
  const inherits = pinned(release({}))
  const edit = { kind: 'edit', release: inherits, replaces: inherits } as const
  const before = staging({ runs: oldRelease, witnessed: [seen({}, oldRelease)] })
  const brings = (was: readonly string[], is: readonly string[], witness = before, differs: Partial<Change> = edit) =>
    saying(witness, { ...differs, ...renders(was, is) })

  test('waits as it would in the overlay, until it soaked upstream', () => {
    expect(brings([api('a')], [api('b')])).toBe('wait upstream.never-ran')
    expect(judge(before, { ...edit, ...renders([api('a')], [api('b')]) }).values.parts).toBe('image ghcr.io/acme/api')
    expect(brings([api('a')], [api('b')], staging({ witnessed: [seen({ healthy: [span(9, null)] })] }))).toBe(
      'wait upstream.soaking',
    )
    expect(brings([api('a')], [api('b')], staging())).toBe('pass upstream.soaked')
    expect(brings([api('a')], [api('b')], staging({ health: failed }))).toBe('fail upstream.failed')
  })

  test('is not credited to a release of upstream that names nothing, as this overlay does', () => {
    const namedNothing = [seen({}, release({})), seen({}, oldRelease)]
    expect(brings([api('a')], [api('b')], staging({ runs: oldRelease, witnessed: namedNothing }))).toBe(
      'wait upstream.never-ran',
    )
    expect(brings([api('a')], [api('b')], staging({ runs: release({}), witnessed: namedNothing }))).toBe(
      'wait upstream.never-ran',
    )
  })

  test('hides behind no other release that the same change brings', () => {
    const both = { ...edit, release: pinned(newRelease), replaces: pinned(oldRelease) }
    const named = staging({ witnessed: [seen(), seen({ healthy: [] }, withSidecar)] })
    const sidecar = (letter: string) => api(letter, 'ghcr.io/acme/sidecar')
    expect(brings([api('a'), sidecar('c')], [api('b'), sidecar('c')], named, both)).toBe('pass upstream.soaked')
    expect(brings([api('a'), sidecar('c')], [api('b'), sidecar('e')], named, both)).toBe('wait upstream.never-ran')
  })

  test.each<[string, readonly string[], readonly string[]]>([
    ['by a tag', [api('a')], ['ghcr.io/acme/api:2']],
    ['under the long name of the same image', [api('a')], [api('b', 'GHCR.io/acme/api')]],
    ['under another name, in the place of what upstream promotes', [api('a')], [api('b', 'mirror.example/other')]],
    [
      'under the name that the overlay gives what upstream promotes',
      [api('a', 'eu.example/a')],
      [api('b', 'eu.example/a')],
    ],
    [
      'by a digest that upstream knows by another name, and never saw well',
      [own('c')],
      [own('c'), api('a', 'eu.example/a')],
    ],
  ])('waits where it comes %s', (_, was, is) => {
    const unwell = staging({ runs: oldRelease, witnessed: [seen({ healthy: [] }, oldRelease)] })
    expect(brings(was, is, unwell)).toMatch(/^wait upstream\.(never-ran|soaking)$/)
  })

  test('waits where a workload goes and another comes in its place, under another name', () => {
    const [gone, comes] = [object([api('a')], 'Deployment'), object([api('b', 'mirror.example/other')], 'StatefulSet')]
    const changed = [
      { is: 'removed', before: gone },
      { is: 'added', after: comes },
    ] as const
    const difference = { is: 'rendered', after: [comes], changed } as const
    expect(saying(before, { ...edit, difference })).toBe('wait upstream.never-ran')
  })

  test.each<[string, readonly string[], readonly string[]]>([
    ['the same digest from another registry', [api('a')], [api('a', 'mirror.example/acme/api')]],
    ['an image of its own', [api('a'), own('c')], [api('a'), own('d')]],
    ['an image more', [api('a')], [api('a'), own('c')]],
    ['an image less', [api('a'), own('c')], [api('a')]],
    ['no image', [api('a')], [api('a')]],
  ])('passes where it is %s', (_, was, is) => expect(brings(was, is)).toBe('pass upstream.own'))

  test('waits where nothing is known of upstream', () => {
    expect(brings([own('c')], [own('d')], staging({ runs: null, witnessed: [] }))).toBe('wait upstream.never-ran')
  })

  test('another workload that runs what runs here already brings nothing', () => {
    const [old, job] = [object([api('a')]), object([api('a')], 'CronJob', 'batch/v1')]
    const difference = { is: 'rendered', after: [old, job], changed: [{ is: 'added', after: job }] } as const
    expect(saying(before, { ...edit, difference })).toBe('pass upstream.own')
  })
})

describe('the gate upstream', () => {
  test.each<[string, UpstreamWitness, string]>([
    ['I2 passes when it soaked', staging(), 'pass upstream.soaked'],
    [
      'I2 waits when it never ran there',
      staging({ runs: oldRelease, witnessed: [seen({}, oldRelease)] }),
      'wait upstream.never-ran',
    ],
    ['waits while it soaks', staging({ witnessed: [seen({ healthy: [span(9, null)] })] }), 'wait upstream.soaking'],
    [
      'counts stretches together',
      staging({ witnessed: [seen({ healthy: [span(60, 54), span(5, null)] })] }),
      'pass upstream.soaked',
    ],
    [
      'counts overlapping stretches once',
      staging({ witnessed: [seen({ healthy: [span(60, 54), span(60, 54)] })] }),
      'wait upstream.soaking',
    ],
    [
      'credits the release after upstream moved on',
      staging({ runs: oldRelease, witnessed: [seen({ healthy: [span(60, 40)] })] }),
      'pass upstream.soaked',
    ],
    [
      'does not count an open stretch of a release that no longer runs',
      staging({ runs: oldRelease }),
      'wait upstream.soaking',
    ],
    ['I6 waits while upstream cannot be seen', staging({ health: unknown }), 'wait upstream.unknown'],
    [
      'I6 waits while upstream cannot be seen, whatever was seen before',
      staging({ health: unknown, witnessed: [seen({ healthy: [span(60, 1)] })] }),
      'wait upstream.unknown',
    ],
    [
      'fails while it is failing there',
      staging({ health: failed, witnessed: [seen({ healthy: [span(60, 1)] })] }),
      'fail upstream.failed',
    ],
    [
      'fails when it failed there',
      staging({ runs: oldRelease, witnessed: [seen({ failed: true, healthy: [span(60, 1)] })] }),
      'fail upstream.failed',
    ],
    [
      'passes a part that ran there in another release',
      staging({ runs: withSidecar, witnessed: [seen({}, withSidecar)] }),
      'pass upstream.soaked',
    ],
    [
      'fails when another release with the same part failed',
      staging({ runs: withSidecar, witnessed: [seen({ failed: true, healthy: [] }, withSidecar)] }),
      'fail upstream.failed',
    ],
    [
      'passes when another release with the same part failed, and the part then soaked',
      staging({ witnessed: [seen(), seen({ failed: true, healthy: [] }, withSidecar)] }),
      'pass upstream.soaked',
    ],
    [
      'counts by id where the parts are no longer known',
      staging({ witnessed: [seen({ parts: null })] }),
      'pass upstream.soaked',
    ],
  ])('%s', (_name, witness, expected) => {
    expect(saying(witness)).toBe(expected)
  })

  test.each<[string, Partial<Change>, string]>([
    [
      'passes what only this overlay holds',
      { kind: 'edit', release: pinned(oldRelease), ...renders([api('a'), own('c')], [api('a'), own('d')]) },
      'pass upstream.own',
    ],
    ['passes a removal', { kind: 'edit', release: { is: 'absent' } }, 'pass upstream.own'],
    [
      'waits for what other environments share',
      { kind: 'edit', release: pinned(oldRelease), sharedPaths: ['apps/api/base'] },
      'wait upstream.shared',
    ],
    ['waits for a shared change beside a soaked release', { sharedPaths: ['apps/api/base'] }, 'wait upstream.shared'],
    [
      'passes a shared change that renders to nothing new',
      {
        release: pinned(oldRelease),
        sharedPaths: ['apps/api/base'],
        difference: { is: 'rendered', after: [], changed: [] },
      },
      'pass upstream.own',
    ],
    ['waits where nothing is pinned', { release: { is: 'unpinned', images: [] } }, 'wait upstream.no-release'],
    ['asks for every part of a first release', { replaces: { is: 'absent' } }, 'pass upstream.soaked'],
  ])('%s', (_name, differs, expected) => {
    expect(saying(staging(), differs)).toBe(expected)
  })

  test('says of an overlay that is new how an application comes', () => {
    const before = staging({ runs: null, witnessed: [] })
    const verdict = judge(before, { kind: 'edit', replaces: { is: 'absent' } })
    expect(verdict).toMatchObject({ is: 'wait', reason: 'upstream.new-here' })
    expect(sentenceOf(verdict)).toBe(
      'It is new here and never ran in staging: image ghcr.io/acme/api. An application comes environment by environment: to staging first, then here with what soaked there (docs/layouts.md).',
    )
    expect(saying(staging({ health: failed }), { kind: 'edit', replaces: { is: 'absent' } })).toBe(
      'fail upstream.failed',
    )
  })

  test('says when the soak will be over', () => {
    expect(judge(staging({ witnessed: [seen({ healthy: [span(9, null)] })] })).nextLook).toBe(now + minutes)
  })

  test('promises no time while the soak stands still', () => {
    expect(
      judge(staging({ runs: oldRelease, witnessed: [seen({ healthy: [span(60, 59)] })] })).nextLook,
    ).toBeUndefined()
  })

  test.each<[string, UpstreamWitness[], string, string]>([
    [
      'passes when it soaked in each',
      [staging(), staging({ environment: 'canary' })],
      'pass upstream.soaked',
      'staging',
    ],
    ['waits for one that never ran it', [staging()], 'wait upstream.never-ran', 'canary'],
    [
      'waits for one that does not hold the application',
      [staging(), staging({ environment: 'canary', runs: null, health: unknown, witnessed: [] })],
      'wait upstream.never-ran',
      'canary',
    ],
    [
      'waits for one where it soaks still',
      [staging(), staging({ environment: 'canary', witnessed: [seen({ healthy: [span(9, null)] })] })],
      'wait upstream.soaking',
      'canary',
    ],
    [
      'adds no time of one to that of another',
      [
        staging({ runs: oldRelease, witnessed: [seen({ healthy: [span(60, 54)] })] }),
        staging({ environment: 'canary', runs: oldRelease, witnessed: [seen({ healthy: [span(50, 44)] })] }),
      ],
      'wait upstream.soaking',
      'staging',
    ],
    [
      'waits while one cannot be seen',
      [staging(), staging({ environment: 'canary', health: unknown })],
      'wait upstream.unknown',
      'canary',
    ],
    [
      'fails when it failed in one, whatever the other saw',
      [staging({ environment: 'canary', runs: oldRelease, witnessed: [seen({ failed: true })] }), staging()],
      'fail upstream.failed',
      'canary',
    ],
    [
      'fails when it failed in one and never came to the other',
      [staging({ runs: oldRelease, witnessed: [seen({ failed: true })] })],
      'fail upstream.failed',
      'staging',
    ],
    [
      'credits what it had in one that went back since, as in one that moved on',
      [
        staging({ runs: oldRelease, witnessed: [seen({ healthy: [span(60, 40)] })] }),
        staging({ environment: 'canary' }),
      ],
      'pass upstream.soaked',
      'staging',
    ],
  ])('of several environments: %s', (_name, witnesses, expected, environment) => {
    const both = { ...context, upstream: ['staging', 'canary'] }
    const { is, reason, values } = judgeGate(gate, change(), evidence({ upstream: () => known(witnesses) }), both)
    expect([`${is} ${reason}`, values.environment]).toEqual([expected, environment])
  })

  test('waits where the state cannot be read', () => {
    const verdict = judgeGate(gate, change(), evidence({ upstream: () => isUnavailable }), context)
    expect(verdict).toMatchObject({ is: 'wait', reason: 'evidence.unavailable' })
  })

  test('I2 never passes with less healthy time in sum than the soak', () => {
    const spans = fc.array(fc.record({ from: fc.nat(100), length: fc.nat(20) }), { maxLength: 8 })
    fc.assert(
      fc.property(spans, fc.integer({ min: 1, max: 60 }), (some, soak) => {
        const closed = some.map(({ from, length }) => span(from, Math.max(0, from - length)))
        const witness = staging({ runs: oldRelease, witnessed: [seen({ healthy: closed })] })
        const minute = (at: number) => closed.some(({ from, until }) => from <= at && (until ?? 0) >= at + minutes)
        const total = Array.from({ length: 101 }, (_, at) => toInstant(now - at * minutes)).filter(minute).length
        expect(judge(witness, {}, soak * minutes).is === 'pass').toBe(total >= soak)
      }),
    )
  })
})
