import { expect, test } from 'vitest'
import { readArgo } from '../../../../src/adapters/delivery/argo-cd/read-argo.ts'
import type { ClusterApi } from '../../../../src/adapters/delivery/cluster/cluster-api.ts'
import { type FamilyRead, isRead } from '../../../../src/adapters/delivery/cluster/family.ts'
import type { ExpectedDelivery } from '../../../../src/ports/delivery.ts'
import { application, before, expected, operation, read, sync, wanted } from './application-objects.ts'

type Objects = readonly Readonly<Record<string, unknown>>[]

interface Lists {
  readonly applications: Objects
  readonly appprojects?: Objects
}

/** Applications of a cluster that holds these objects. */
async function familyOf(lists: Lists): Promise<FamilyRead> {
  const api: Pick<ClusterApi, 'list'> = {
    list: async (collection) => {
      const objects = lists[collection.split('/').at(-1) as keyof typeof lists] ?? []
      return { is: 'listed', objects, version: '1' }
    },
  }
  const family = await readArgo(api as ClusterApi, read().at)
  if (!isRead(family)) throw new Error(family.detail)
  return family
}

test('an Application of any namespace waits for the windows of its project, which is where Argo CD is', async () => {
  const inTeam: ExpectedDelivery = { ...expected, spec: { ...expected.spec, namespace: 'team-a' } }
  const behind = { sync: sync('OutOfSync', wanted), operationState: operation('Succeeded', before) }
  const applications = [
    application({
      metadata: { namespace: 'team-a' },
      spec: { project: 'team' },
      status: { ...behind, controllerNamespace: 'argocd' },
    }),
  ]
  const syncWindows = [{ kind: 'deny', schedule: '* * * * *', duration: '24h', applications: ['*'] }]
  const closed = { metadata: { name: 'team', namespace: 'argocd' }, spec: { syncWindows } }
  const family = await familyOf({ applications, appprojects: [closed] })
  expect(family.judge(inTeam)).toMatchObject({ is: 'waiting', reason: 'argo.sync-window' })
})

test('an Application that renders others fails with them, for which what they have applied is looked at too', async () => {
  const rendered = { group: 'argoproj.io', kind: 'Application', namespace: 'argocd', name: 'redis', status: 'Synced' }
  const nested = { ...rendered, name: 'cache' }
  const own = { kind: 'Service', namespace: 'api-staging', name: 'api' }
  const parent = application({ status: { resources: [{ ...own, status: 'Synced' }, rendered] } })
  const child = application({ metadata: { name: 'redis' }, status: { resources: [nested] } })
  const grandchild = (health: string) =>
    application({ metadata: { name: 'cache' }, status: { health: { status: health, message: '' } } })
  const well = await familyOf({ applications: [parent, child, grandchild('Healthy')] })
  const { status: _, group: _group, ...named } = rendered
  expect(well.judge(expected)).toMatchObject({ is: 'healthy' })
  expect(well.applied(expected)).toEqual({ objects: [own, named] })
  const ill = await familyOf({ applications: [parent, child, grandchild('Degraded')] })
  expect(ill.judge(expected)).toMatchObject({ is: 'failed', reason: 'argo.child-failed' })
  const deployment = { kind: 'Deployment', namespace: 'api-staging', name: 'api' }
  expect(ill.applied(expected)).toEqual({ objects: [own, named, { ...named, name: 'cache' }, deployment, own] })
})
