import type { DeliveryWishes } from './delivery-objects.ts'

type Files = Readonly<Record<string, string>>

export interface AppOptions
  extends Pick<DeliveryWishes, 'timeout' | 'interval' | 'dependsOn' | 'manual' | 'syncPolicy' | 'project'> {
  /** Sluice looks at its pods too, as it does for content that has not proven itself yet. */
  readonly closely?: boolean
  /** Its controllers apply it to a cluster that is not theirs. */
  readonly inSpoke?: boolean
  /** The delivery object is in the namespace that it applies to, and not in its controllers'. */
  readonly isInOwnNamespace?: boolean
  /** Of the first release. */
  readonly digest?: string
  /** How long Kubernetes waits for a rollout, in seconds. */
  readonly progressDeadline?: number
  /** More objects of the overlay, by file; releases leave them alone. */
  readonly more?: Files
  /** Anywhere else in the repository. */
  readonly files?: Files
}

export const overlayPath = 'overlays/staging'
export const image = 'registry.invalid/acme/app'

export const appFiles = (name: string, options: AppOptions): Files => ({
  'README.md': 'What runs where.\n',
  ...options.files,
  'base/kustomization.yaml': `resources: [${['deployment.yaml', 'service.yaml', ...Object.keys(options.more ?? {})].join(', ')}]\n`,
  ...Object.fromEntries(Object.entries(options.more ?? {}).map(([file, text]) => [`base/${file}`, text])),
  'base/deployment.yaml': deployment(name, image, options.progressDeadline ?? 600),
  'base/service.yaml': service(name),
  [`${overlayPath}/kustomization.yaml`]: overlayOf(name, options.digest ?? `sha256:${'a'.repeat(64)}`),
})

export const overlayOf = (name: string, digest: string): string => `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${name}
resources: [../../base]
images:
  - name: ${image}
    digest: ${digest}
`

export const deployment = (name: string, runs: string, progressDeadline = 600): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 2
  progressDeadlineSeconds: ${progressDeadline}
  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: app
          image: ${runs}
`

const service = (name: string): string => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector: { app: ${name} }
  ports: [{ port: 80 }]
`
