import type { GitCredentials } from '../../src/sandbox/cluster/git-source.ts'
import { argoApplication, fluxKustomization } from '../../src/sandbox/cluster/start-cluster.ts'
import type { KubeObject } from './rig/kube.ts'

export type Controllers = 'flux' | 'argo-cd'

/** Delivery objects as people name them: kind, and where they keep them. */
export const kindOf = {
  flux: { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', namespace: 'flux-system' },
  'argo-cd': { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: 'argocd' },
} as const

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
  /** With which Flux fetches it. */
  readonly credentials?: GitCredentials | undefined
  /** How often Flux looks at the repository and at what it applied: every 3 s where absent. */
  readonly interval?: string | undefined
  /** How often Flux looks at what it applied while nothing new comes, where that is rarer: each look costs it a tenth of a second. */
  readonly lookEvery?: string | undefined
  /** How long Flux waits for health; it takes less than 30 s, the default here, for 30 s. */
  readonly timeout?: string | undefined
  /** Flux waits for that Kustomization, in the same namespace. */
  readonly dependsOn?: string | undefined
  /** Argo CD leaves the syncing to people. */
  readonly manual?: boolean | undefined
  /** Of the Application, where it is to be another than to prune and heal by itself. */
  readonly syncPolicy?: object | undefined
  readonly project?: string | undefined
  /** More of the Kustomization or Application. */
  readonly spec?: object | undefined
}

/** What somebody applies to let a real controller bring an overlay, looking as often as it can. */
export function deliveryObjects(by: Controllers, wishes: DeliveryWishes): readonly KubeObject[] {
  const { name, at, repoUrl, path, into, source, interval = '3s', timeout = '30s', manual, project } = wishes
  const { lookEvery = interval, dependsOn, syncPolicy, credentials, spec: more = {} } = wishes
  const waits = dependsOn === undefined ? {} : { dependsOn: [{ name: dependsOn }] }
  const access = credentials === undefined ? {} : { credentials }
  const common = { name, namespace: at, repoUrl, branch: 'main', path, ...access }
  if (by === 'flux') {
    return fluxKustomization({ ...common, ...(source === undefined ? {} : { source }), interval, timeout }).map(
      ({ kind, metadata, ...object }) => ({
        ...object,
        kind,
        metadata: { ...metadata },
        ...(kind === 'Kustomization'
          ? { spec: { ...object['spec'], interval: lookEvery, retryInterval: '3s', ...waits, ...more } }
          : {}),
      }),
    )
  }
  const optional = { ...(manual === undefined ? {} : { manual }), ...(project === undefined ? {} : { project }) }
  return argoApplication({ ...common, targetNamespace: into, ...optional })
    .filter(({ kind }) => kind !== 'AppProject') // the rig has its own, which may do more
    .map(({ metadata, spec, ...object }) => ({
      ...object,
      metadata: { ...metadata },
      spec: {
        ...spec,
        ...(object.kind === 'Application' ? { ...(syncPolicy === undefined ? {} : { syncPolicy }), ...more } : {}),
      },
    }))
}
