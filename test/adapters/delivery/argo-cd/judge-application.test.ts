import { describe, expect, test } from 'vitest'
import type { ArgoRead } from '../../../../src/adapters/delivery/argo-cd/application-facts.ts'
import { judgeApplication } from '../../../../src/adapters/delivery/argo-cd/judge-application.ts'
import { toInstant } from '../../../../src/domain/ids.ts'
import { defaultHealth, foldHealth } from '../fold-health.ts'
import {
  deadlineExceeded,
  deployment,
  notAvailable,
  restartedPod,
  waitingPod,
  workloads,
} from '../workloads/workload-objects.ts'
import {
  application,
  before,
  destination,
  expected,
  operation,
  read,
  source,
  sync,
  wanted,
  windows,
} from './application-objects.ts'

const judge = (change: Partial<ArgoRead> = {}) => judgeApplication(read(change), expected)
const status = (change: Record<string, unknown>) => ({ application: application({ status: change }) })
const spec = (change: Record<string, unknown>) => ({ application: application({ spec: change }) })
const health = (word: string) => status({ health: { status: word, message: '' } })
const outOfSync = {
  sync: sync('OutOfSync', wanted),
  history: [{ id: 0, revision: before }],
  operationState: operation('Succeeded', before),
}
const api = { kind: 'Deployment', namespace: 'api-staging', name: 'api' }

describe('T46 T64 whatever is not our overlay, or not trustworthy, says nothing', () => {
  test.each<[string, Partial<ArgoRead>, string]>([
    ['there is no Application', { application: undefined }, 'argo.missing'],
    ['it is garbage', { application: { metadata: { name: 'api' }, spec: {} } }, 'argo.malformed'],
    [
      'it is being deleted',
      { application: application({ metadata: { deletionTimestamp: '2026-03-01T10:00:00Z' } }) },
      'argo.being-deleted',
    ],
    ['it hydrates', spec({ sourceHydrator: { drySource: {} } }), 'argo.hydrated'],
    [
      'another repository',
      spec({ source: { ...source, repoURL: 'https://forge.example/evil/config' } }),
      'argo.not-ours',
    ],
    ['another folder', spec({ source: { ...source, path: 'apps/api/overlays/production' } }), 'argo.not-ours'],
    ['another branch', spec({ source: { ...source, targetRevision: 'next' } }), 'argo.not-ours'],
    ['a pinned commit', spec({ source: { ...source, targetRevision: wanted } }), 'argo.not-ours'],
    ['no source at all', spec({ source: undefined }), 'argo.not-ours'],
    [
      'several sources, none of them ours',
      spec({ sources: [{ repoURL: 'https://charts.example', chart: 'x' }] }),
      'argo.not-ours',
    ],
    [
      'T24 it renders a chart beside the overlay',
      spec({ sources: [source, { repoURL: 'https://charts.example', chart: 'x', targetRevision: '1.0.0' }] }),
      'argo.other-sources',
    ],
    [
      'T24 it renders another folder of our repository',
      spec({ sources: [{ ...source, path: 'common' }, source] }),
      'argo.other-sources',
    ],
    [
      'T24 what it refers to has a path, and renders too',
      spec({ sources: [source, { ...source, ref: 'values', path: 'common' }] }),
      'argo.other-sources',
    ],
    [
      'it replaces images',
      spec({ source: { ...source, kustomize: { images: ['api=api:2'] } } }),
      'argo.images-overridden',
    ],
    [
      'T24 it patches the overlay',
      spec({ source: { ...source, kustomize: { patches: [{ patch: 'kind: Deployment' }] } } }),
      'argo.patched',
    ],
    [
      'T24 it adds components',
      spec({ source: { ...source, kustomize: { components: ['../../debug'] } } }),
      'argo.patched',
    ],
    [
      'T24 it ignores images',
      spec({ ignoreDifferences: [{ kind: 'Deployment', jsonPointers: ['/spec/template/spec/containers/0/image'] }] }),
      'argo.images-ignored',
    ],
    ['T24 it takes the folder for plain manifests', status({ sourceType: 'Directory' }), 'argo.not-kustomize'],
    ['its spec is refused', status({ conditions: [{ type: 'InvalidSpecError', message: 'x' }] }), 'argo.invalid-spec'],
    [
      'nothing could be compared',
      status({
        conditions: [{ type: 'ComparisonError', message: 'rpc error: connection refused' }],
        sync: sync('Unknown', wanted),
      }),
      'argo.comparison-error',
    ],
    ['sync is unknown', status({ sync: sync('Unknown', wanted) }), 'argo.sync-unknown'],
    ['the revision is a chart version', status({ sync: sync('Synced', '1.2.3') }), 'argo.revision-unreadable'],
    ['resources are missing', health('Missing'), 'argo.health-unknown'],
    ['health is unknown', health('Unknown'), 'argo.health-unknown'],
    [
      'the sync could not be carried out',
      status({ ...outOfSync, operationState: operation('Error', wanted) }),
      'argo.sync-error',
    ],
  ])('%s', (_, change, reason) => {
    expect(judge(change)).toMatchObject({ is: 'unknown', reason })
  })

  test('differences that it ignores elsewhere are nobody’s business', () => {
    const change = spec({ ignoreDifferences: [{ kind: 'Deployment', jqPathExpressions: ['.spec.replicas'] }] })
    expect(judge(change)).toMatchObject({ is: 'healthy' })
  })

  test.each(['', 'HEAD', 'main', 'refs/heads/main'])('the revision "%s" follows our branch', (targetRevision) => {
    const own = { ...source, targetRevision }
    const change = application({
      spec: { source: own },
      status: { sync: sync('Synced', wanted, { source: own, destination }) },
    })
    expect(judge({ application: change })).toMatchObject({ is: 'healthy' })
  })
})

describe('what waits for a person', () => {
  test.each<[string, Partial<ArgoRead>, string]>([
    [
      'out of sync and synced by hand',
      { application: application({ spec: { syncPolicy: {} }, status: outOfSync }) },
      'argo.manual-sync',
    ],
    [
      'automation switched off',
      { application: application({ spec: { syncPolicy: { automated: { enabled: false } } }, status: outOfSync }) },
      'argo.manual-sync',
    ],
    [
      'automation set to null',
      { application: application({ spec: { syncPolicy: { automated: null } }, status: outOfSync }) },
      'argo.manual-sync',
    ],
    [
      'a closed window',
      {
        ...status(outOfSync),
        ...windows({ kind: 'deny', schedule: '0 9 * * *', duration: '8h', applications: ['*'] }),
      },
      'argo.sync-window',
    ],
    [
      'reconciliation switched off',
      { application: application({ metadata: { annotations: { 'argocd.argoproj.io/skip-reconcile': 'true' } } }) },
      'argo.reconcile-skipped',
    ],
    ['a suspended resource', health('Suspended'), 'argo.suspended'],
  ])('%s', (_, change, reason) => {
    expect(judge(change)).toMatchObject({ is: 'waiting', reason })
  })

  test('it speaks of what runs, not of what was compared with', () => {
    const change = application({ spec: { syncPolicy: {} }, status: outOfSync })
    expect(judge({ application: change })).toMatchObject({ is: 'waiting', revision: before })
  })

  test('and without a history, of what the last sync brought', () => {
    const without = (operationState: object) => judge(status({ ...outOfSync, history: [], operationState }))
    expect(without(operation('Succeeded', before))).toMatchObject({ reason: 'argo.out-of-sync', revision: before })
    for (const change of [{ dryRun: true }, { resources: [{ kind: 'Service', name: 'api' }] }])
      expect(without(operation('Succeeded', before, { operation: { sync: change } }))).not.toHaveProperty('revision')
    expect(without(operation('Failed', before))).not.toHaveProperty('revision')
  })

  test('a closed window does not matter where everything is synced', () => {
    const closed = windows({ kind: 'deny', schedule: '* * * * *', duration: '24h', applications: ['*'] })
    expect(judge(closed)).toMatchObject({ is: 'healthy' })
  })
})

describe('healthy is proven for the synced commit', () => {
  test('at the commit that was compared with', () => {
    expect(judge()).toEqual({ is: 'healthy', revision: wanted, since: Date.parse('2026-03-01T09:00:00Z') })
  })

  test('with a source that is only referred to, at the commit of ours', () => {
    const sources = [{ repoURL: 'https://forge.example/acme/values', ref: 'values', targetRevision: 'main' }, source]
    const change = application({
      spec: { source: undefined, sources },
      status: { sync: { status: 'Synced', revisions: [before, wanted], comparedTo: { sources, destination } } },
    })
    expect(judge({ application: change })).toMatchObject({ is: 'healthy', revision: wanted })
  })

  test('without any operation, which is so where the manifests did not change', () => {
    expect(judge(status({ operationState: undefined }))).toMatchObject({ is: 'healthy', revision: wanted })
  })

  test('from the second on in which the sync ended, which mostly sets off the last comparison for minutes', () => {
    expect(judge(status({ reconciledAt: '2026-03-01T09:59:10Z' }))).toMatchObject({ is: 'healthy', revision: wanted })
  })

  test.each<[string, Partial<ArgoRead>, string]>([
    ['the health is older than the sync', status({ reconciledAt: '2026-03-01T09:59:09Z' }), 'argo.health-stale'],
    ['the health has no time', status({ reconciledAt: undefined }), 'argo.health-stale'],
    [
      'the comparison was with another path',
      status({ sync: sync('Synced', wanted, { source: { ...source, path: 'elsewhere' }, destination }) }),
      'argo.spec-not-compared',
    ],
    [
      'the comparison was with another destination',
      status({ sync: sync('Synced', wanted, { source, destination: { ...destination, namespace: 'other' } }) }),
      'argo.spec-not-compared',
    ],
    ['nothing was compared', status({ sync: { status: 'Synced', revision: wanted } }), 'argo.spec-not-compared'],
    ['a sync is ordered', { application: application({ operation: { sync: {} } }) }, 'argo.syncing'],
    [
      'a sync is running',
      status({ operationState: operation('Running', wanted, { finishedAt: undefined }) }),
      'argo.syncing',
    ],
    ['a sync is being given up', status({ operationState: operation('Terminating', wanted) }), 'argo.syncing'],
    ['it is out of sync', status(outOfSync), 'argo.out-of-sync'],
    ['resources are progressing', health('Progressing'), 'argo.progressing'],
    ['no health is said', health(''), 'argo.progressing'],
    ['nothing is said', { application: { ...application(), status: undefined } }, 'argo.not-started'],
  ])('not where %s', (_, change, reason) => {
    expect(judge(change)).toMatchObject({ is: 'progressing', reason })
  })

  test('where a window is open, or for somebody else, it is only out of sync', () => {
    for (const open of [
      { kind: 'allow', schedule: '0 9 * * 1-5', duration: '8h', applications: ['api*'] },
      { kind: 'deny', schedule: '* * * * *', duration: '1h', applications: ['web'] },
      { kind: 'deny', schedule: 'never', duration: '1h', applications: ['*'] },
    ])
      expect(judge({ ...status(outOfSync), ...windows(open) })).toMatchObject({
        is: 'progressing',
        reason: 'argo.out-of-sync',
      })
  })
})

describe('T45 what crashes since Argo CD last looked', () => {
  const crashing = workloads({ workloads: [deployment(notAvailable)], pods: [waitingPod('CrashLoopBackOff')] })

  test('is not healthy, whatever the Application says, and not failed by that word either', () => {
    expect(judge({ workloads: crashing })).toEqual({
      is: 'progressing',
      revision: wanted,
      reason: 'argo.workload-crashing',
      detail: 'called healthy | Deployment api-staging/api: 0 of 2 replicas are available',
      objects: [api],
      isCrashing: true,
    })
  })

  test('ends a soak while the controller stands still, and fails once that takes too long', () => {
    const well = judge()
    const ill = judge({ workloads: crashing })
    const looks = [well, well, ill, ill].map((sighting, nth) => ({ at: toInstant(nth * 10 * 60_000), sighting }))
    const tracks = foldHealth(looks, [wanted], defaultHealth)
    expect(tracks.map(({ health: { is } }) => is)).toEqual(['progressing', 'healthy', 'progressing', 'progressing'])
    expect(tracks.map(({ healthy }) => healthy?.until)).toEqual([0, 600_000, undefined, undefined])
    const late = foldHealth([...looks, { at: toInstant(40 * 60_000), sighting: ill }], [wanted], defaultHealth)
    expect(late.at(-1)?.health).toMatchObject({ is: 'failed', reason: 'health.deadline', objects: [api] })
  })

  test('and runs again is healthy, and when it crashed is told', () => {
    const again = workloads({ workloads: [deployment()], pods: [restartedPod('2026-03-01T10:05:00Z')] })
    expect(judge({ workloads: again })).toMatchObject({
      is: 'healthy',
      restartedAt: Date.parse('2026-03-01T10:05:00Z'),
    })
  })
})

describe('a failure is proven for the synced commit', () => {
  test('degraded, with the workloads that are not rolled out', () => {
    const seen = workloads({ workloads: [deployment(deadlineExceeded)] })
    expect(judge({ ...health('Degraded'), workloads: seen })).toMatchObject({
      is: 'failed',
      revision: wanted,
      reason: 'argo.degraded',
      final: false,
      objects: [api],
    })
  })

  test('degraded, with what the Application carries where pods cannot be read', () => {
    const resources = [
      { ...api, health: { status: 'Degraded' } },
      { kind: 'Service', namespace: 'api-staging', name: 'api', health: { status: 'Healthy' } },
    ]
    expect(judge(status({ health: { status: 'Degraded' }, resources }))).toMatchObject({
      is: 'failed',
      final: false,
      objects: [api],
    })
  })

  test('degraded, and it names nothing where it knows nothing', () => {
    expect(judge(health('Degraded'))).toMatchObject({ is: 'failed', objects: [] })
  })

  test('T65 degraded by a registry that is away is infrastructure', () => {
    const pod = waitingPod('ImagePullBackOff', 'Back-off pulling image "x"')
    const seen = workloads({ workloads: [deployment(notAvailable)], pods: [pod] })
    expect(judge({ ...health('Degraded'), workloads: seen })).toMatchObject({
      is: 'failed',
      infrastructure: expect.stringContaining('image pull'),
    })
  })

  test('a failed sync, with the hook that failed', () => {
    const syncResult = {
      revision: wanted,
      resources: [{ kind: 'Job', namespace: 'api-staging', name: 'migrate', status: 'Synced', hookPhase: 'Failed' }],
    }
    const change = status({
      ...outOfSync,
      operationState: operation('Failed', wanted, {
        message: 'one or more synchronization tasks completed unsuccessfully',
        syncResult,
      }),
    })
    expect(judge(change)).toMatchObject({
      is: 'failed',
      revision: wanted,
      reason: 'argo.sync-failed',
      objects: [{ kind: 'Job', namespace: 'api-staging', name: 'migrate' }],
    })
  })

  test('but not the failed sync of an older commit', () => {
    expect(judge(status({ ...outOfSync, operationState: operation('Failed', before) }))).toMatchObject({
      is: 'progressing',
      reason: 'argo.out-of-sync',
    })
  })
})
