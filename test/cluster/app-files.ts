export interface AppOptions {
  /** Of the first release. */
  readonly digest?: string
  /** How long Flux waits for health; it takes less than 30 s, the default here, for 30 s. */
  readonly timeout?: string
  /** How long Kubernetes waits for a rollout, in seconds. */
  readonly progressDeadline?: number
  /** Argo CD leaves the syncing to people. */
  readonly manual?: boolean
  readonly project?: string
}

export const overlayPath = 'overlays/staging'
export const image = 'registry.invalid/acme/app'

export const appFiles = (name: string, options: AppOptions): Readonly<Record<string, string>> => ({
  'README.md': 'What runs where.\n',
  'base/kustomization.yaml': 'resources: [deployment.yaml, service.yaml]\n',
  'base/deployment.yaml': deployment(name, options.progressDeadline ?? 600),
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

const deployment = (name: string, progressDeadline: number): string => `apiVersion: apps/v1
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
          image: ${image}
`

const service = (name: string): string => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector: { app: ${name} }
  ports: [{ port: 80 }]
`
