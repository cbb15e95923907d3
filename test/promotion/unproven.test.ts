import { describe, expect, test } from 'vitest'
import { digestOf } from '../../src/domain/hash.ts'
import { type Instant, type SlotKey, toInstant } from '../../src/domain/ids.ts'
import type { OverlayRelease } from '../../src/domain/release.ts'
import type { OverlayFacts, Overlays } from '../../src/promotion/observe/overlays.ts'
import { trackHealth } from '../../src/promotion/observe/track-health.ts'
import { isOnItsWay, isUnproven } from '../../src/promotion/observe/unproven.ts'
import { config, contentOf, dev, production, releaseNamed, shaOf, staging } from './world.ts'

const settings = { settle: 30_000, confirm: 120_000, deadline: 900_000, watch: 1_800_000 }
const one = contentOf(dev, 'one')
const two = contentOf(dev, 'two')
const seconds = (number: number): Instant => toInstant(number * 1000)
const at = { inputs: one, isOnItsWay: false, watch: settings.watch, now: seconds(60) }
const well = { is: 'healthy' } as const

describe('what is looked at closely', () => {
  const found = trackHealth(undefined, one, well, settings, seconds(0))
  const brought = trackHealth(trackHealth(undefined, two, well, settings, seconds(0)), one, well, settings, seconds(10))

  test('is what came while this process ran, for as long as `watch`', () => {
    expect(isUnproven({ ...at, before: brought })).toBe(true)
    expect(isUnproven({ ...at, before: brought, inputs: two })).toBe(true)
    expect(isUnproven({ ...at, before: brought, now: toInstant(settings.watch + 9_999) })).toBe(true)
    expect(isUnproven({ ...at, before: brought, now: toInstant(settings.watch + 10_000) })).toBe(false)
  })

  test('is what ran already when this process began only while it is still on its way: a restart lets nothing flap through (T45)', () => {
    for (const before of [undefined, found]) {
      expect(isUnproven({ ...at, before })).toBe(false)
      expect(isUnproven({ ...at, before, isOnItsWay: true })).toBe(true)
    }
  })
})

describe('a release is on its way', () => {
  const pinned = (name: string): OverlayRelease => ({ is: 'pinned', release: releaseNamed(name) })
  const facts = (key: SlotKey, release: OverlayRelease): OverlayFacts => ({
    ...{ key, application: 'api', environment: key.slice('api/'.length), overlay: `apps/${key}` },
    ...{ paths: new Set(), folders: [], inputs: digestOf(key), release },
  })
  const holding = (...releases: readonly [SlotKey, OverlayRelease][]): Overlays => ({
    tree: shaOf('tree'),
    bySlot: new Map(releases.map(([key, release]) => [key, facts(key, release)])),
  })

  test('while the next environment holds another one', () => {
    const overlays = holding([dev, pinned('new')], [staging, pinned('old')], [production, pinned('old')])
    const [first, second, last] = [...overlays.bySlot.values()] as [OverlayFacts, OverlayFacts, OverlayFacts]
    expect(isOnItsWay(config, overlays, first)).toBe(true)
    expect(isOnItsWay(config, overlays, second)).toBe(false)
    expect(isOnItsWay(config, overlays, last)).toBe(false)
  })

  test('not where the next environment has no such application', () => {
    const overlays = holding([dev, pinned('new')])
    expect(isOnItsWay(config, overlays, overlays.bySlot.get(dev) as OverlayFacts)).toBe(false)
  })
})
