import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toInstant } from '../../src/domain/ids.ts'
import { healthyFor, ranIn } from '../../src/promotion/plan/witness.ts'
import {
  ago,
  aWorld,
  contentOf,
  healthIs,
  hour,
  minute,
  now,
  production,
  releaseNamed,
  runs,
  slotIs,
  witnessed,
} from './world.ts'

const span = (from: number, until: number) => ({ from: toInstant(from), until: toInstant(until) })

describe('healthy time', () => {
  test('counts what overlaps once', () => {
    expect(healthyFor({ healthy: [span(0, 10), span(5, 20), span(30, 40)] })).toBe(30)
    expect(healthyFor({ healthy: [span(5, 6), span(0, 10)] })).toBe(10)
    expect(healthyFor({ healthy: [] })).toBe(0)
  })

  test('is as many instants as lie in a stretch (property)', () => {
    const stretch = fc.tuple(fc.nat(30), fc.nat(30)).map(([a, b]) => span(Math.min(a, b), Math.max(a, b)))
    fc.assert(
      fc.property(fc.array(stretch), (healthy) => {
        const instants = Array.from({ length: 30 }, (_, at) => at)
        const covered = instants.filter((at) => healthy.some(({ from, until }) => from <= at && at < until))
        expect(healthyFor({ healthy })).toBe(covered.length)
      }),
    )
  })
})

describe('what ran in a slot', () => {
  test('is what is on record together with what is seen now, oldest first', () => {
    const { snapshot } = aWorld(runs(production, 'two', ago(hour)))
    expect(ranIn(snapshot, production).map(({ release, failedAt }) => [release.id, failedAt])).toEqual([
      [releaseNamed('one').id, null],
      [releaseNamed('two').id, null],
    ])
    expect(ranIn(snapshot, production)[1]?.healthy).toEqual([
      { from: ago(hour), until: now, inputs: contentOf(production, 'two') },
    ])
  })

  test('was not healthy before it settled (T45)', () => {
    const settling = { is: 'progressing', since: now, reason: 'health.settling', detail: '' } as const
    const { snapshot } = aWorld(runs(production, 'two', ago(hour)), slotIs(production, { health: settling }))
    expect(ranIn(snapshot, production)[1]?.healthy).toEqual([])
  })

  test('failed when the last that was seen of it is a failure', () => {
    const { snapshot } = aWorld(
      runs(production, 'two', ago(minute)),
      witnessed(production, 'two', ago(5 * minute), ago(4 * minute), 'failed'),
      healthIs(production, { is: 'unknown', reason: 'cluster.unreachable', detail: '' }),
    )
    expect(ranIn(snapshot, production).find(({ release }) => release.alias === 'two')?.failedAt).toEqual(
      ago(4 * minute),
    )
  })
})
