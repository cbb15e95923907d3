import { argoApplication, fluxKustomization } from '../../src/sandbox/cluster/start-cluster.ts'
import type { KubeObject } from './rig/kube.ts'

export interface DeliveryWishes {
  readonly name: string
  /** Of the delivery objects. */
  readonly at: string
  readonly repoUrl: string
  /** The overlay's folder. */
  readonly path: string
  /** Where the overlay's objects go. */
  readonly into: string
  /** Kustomizations of one source share one GitRepository; each has its own where absent. */
  readonly source?: string | undefined
  /** How long Flux waits for health; it takes less than 30 s, the default here, for 30 s. */
  readonly timeout?: string | undefined
  /** Argo CD leaves the syncing to people. */
  readonly manual?: boolean | undefined
  readonly project?: string | undefined
}

/** What somebody applies to let a real controller bring an overlay, looking as often as it can. */
export function deliveryObjects(by: 'flux' | 'argo-cd', wishes: DeliveryWishes): readonly KubeObject[] {
  const { name, at, repoUrl, path, into, source, timeout = '30s', manual, project } = wishes
  const common = { name, namespace: at, repoUrl, branch: 'main', path }
  if (by === 'flux') {
    return fluxKustomization({ ...common, ...(source === undefined ? {} : { source }), interval: '3s', timeout }).map(
      ({ kind, metadata, ...object }) => ({
        ...object,
        kind,
        metadata: { ...metadata },
        spec: { ...object.spec, ...(kind === 'Kustomization' ? { retryInterval: '3s' } : {}) },
      }),
    )
  }
  const optional = { ...(manual === undefined ? {} : { manual }), ...(project === undefined ? {} : { project }) }
  return argoApplication({ ...common, targetNamespace: into, ...optional })
    .filter(({ kind }) => kind !== 'AppProject') // the rig has its own, which may do more
    .map(({ metadata, ...object }) => ({ ...object, metadata: { ...metadata } }))
}
