import type { ArgoRead } from '../../../../src/adapters/delivery/argo-cd/application-facts.ts'
import { toInstant, toSha } from '../../../../src/domain/ids.ts'
import type { ExpectedDelivery } from '../../../../src/ports/delivery.ts'

export const before = toSha('1'.repeat(40))
export const wanted = toSha('2'.repeat(40))

export const expected: ExpectedDelivery = {
  spec: { type: 'argo-cd', cluster: 'staging', namespace: 'argocd', name: 'api' },
  repositoryUrls: ['https://forge.example/acme/config'],
  branch: 'main',
  path: 'apps/api/overlays/staging',
}

type Fields = Readonly<Record<string, unknown>>

export const source = {
  repoURL: 'https://forge.example/acme/config.git',
  path: 'apps/api/overlays/staging',
  targetRevision: 'main',
}
export const destination = { server: 'https://kubernetes.default.svc', namespace: 'api-staging' }

/** Shapes: argo-cd v3.5 `pkg/apis/application/v1alpha1/types.go`. */
export const application = (
  change: { metadata?: Fields; spec?: Fields; status?: Fields; operation?: Fields } = {},
) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'api', namespace: 'argocd', generation: 40, ...change.metadata },
  spec: { project: 'default', source, destination, syncPolicy: { automated: {} }, ...change.spec },
  ...(change.operation === undefined ? {} : { operation: change.operation }),
  status: {
    sync: sync('Synced', wanted),
    health: { status: 'Healthy', lastTransitionTime: '2026-03-01T09:00:00Z' },
    reconciledAt: '2026-03-01T10:00:00Z',
    operationState: operation('Succeeded', wanted),
    resources: [
      { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'api-staging', name: 'api', status: 'Synced' },
      { version: 'v1', kind: 'Service', namespace: 'api-staging', name: 'api', status: 'Synced' },
    ],
    history: [
      { id: 0, revision: before },
      { id: 1, revision: wanted },
    ],
    ...change.status,
  },
})

export const sync = (status: string, revision: string, comparedTo: Fields = { source, destination }) => ({
  status,
  revision,
  comparedTo,
})

export const operation = (phase: string, revision: string, change: Fields = {}) => ({
  phase,
  message: 'successfully synced (all tasks run)',
  startedAt: '2026-03-01T09:59:00Z',
  finishedAt: '2026-03-01T09:59:10Z',
  syncResult: { revision },
  ...change,
})

/** One read of a cluster in which everything is well, but for what a test changes. */
export const read = (change: Partial<ArgoRead> = {}): ArgoRead => ({
  application: application(),
  applications: new Map(),
  projects: new Map(),
  at: toInstant(Date.parse('2026-03-02T10:30:00Z')), // a Monday
  ...change,
})

export const windows = (...syncWindows: readonly Fields[]): Partial<ArgoRead> => ({
  projects: new Map([
    ['argocd/default', { metadata: { name: 'default', namespace: 'argocd' }, spec: { syncWindows } }],
  ]),
})
