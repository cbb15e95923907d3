import { expect } from 'vitest'
import { crashPods } from './crash-pods.ts'
import { type App, digestOf, type World } from './world.ts'

/** The pods of what was applied elsewhere are looked at there; what Sluice could see of them beside the controllers is not. */
export async function isLookedAtInItsSpoke(
  { rig }: World,
  { sightings, door, namespace, release }: App,
): Promise<void> {
  door.withhold('pods', 'deployments', 'replicasets')
  await sightings.until({ is: 'healthy' })
  const commit = await release(digestOf('b'))
  const { sighting } = await sightings.until({ is: 'healthy', revision: commit })
  expect(sighting).not.toHaveProperty('infrastructure')
  const from = sightings.mark()
  await crashPods(rig.kube, namespace, digestOf('b'))
  await sightings.until({ is: 'progressing', isCrashing: true, revision: commit }, { from })
  sightings.never(['unknown'], from)
}
