import { expect } from 'vitest'
import { type Content, foldHealth, type Look } from '../adapters/delivery/fold-health.ts'

/** Settling takes longer than the interval of the controllers, and confirming longer than their look at a new commit. */
const patience = { settle: 5_000, confirm: 20_000, deadline: 120_000, watch: 1_800_000 }
const atLeastMs = 30_000

/** Asserts that the content has been healthy in one stretch, from its first healthy look to the last of these. */
export function soaksWithoutABreak(looks: readonly Look[], content: Content): void {
  const tracks = foldHealth(looks, content, patience)
  const begins = tracks.flatMap(({ healthy }) => (healthy === null ? [] : [healthy.from]))
  const between = looks.filter(({ at, sighting }) => at >= (begins[0] ?? 0) && sighting.is !== 'healthy')
  expect([...new Set(begins)], `one stretch; seen between: ${JSON.stringify(between)}`).toEqual(begins.slice(0, 1))
  const last = tracks.at(-1)
  expect(last?.health).toEqual({ is: 'healthy', since: begins[0] })
  expect((last?.healthy?.until ?? 0) - (last?.healthy?.from ?? 0)).toBeGreaterThan(atLeastMs)
}
