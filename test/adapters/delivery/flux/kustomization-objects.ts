import type { FluxRead } from '../../../../src/adapters/delivery/flux/judge-kustomization.ts'
import { toSha } from '../../../../src/domain/ids.ts'
import type { ExpectedDelivery } from '../../../../src/ports/delivery.ts'

export const commit = (digit: string) => toSha(digit.repeat(40))
export const before = commit('1')
export const wanted = commit('2')
export const at = (sha: string): string => `main@sha1:${sha}`

export const expected: ExpectedDelivery = {
  spec: { type: 'flux', cluster: 'staging', namespace: 'flux-system', name: 'api' },
  repositoryUrls: ['https://forge.example/acme/config', 'https://forge.example/acme/config.git'],
  branch: 'main',
  path: 'apps/api/overlays/staging',
}

type Fields = Readonly<Record<string, unknown>>

/** Shapes: kustomize-controller v1.9 `api/v1/kustomization_types.go`; phases: `internal/controller/kustomization_controller.go`. */
export const kustomization = (change: { metadata?: Fields; spec?: Fields; status?: Fields } = {}) => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'api', namespace: 'flux-system', generation: 3, ...change.metadata },
  spec: {
    interval: '1m',
    path: './apps/api/overlays/staging',
    prune: true,
    wait: true,
    sourceRef: { kind: 'GitRepository', name: 'config' },
    ...change.spec,
  },
  status: {
    observedGeneration: 3,
    lastAppliedRevision: at(wanted),
    lastAttemptedRevision: at(wanted),
    inventory: {
      entries: [
        { id: 'api-staging_api_apps_Deployment', v: 'v1' },
        { id: 'api-staging_api__Service', v: 'v1' },
      ],
    },
    conditions: [ready('True', 'ReconciliationSucceeded', `Applied revision: ${at(wanted)}`)],
    history: [past('ReconciliationSucceeded', wanted)],
    ...change.status,
  },
})

export const condition = (type: string, status: string, reason: string, message = '', observedGeneration = 3) => ({
  type,
  status,
  reason,
  message,
  observedGeneration,
  lastTransitionTime: '2026-03-01T10:00:00Z',
})

export const ready = (status: string, reason: string, message = '', observedGeneration = 3) =>
  condition('Ready', status, reason, message, observedGeneration)

export const reconciling = (reason = 'Progressing', message = 'Building manifests') =>
  condition('Reconciling', 'True', reason, message)

export const past = (
  lastReconciledStatus: string,
  sha: string,
  times: { readonly first?: string; readonly last?: string } = {},
) => ({
  digest: `sha256:${sha.slice(0, 1).repeat(64)}`,
  firstReconciled: times.first ?? '2026-03-01T09:00:00Z',
  lastReconciled: times.last ?? '2026-03-01T10:00:00Z',
  lastReconciledDuration: '1s',
  lastReconciledStatus,
  totalReconciliations: 3,
  metadata: { revision: at(sha) },
})

export const gitRepository = (change: { spec?: Fields; status?: Fields } = {}) => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: { name: 'config', namespace: 'flux-system', generation: 1 },
  spec: { interval: '1m', url: 'https://forge.example/acme/config.git', ref: { branch: 'main' }, ...change.spec },
  status: {
    observedGeneration: 1,
    artifact: { revision: at(wanted) },
    conditions: [condition('Ready', 'True', 'Succeeded')],
    ...change.status,
  },
})

/** One read of a cluster in which everything is well, but for what a test changes. */
export const read = (change: Partial<FluxRead> = {}): FluxRead => ({
  kustomization: kustomization(),
  gitRepositories: new Map([['flux-system/config', gitRepository()]]),
  ...change,
})

export const source = (change: Parameters<typeof gitRepository>[0]): Partial<FluxRead> => ({
  gitRepositories: new Map([['flux-system/config', gitRepository(change)]]),
})
