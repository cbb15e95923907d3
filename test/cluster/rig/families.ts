/** What is built from one wrapper module of `modules/`; families are apart since their pins conflict. */
export interface Family {
  /** Main package → the name that `go build` gives it, which is the last part of its path. */
  readonly programs: readonly string[]
  /** The module whose version is told in reports and, for Kubernetes, linked into the programs. */
  readonly module: string
  readonly linkerFlags?: (version: string) => string
  /** Manifests to keep beside the programs: module → folders in it. */
  readonly manifests?: Readonly<Record<string, readonly string[]>>
}

export const families = {
  etcd: { programs: ['server'], module: 'go.etcd.io/etcd/server/v3' },
  kubernetes: {
    programs: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
    module: 'k8s.io/kubernetes',
    linkerFlags: kubernetesVersion,
  },
  kwok: {
    programs: ['kwok'],
    module: 'sigs.k8s.io/kwok',
    manifests: { 'sigs.k8s.io/kwok': ['kustomize/crd/bases', 'kustomize/stage/pod/fast', 'kustomize/stage/node/fast'] },
  },
  flux: {
    programs: ['source-controller', 'kustomize-controller', 'helm-controller', 'notification-controller'],
    module: 'github.com/fluxcd/kustomize-controller',
    manifests: {
      'github.com/fluxcd/source-controller': ['config/crd/bases'],
      'github.com/fluxcd/kustomize-controller': ['config/crd/bases'],
      'github.com/fluxcd/helm-controller': ['config/crd/bases'],
      'github.com/fluxcd/notification-controller': ['config/crd/bases'],
    },
  },
  'argo-cd': {
    programs: ['cmd'],
    module: 'github.com/argoproj/argo-cd/v3',
    // The repo-server runs that script, and Argo CD's image has it on PATH.
    manifests: { 'github.com/argoproj/argo-cd/v3': ['manifests/crds', 'hack/git-verify-wrapper.sh'] },
  },
} as const satisfies Readonly<Record<string, Family>>

export type FamilyName = keyof typeof families

/** Without it the API server says v0.0.0-master, and what compares versions misbehaves. */
function kubernetesVersion(version: string): string {
  const [major = '', minor = ''] = version.slice(1).split('.')
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' }
  return Object.entries(values)
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(' ')
}
