import type { GitCredentials } from './git-source.ts'
import type { KubeObject } from './kube-object.ts'

export interface DeliveryOptions {
  readonly name: string
  readonly namespace: string
  readonly repoUrl: string
  readonly branch: string
  /** The overlay's folder in the repository. */
  readonly path: string
  readonly credentials?: GitCredentials
}

/**
 * What somebody applies to let Flux bring an overlay: the Kustomization, its GitRepository and, where credentials are
 * given, their Secret. Kustomizations of one `source` share one GitRepository, as people have it.
 */
export function fluxKustomization(
  options: DeliveryOptions & {
    readonly source?: string
    readonly interval?: string
    readonly timeout?: string
    readonly wait?: boolean
    readonly targetNamespace?: string
  },
): KubeObject[] {
  const { name, namespace, path, credentials } = options
  const interval = options.interval ?? '1m'
  const source = options.source ?? name
  const secretRef = credentials === undefined ? {} : { secretRef: { name: `${source}-git` } }
  const repository: KubeObject = {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: source, namespace },
    spec: { interval, url: options.repoUrl, ref: { branch: options.branch }, ...secretRef },
  }
  const kustomization: KubeObject = {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace },
    spec: {
      interval,
      path: `./${path}`,
      prune: true,
      wait: options.wait ?? true,
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      ...(options.targetNamespace === undefined ? {} : { targetNamespace: options.targetNamespace }),
      sourceRef: { kind: 'GitRepository', name: source },
    },
  }
  return [
    ...(credentials === undefined ? [] : [secret(`${source}-git`, namespace, credentials)]),
    repository,
    kustomization,
  ]
}

/** What somebody applies to let Argo CD bring an overlay; `manual` leaves the syncing to people. */
export function argoApplication(
  options: DeliveryOptions & {
    readonly targetNamespace?: string
    readonly manual?: boolean
    readonly project?: string
  },
): KubeObject[] {
  const { name, namespace, repoUrl, branch, path, credentials } = options
  const application: KubeObject = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace },
    spec: {
      project: options.project ?? 'default',
      source: { repoURL: repoUrl, path, targetRevision: branch },
      destination: { server: 'https://kubernetes.default.svc', namespace: options.targetNamespace ?? 'default' },
      ...(options.manual === true ? {} : { syncPolicy: { automated: { prune: true, selfHeal: true } } }),
    },
  }
  const project: KubeObject = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: options.project ?? 'default', namespace },
    spec: { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] },
  }
  const labels = { 'argocd.argoproj.io/secret-type': 'repository' }
  const access =
    credentials === undefined ? [] : [secret(`${name}-git`, namespace, { ...credentials, url: repoUrl }, labels)]
  return [...access, project, application]
}

const secret = (
  name: string,
  namespace: string,
  stringData: GitCredentials & { readonly url?: string },
  labels?: Record<string, string>,
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace, ...(labels === undefined ? {} : { labels }) },
  stringData,
})
