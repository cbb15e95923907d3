import { expect } from 'vitest'
import { image } from './app-files.ts'
import { type App, digestOf, type World } from './world.ts'

/** Beside the app's Deployment, and as new with each release. */
export const database: Readonly<Record<string, string>> = {
  'db.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  replicas: 1
  serviceName: db
  selector:
    matchLabels: { app: db }
  template:
    metadata:
      labels: { app: db }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: db
          image: ${image}
`,
}

/**
 * A namespace in which no pod can be made any more: a Deployment says so in a condition, a StatefulSet in events, and the
 * controller says nothing of either. No release answers for that, and it is well by itself once there is room.
 */
export async function blamesNoReleaseForAQuota({ rig }: World, app: App): Promise<void> {
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', namespace: app.namespace, name: 'full' }
  const { namespace, name, ...kind } = quota
  await app.sightings.until({ is: 'healthy' })
  await rig.kube.apply({ ...kind, metadata: { namespace, name }, spec: { hard: { pods: '0' } } })
  const from = app.sightings.mark()
  const commit = await app.release(digestOf('b'))
  const { sighting } = await app.sightings.until({ is: 'failed', revision: commit })
  expect(sighting).toMatchObject({
    infrastructure: expect.stringContaining('quota'),
    detail: expect.stringMatching(/no pod can be made: .*exceeded quota: full/),
  })
  const failing = 'objects' in sighting ? sighting.objects?.map(({ kind: one }) => one).toSorted() : []
  expect(failing).toEqual(['Deployment', 'StatefulSet'])
  for (const seen of app.sightings.all().slice(from))
    if (seen.sighting.is === 'failed') expect(seen.sighting).toHaveProperty('infrastructure')
  await rig.kube.remove(quota)
  await app.sightings.until({ is: 'healthy', revision: commit })
}
