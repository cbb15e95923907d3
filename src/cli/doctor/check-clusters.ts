import type { OpenForge } from '../world.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

export async function checkClusters({ delivery }: Pick<OpenForge, 'delivery'>): Promise<readonly Finding[]> {
  const clusters = await delivery.clusters()
  if (clusters.length === 0)
    return [
      warn(
        'clusters',
        'none is configured: health is unknown, and nothing that asks for it is promoted',
        'name them in the file of SLUICE_CLUSTERS, unless no environment has a `delivery`',
      ),
    ]
  return clusters.map(({ cluster, problem, unread = [] }) => {
    if (problem !== undefined)
      return fail(
        `cluster ${cluster}`,
        problem,
        'look at its address, credentials and RBAC (manifests/cluster-role.yaml)',
      )
    return unread.length === 0
      ? ok(`cluster ${cluster}`, 'answers, and shows what is read of it')
      : warn(
          `cluster ${cluster}`,
          `shows its delivery objects, but not in all namespaces ${unread.join('; ')}`,
          everyPod,
        )
  })
}

const everyPod =
  'bind all of manifests/cluster-role.yaml, at least in each namespace that is delivered to: where pods cannot be read ' +
  'nothing counts as healthy while it is watched, and nothing is taken back by itself'
