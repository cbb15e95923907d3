import { expect, test } from 'vitest'
import { newsOfApplication } from '../../../src/adapters/delivery/argo-cd/news-of-application.ts'
import { newsOfKustomization } from '../../../src/adapters/delivery/flux/news-of-kustomization.ts'
import { application, operation, sync, wanted as synced } from './argo-cd/application-objects.ts'
import { at, before, kustomization, ready, reconciling } from './flux/kustomization-objects.ts'

const flux = (status: Record<string, unknown>) => newsOfKustomization(kustomization({ status }))

test('Flux checking again what it has applied is no news', () => {
  expect(flux({ conditions: [ready('Unknown', 'Progressing'), reconciling()] })).toBeUndefined()
  expect(flux({ history: [] })).toBe(flux({}))
})

test('another revision, outcome or suspension is', () => {
  const trying = flux({ lastAppliedRevision: at(before), conditions: [ready('Unknown', 'Progressing')] })
  const failed = flux({ lastAppliedRevision: at(before), conditions: [ready('False', 'HealthCheckFailed')] })
  const suspended = newsOfKustomization(kustomization({ spec: { suspend: true } }))
  expect(new Set([flux({}), trying, failed, suspended, newsOfKustomization({})]).size).toBe(5)
  expect(trying).toBeDefined()
})

const argo = (status: Record<string, unknown>) => newsOfApplication(application({ status }))

test('Argo CD comparing again is no news', () => {
  expect(argo({ reconciledAt: '2026-03-01T11:00:00Z' })).toBe(argo({}))
  expect(newsOfApplication(application({ metadata: { generation: 41 } }))).toBe(argo({}))
})

test('another sync, health, operation, or a health that is fresh again is', () => {
  const all = [
    argo({}),
    argo({ sync: sync('OutOfSync', synced) }),
    argo({ sync: sync('OutOfSync', synced), resources: [{ kind: 'Service', name: 'api', status: 'OutOfSync' }] }),
    argo({ health: { status: 'Degraded' } }),
    argo({ operationState: operation('Running', synced) }),
    argo({ reconciledAt: '2026-03-01T09:00:00Z' }),
    argo({ conditions: [{ type: 'ComparisonError' }] }),
    newsOfApplication(application({ operation: {} })),
    newsOfApplication({}),
  ]
  expect(new Set(all).size).toBe(all.length)
})
