import type { ClusterAccess } from '../adapters/delivery/kubernetes-delivery.ts'
import type { ClusterSettings } from './clusters.ts'

/** The operator's words for a cluster as the adapter takes them. */
export function clusterAccess(cluster: ClusterSettings): ClusterAccess {
  if (cluster.by === 'kubeconfig') {
    const { name, file, context } = cluster
    return { name, kubeconfig: file, ...(context === null ? {} : { context }) }
  }
  const { name, server, token, ca } = cluster
  return {
    name,
    server,
    ...(token === null ? {} : 'file' in token ? { tokenFile: token.file } : { token: token.value.reveal() }),
    ...(ca === null ? {} : { ca }),
  }
}
