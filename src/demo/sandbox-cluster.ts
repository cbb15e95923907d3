import {
  argoApplication,
  fluxKustomization,
  type Intervals,
  type SandboxCluster,
  startCluster,
} from '../sandbox/cluster/start-cluster.ts'
import type { OpenCluster, OverlayDelivery, StageCluster } from './stage-cluster.ts'

/** The sandbox's cluster with all that it can be told, as the stage takes it. */
export type SandboxStageCluster = SandboxCluster & StageCluster

export interface SandboxClusterOptions {
  /** How often its controllers look. */
  readonly intervals?: Partial<Intervals>
  /** Whether the server may ask them to look now. */
  readonly reconcileRequests?: boolean
}

export const openSandboxCluster: OpenCluster<SandboxStageCluster> = (place) => openSandboxClusterWith({})(place)

/** The cluster that the sandbox plays: there at once, and as quick as its controllers are told to be. */
export const openSandboxClusterWith =
  ({ intervals = {}, reconcileRequests = false }: SandboxClusterOptions): OpenCluster<SandboxStageCluster> =>
  async ({ dir, kustomize }) => {
    const cluster = await startCluster({ dir, name: 'sandbox', kustomize, intervals })
    const token = reconcileRequests ? cluster.requesterToken : cluster.token
    return {
      ...cluster,
      about: 'The cluster is played: the Kubernetes API in small, with controllers that act like Flux and Argo CD.',
      page: cluster.url,
      access: { server: cluster.url, token, reconcileRequests },
      patience: { soak: '10s', settle: '2s', confirm: '5s', deadline: '3m', evidenceWithin: '5s' },
      invitations: [],
      deliver: async (deliveries) => cluster.apply(...deliveries.flatMap(deliveryObjects)),
      running: async (application, namespace) =>
        cluster.state().filter((pod) => pod.workload === application && pod.namespace === namespace),
      crash: async (digest, namespace) => cluster.badImage(digest, 'crash', 0, namespace),
    }
  }

function deliveryObjects({ application, environment, by, repoUrl, path }: OverlayDelivery) {
  const common = { name: `${application}-${environment}`, repoUrl, branch: 'main', path }
  return by === 'flux'
    ? fluxKustomization({ ...common, namespace: 'flux-system', source: 'config', interval: '2s' })
    : argoApplication({ ...common, namespace: 'argocd', targetNamespace: environment })
}
