import { expect, test } from 'vitest'
import { readArgo } from '../../../../src/adapters/delivery/argo-cd/read-argo.ts'
import type { ClusterApi } from '../../../../src/adapters/delivery/cluster/cluster-api.ts'
import { isRead } from '../../../../src/adapters/delivery/cluster/family.ts'
import type { Sighting } from '../../../../src/domain/health.ts'
import type { ExpectedDelivery } from '../../../../src/ports/delivery.ts'
import { application, before, expected, operation, read, sync, wanted } from './application-objects.ts'

type Objects = readonly Readonly<Record<string, unknown>>[]

/** What is said of an Application of a cluster that holds these objects. */
async function seen(lists: { readonly applications: Objects; readonly appprojects?: Objects }, one = expected) {
  const api: Pick<ClusterApi, 'list'> = {
    list: async (collection) => {
      const objects = lists[collection.split('/').at(-1) as keyof typeof lists] ?? []
      return { is: 'listed', objects, version: '1' }
    },
  }
  const family = await readArgo(api as ClusterApi, read().at)
  if (!isRead(family)) throw new Error(family.detail)
  return family.judge(one) satisfies Sighting
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
  const sighting = await seen({ applications, appprojects: [closed] }, inTeam)
  expect(sighting).toMatchObject({ is: 'waiting', reason: 'argo.sync-window' })
})
