import { expect, test } from 'vitest'
import { checkClusters } from '../../src/cli/doctor/check-clusters.ts'
import type { Delivery } from '../../src/ports/delivery.ts'

type Answers = Awaited<ReturnType<Delivery['clusters']>>

const check = (...clusters: Answers) =>
  checkClusters({
    delivery: { clusters: async () => clusters, read: async () => new Map(), watch: () => ({ stop: async () => {} }) },
  })

test('doctor says of a cluster whose pods cannot be read what that costs, and what mends it', async () => {
  const refused = 'v1/pods: cluster.refused: GET /api/v1/pods: 403, pods is forbidden'
  expect(await check({ cluster: 'eu' }, { cluster: 'us', unread: [refused] })).toEqual([
    { is: 'ok', what: 'cluster eu', says: 'answers, and shows what is read of it', fix: null },
    {
      is: 'warn',
      what: 'cluster us',
      says: `shows its delivery objects, but not in all namespaces ${refused}`,
      fix: expect.stringMatching(/^bind all of manifests\/cluster-role\.yaml, .*nothing counts as healthy/),
    },
  ])
})

test('doctor fails for a cluster that shows no delivery objects', async () => {
  const findings = await check({ cluster: 'eu', problem: 'cluster.refused: GET /apis: 403' })
  expect(findings).toMatchObject([{ is: 'fail', says: 'cluster.refused: GET /apis: 403' }])
})
