import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import type { HealthSettings } from '../../src/domain/health.ts'
import { foldHealth } from '../adapters/delivery/fold-health.ts'
import { type App, digestOf, type World } from './world.ts'

/** Less than it stands still for, but for what is confirmed: a look that hangs half-way is no verdict. */
const patience: HealthSettings = { settle: 0, confirm: 20_000, deadline: 6_000, watch: 1_800_000 }

/**
 * While nobody acts on what is merged: what runs soaks on in one stretch, and of what was merged nothing is said, neither that
 * it is well nor that it failed. Hands back what runs, and the bad commit that waits.
 */
export async function saysNothingOfWhatWaits(
  { rig }: World,
  { sightings, namespace, release }: App,
  stop: () => void | Promise<void>,
): Promise<{ readonly runs: string; readonly waits: string }> {
  const { sighting } = await sightings.until({ is: 'healthy' })
  const runs = 'revision' in sighting ? String(sighting.revision) : ''
  await stop()
  const looked = sightings.looks().length
  const from = sightings.mark()
  await rig.badImage(digestOf('d'), 'crash', namespace)
  const waits = await release(digestOf('d'))
  await pause(8_000)
  sightings.never(['failed', 'waiting'], from)
  const looks = sightings.looks()
  expect(looks.length - looked, 'it looks all along').toBeGreaterThan(3)

  const running = foldHealth(looks, [runs], patience).slice(looked)
  const soaks = new Set(running.map(({ health }) => (health.is === 'healthy' ? health.since : health)))
  expect([...soaks], 'one stretch, and its beginning').toEqual([expect.any(Number)])
  const waiting = foldHealth(looks, [waits], patience)
  expect(waiting.filter(({ healthy, health }) => healthy !== null || health.is === 'failed')).toEqual([])
  return { runs, waits }
}

/** Whoever looks at the pods sees them crash, whatever their controller said last: that is no soak. */
export async function soaksNoMore({ sightings }: App, runs: string): Promise<void> {
  const from = sightings.looks().length
  await sightings.until({ is: 'progressing', isCrashing: true, revision: runs }, { withinMs: 10_000 })
  await pause(2_000)
  sightings.never(['failed'])
  const crashed = sightings.looks().findIndex(({ sighting }, index) => index >= from && 'isCrashing' in sighting)
  const tracks = foldHealth(sightings.looks(), [runs], patience).slice(crashed)
  expect(tracks.filter(({ healthy }) => healthy !== null)).toEqual([])
}
