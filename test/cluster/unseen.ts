import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import type { DoorState } from './rig/api-door.ts'
import { type App, digestOf } from './world.ts'

/** The API server is away for Sluice alone, while a release is merged and applied: it says nothing at all of it until it is back. */
export async function goesOnUnseen({ sightings, door, release }: App, state: DoorState): Promise<void> {
  await sightings.until({ is: 'healthy' })
  const before = sightings.mark()
  door.set(state)
  const first = await sightings.until({ is: 'unknown', reason: expect.stringMatching(/^cluster\./) }, { from: before })
  const looks = sightings.looks().length
  const commit = await release(digestOf('b'))
  await pause(10_000)
  expect(sightings.looks().length - looks, 'it looks all along').toBeGreaterThan(2)
  // A stale `healthy` would count for the soak.
  sightings.never(['healthy', 'progressing', 'waiting', 'failed'], sightings.all().indexOf(first))
  door.set('open')
  await sightings.until({ is: 'healthy', revision: commit })
  sightings.never(['failed'])
}
