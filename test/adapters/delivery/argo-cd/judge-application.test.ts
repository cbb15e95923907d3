import { describe, expect, test } from 'vitest'
import type { ArgoRead } from '../../../../src/adapters/delivery/argo-cd/application-facts.ts'
import { judgeApplication } from '../../../../src/adapters/delivery/argo-cd/judge-application.ts'
import { type Workload, workloadSchema } from '../../../../src/adapters/delivery/workloads/workload.ts'
import { toInstant } from '../../../../src/domain/ids.ts'
import { defaultHealth, foldHealth } from '../fold-health.ts'
import {
  condition,
  deadlineExceeded,
  deployment,
  notAvailable,
  restartedPod,
  unread,
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
const running = (change: object) => ({
  operationState: operation('Running', wanted, { finishedAt: undefined, ...change }),
})
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
    [
      'the last one ended without a result, after which Argo CD begins none',
      status({
        ...outOfSync,
        operationState: { phase: 'Failed', message: 'x' },
        conditions: [{ type: 'SyncError', message: 'Failed last sync attempt to []: x' }],
      }),
      'argo.sync-error',
    ],
  ])('%s', (_, change, reason) => {
    expect(judge(change)).toMatchObject({ is: 'unknown', reason })
  })

  test.each<[string, Record<string, unknown>, string]>([
    [
      'everything differs',
      { source: { repoURL: 'https://forge.example/acme/other', path: 'apps/web', targetRevision: 'v1' } },
      [
        'it follows https://forge.example/acme/other, not https://forge.example/acme/config',
        'it follows v1, not the branch main',
        'it applies the folder apps/web, not apps/api/overlays/staging',
      ].join('; '),
    ],
    ['the branch differs', { source: { ...source, targetRevision: 'next' } }, 'it follows next, not the branch main'],
    [
      'it applies a chart of our repository',
      { source: { ...source, chart: 'api', path: '' } },
      'it applies the chart api, not apps/api/overlays/staging',
    ],
    [
      'there are several sources',
      {
        sources: [
          { ...source, path: 'apps/web' },
          { ...source, path: 'apps/api' },
        ],
      },
      [
        'none of its sources is https://forge.example/acme/config apps/api/overlays/staging at main: ',
        'it follows https://forge.example/acme/config.git apps/web at main; ',
        'https://forge.example/acme/config.git apps/api at main',
      ].join(''),
    ],
    ['there is none', { source: undefined }, 'it follows nothing'],
  ])('what is not ours is told with what was expected: %s', (_, change, detail) => {
    expect(judge(spec(change))).toMatchObject({ is: 'unknown', reason: 'argo.not-ours', detail })
  })

  test.each(['https://forge.example/Acme/Config.git', 'git@forge.example:/acme/config'])(
    'the address %s is ours',
    (repoURL) => {
      const written = { ...source, repoURL }
      const compared = { sync: sync('Synced', wanted, { source: written, destination }) }
      const change = application({ spec: { source: written }, status: compared })
      expect(judge({ application: change })).toMatchObject({ is: 'healthy' })
    },
  )

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
    [
      'a window that closed during the sync',
      status(running({ message: 'Sync operation blocked by sync window' })),
      'argo.sync-window',
    ],
    [
      'an object that may not be deleted without a word',
      status(running({ message: 'waiting for pruning confirmation of apps/Deployment/api' })),
      'argo.prune-unconfirmed',
    ],
    [
      'somebody ended the sync',
      status({ ...outOfSync, operationState: operation('Failed', wanted, { message: 'Operation terminated' }) }),
      'argo.sync-unfinished',
    ],
    [
      'Argo CD will not take everything away by itself',
      status({
        ...outOfSync,
        conditions: [{ type: 'SyncError', message: 'Skipping sync attempt: auto-sync will wipe out all resources' }],
      }),
      'argo.sync-refused',
    ],
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

describe('an Application outside the namespace of Argo CD', () => {
  const closed = windows({ kind: 'deny', schedule: '* * * * *', duration: '24h', applications: ['*'] })
  const elsewhere = (change: { spec?: object; status?: object; controllerNamespace?: string } = {}) =>
    application({
      metadata: { namespace: 'team-a' },
      spec: { ...change.spec },
      status: { ...outOfSync, controllerNamespace: change.controllerNamespace ?? 'argocd', ...change.status },
    })

  test('waits for the sync windows of its project, which is in that one', () => {
    const waits = { is: 'waiting', reason: 'argo.sync-window', revision: before }
    expect(judge({ application: elsewhere(), ...closed })).toMatchObject(waits)
    expect(judge({ application: elsewhere({ spec: { project: '' } }), ...closed })).toMatchObject(waits)
  })

  test('waits for them also where what runs has drifted, or Argo CD has refused to sync before they closed', () => {
    const drifted = { sync: sync('OutOfSync', wanted), operationState: operation('Succeeded', wanted) }
    const healing = { syncPolicy: { automated: { selfHeal: true } } }
    const refused = { conditions: [{ type: 'SyncError', message: 'Skipping sync attempt' }] }
    for (const change of [{ spec: healing, status: drifted }, { status: refused }])
      expect(judge({ application: elsewhere(change), ...closed })).toMatchObject({ reason: 'argo.sync-window' })
  })

  test('has nothing to do with a project of the same name in its own, or in that of another Argo CD', () => {
    const outOf = { is: 'progressing', reason: 'argo.out-of-sync' }
    const [project] = [...(closed.projects?.values() ?? [])]
    const own = { projects: new Map([['team-a/default', project ?? {}]]) }
    expect(judge({ application: elsewhere(), ...own })).toMatchObject(outOf)
    expect(judge({ application: elsewhere({ controllerNamespace: 'argocd-2' }), ...closed })).toMatchObject(outOf)
  })
})

describe('what Argo CD leaves out of sync', () => {
  const synced = { group: 'apps', ...api, status: 'Synced' }
  const old = { kind: 'ConfigMap', namespace: 'api-staging', name: 'env-1', status: 'OutOfSync', requiresPruning: true }
  const edited = { ...api, status: 'OutOfSync' }
  interface Left {
    /** Which Argo CD gives neither of by default. */
    readonly automated?: { readonly prune?: boolean; readonly selfHeal?: boolean } | null
    readonly resources: readonly object[]
    readonly operationState?: object
    readonly status?: object
    readonly annotations?: object
  }
  const left = ({ automated = {}, resources, operationState, status: more, annotations }: Left) =>
    judge({
      application: application({
        metadata: { annotations },
        spec: { syncPolicy: { automated } },
        status: {
          sync: sync('OutOfSync', wanted),
          resources,
          operationState: operationState ?? operation('Succeeded', wanted),
          ...more,
        },
      }),
    })

  test.each([{ dryRun: true }, { resources: [{ kind: 'Deployment', name: 'api' }] }])(
    'is not failed by a sync of %o, which brings no commit',
    (of) => {
      const operationState = operation('Failed', wanted, { operation: { sync: of } })
      expect(left({ resources: [synced, old], operationState })).toMatchObject({ is: 'healthy', revision: wanted })
      expect(left({ automated: null, resources: [edited], operationState })).toMatchObject({ is: 'waiting' })
    },
  )

  test('is no drift in the second in which its sync ended: the comparison may be from before', () => {
    const status = { reconciledAt: '2026-03-01T09:59:10Z' }
    expect(left({ resources: [edited], status })).toMatchObject({ is: 'progressing', reason: 'argo.out-of-sync' })
    const after = { reconciledAt: '2026-03-01T09:59:11Z' }
    expect(left({ resources: [edited], status: after })).toMatchObject({ is: 'waiting', reason: 'argo.drifted' })
  })

  test('is healthy at its commit where that is only what Git no longer holds, and is not pruned', () => {
    expect(left({ resources: [synced, old] })).toMatchObject({ is: 'healthy', revision: wanted })
    // No sync is begun for a commit that only takes away.
    const untouched = { resources: [synced, old], operationState: operation('Succeeded', before) }
    expect(left(untouched)).toMatchObject({ is: 'healthy', revision: wanted })
    expect(left({ ...untouched, automated: { selfHeal: true } })).toMatchObject({ is: 'healthy', revision: wanted })
    // An object may have an option of its own that keeps it, and who syncs by hand may leave it.
    for (const automated of [{ prune: true, selfHeal: true }, null])
      expect(left({ automated, resources: [synced, old] })).toMatchObject({ is: 'healthy', revision: wanted })
  })

  test('is judged by its health then', () => {
    const ill = { health: { status: 'Degraded', message: 'x' } }
    expect(left({ resources: [synced, old], status: ill })).toMatchObject({ is: 'failed', revision: wanted })
    const busy = { health: { status: 'Progressing', message: '' } }
    expect(left({ resources: [synced, old], status: busy })).toMatchObject({ is: 'progressing', revision: wanted })
    const stale = { reconciledAt: '2026-03-01T09:59:09Z' }
    expect(left({ resources: [synced, old], status: stale })).toMatchObject({ reason: 'argo.health-stale' })
  })

  test.each<[string, Left, string]>([
    ['it is to be pruned', { automated: { prune: true }, resources: [synced, old] }, 'argo.out-of-sync'],
    ['somebody may prune it', { automated: null, resources: [synced, old] }, 'argo.manual-sync'],
  ])('is not where no sync has left it there yet: %s', (_, change, reason) => {
    expect(left({ ...change, operationState: operation('Succeeded', before) })).toMatchObject({ reason })
  })

  test('is not where nothing else is left', () => {
    const detail = expect.stringContaining('ConfigMap env-1')
    expect(left({ resources: [old] })).toMatchObject({ is: 'waiting', reason: 'argo.drifted', detail })
  })

  test('waits for a person where it differs since its sync and does not heal itself', () => {
    expect(left({ resources: [edited, old] })).toEqual({
      is: 'waiting',
      revision: wanted,
      reason: 'argo.drifted',
      detail:
        'differing from Git after its sync: Deployment api; without selfHeal Argo CD does not sync the same commit again',
    })
    // Argo CD does not tell a commit that changed nothing in the folders from the one before.
    const same = { resources: [edited], operationState: operation('Succeeded', before) }
    const annotations = { 'argocd.argoproj.io/manifest-generate-paths': '.' }
    expect(left({ ...same, annotations })).toMatchObject({ is: 'waiting', reason: 'argo.drifted' })
  })

  describe('a Job that deletes itself', () => {
    const migrate = { group: 'batch', kind: 'Job', namespace: 'api-staging', name: 'migrate', status: 'OutOfSync' }
    const gone = {
      is: 'waiting',
      revision: wanted,
      reason: 'argo.job-gone',
      detail:
        'Job migrate is not there any more as it was synced, as after ttlSecondsAfterFinished: make it a hook, or take that setting away; a sync runs it again',
    }

    test('is no drift that a sync would mend, whoever syncs', () => {
      for (const automated of [{}, null]) expect(left({ automated, resources: [synced, migrate, old] })).toEqual(gone)
      const healed = operation('Succeeded', wanted, { operation: { sync: { autoHealAttemptsCount: 4 } } })
      expect(left({ automated: { selfHeal: true }, resources: [migrate], operationState: healed })).toEqual(gone)
      const closed = windows({ kind: 'deny', schedule: '* * * * *', duration: '24h', applications: ['*'] })
      const change = { sync: sync('OutOfSync', wanted), resources: [migrate] }
      expect(judge({ ...status(change), ...closed })).toEqual(gone)
    })

    test.each<[string, Left, string]>([
      ['something else differs too', { resources: [edited, migrate] }, 'argo.drifted'],
      ['it is one of another API', { resources: [{ ...migrate, group: 'batch.volcano.sh' }] }, 'argo.drifted'],
      ['it is healed still', { automated: { selfHeal: true }, resources: [migrate] }, 'argo.out-of-sync'],
      ['it is new', { resources: [migrate], operationState: operation('Succeeded', before) }, 'argo.out-of-sync'],
      [
        'people have not synced it yet',
        { automated: null, resources: [migrate], operationState: operation('Succeeded', before) },
        'argo.manual-sync',
      ],
    ])('is not what differs where %s', (_, change, reason) => {
      expect(left(change)).toMatchObject({ reason })
    })
  })

  test('and where healing itself does not last', () => {
    const heals = (autoHealAttemptsCount: number) =>
      left({
        automated: { selfHeal: true },
        resources: [edited],
        operationState: operation('Succeeded', wanted, { operation: { sync: { autoHealAttemptsCount } } }),
      })
    expect(heals(1)).toMatchObject({ is: 'progressing', reason: 'argo.out-of-sync' })
    expect(heals(4)).toMatchObject({
      is: 'waiting',
      reason: 'argo.drifted',
      detail: 'differing from Git after its sync: Deployment api; 4 attempts of selfHeal did not last',
    })
  })

  test.each<[string, Left]>([
    ['a sync of another commit is the last', { resources: [edited], operationState: operation('Succeeded', before) }],
    ['it was not compared since the sync', { resources: [edited], status: { reconciledAt: '2026-03-01T09:59:09Z' } }],
    ['it heals itself', { automated: { selfHeal: true }, resources: [edited] }],
  ])('is about to be synced where %s', (_, change) => {
    expect(left(change)).toMatchObject({ is: 'progressing', reason: 'argo.out-of-sync' })
  })

  test('is never failed, however long nobody comes', () => {
    const looks = [0, 30, 60].map((minute) => ({
      at: toInstant(minute * 60_000),
      sighting: left({ resources: [edited] }),
    }))
    const words = foldHealth(looks, [wanted], defaultHealth).map(({ health: { is } }) => is)
    expect(new Set(words)).toEqual(new Set(['waiting']))
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

  const built = (kustomize: object, compared?: object) => ({
    application: application({
      spec: { source: { ...source, kustomize } },
      status: { sync: sync('Synced', wanted, { source: { ...source, kustomize: compared }, destination }) },
    }),
  })

  test.each<[string, object, object | undefined]>([
    ['nothing', {}, undefined],
    ['false', { forceCommonLabels: false, namePrefix: 'x-' }, { namePrefix: 'x-' }],
    ['no label', { commonLabels: {}, namePrefix: 'x-' }, { namePrefix: 'x-' }],
    [
      'zero, which is written down',
      { replicas: [{ name: 'api', count: 0 }] },
      { replicas: [{ name: 'api', count: 0 }] },
    ],
    [
      'what says nothing in a list',
      { replicas: [{ name: 'api', count: 2, x: false }] },
      { replicas: [{ name: 'api', count: 2 }] },
    ],
  ])('also where its spec writes out %s, which Argo CD leaves out', (_, kustomize, compared) => {
    expect(judge(built(kustomize, compared))).toMatchObject({ is: 'healthy', revision: wanted })
  })

  test.each<[string, object, object]>([
    [
      'false, and was true',
      { forceCommonLabels: false, namePrefix: 'x-' },
      { forceCommonLabels: true, namePrefix: 'x-' },
    ],
    ['true, and was not', { forceCommonLabels: true, namePrefix: 'x-' }, { namePrefix: 'x-' }],
    [
      'no label, and there was one',
      { commonLabels: {}, namePrefix: 'x-' },
      { commonLabels: { a: 'b' }, namePrefix: 'x-' },
    ],
    ['zero, and was more', { replicas: [{ name: 'api', count: 0 }] }, { replicas: [{ name: 'api', count: 3 }] }],
    ['one replica less', { replicas: [{}] }, { replicas: [{}, {}] }],
  ])('not where it writes out %s', (_, kustomize, compared) => {
    expect(judge(built(kustomize, compared))).toMatchObject({ reason: 'argo.spec-not-compared' })
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

  describe('by what Sluice does not judge itself', () => {
    const ingress = { group: 'networking.k8s.io', kind: 'Ingress', namespace: 'api-staging', name: 'api' }
    const object = { kind: 'Ingress', namespace: 'api-staging', name: 'api' }
    const rolledOut = workloads({ workloads: [deployment()] })
    const said = (word: string, written?: object, more: object = {}) =>
      judge({
        ...status({
          health: { status: word },
          resources: [
            {
              ...{ group: 'apps', ...api },
              status: 'Synced',
              ...(written === undefined ? {} : { health: { status: word, message: 'old' } }),
            },
            { ...ingress, status: 'Synced', ...(written === undefined ? {} : { health: written }) },
          ],
          ...more,
        }),
        workloads: rolledOut,
      })

    test.each([
      ['Degraded', 'is degraded'],
      ['Progressing', 'is not healthy yet'],
    ])('%s, it says how to come by a name, and what would have it here', (word, what) => {
      const unsaid = { resourceHealthSource: 'appTree', controllerNamespace: 'argocd' }
      const detail = `Argo CD does not say here which resource ${what}; \`argocd app get api\` shows it; with \`controller.resource.health.persist: "true"\` it is named here, and can be taken back`
      expect(said(word, undefined, unsaid)).toMatchObject({ detail })
      // Where health is written down but of none of them, that setting does not help.
      const apart = { controllerNamespace: 'argocd-2' }
      const look = `Argo CD does not say here which resource ${what}; \`argocd app get argocd/api\` shows it`
      expect(said(word, undefined, apart)).toMatchObject({ detail: look })
    })

    test('names what is written down, by its words', () => {
      const message = 'waiting for an address'
      expect(said('Progressing', { status: 'Progressing', message })).toMatchObject({
        ...{ is: 'progressing', detail: expect.stringContaining(`Ingress api-staging/api: ${message}`) },
        objects: [object],
      })
      expect(said('Degraded', { status: 'Degraded', message })).toMatchObject({
        ...{ is: 'failed', detail: expect.stringContaining(`Ingress api-staging/api: ${message}`) },
      })
    })

    test('speaks of workloads first, which tell why', () => {
      const written = { ...ingress, status: 'Synced', health: { status: 'Progressing', message: '' } }
      const change = status({
        health: { status: 'Progressing' },
        resources: [{ group: 'apps', ...api, status: 'Synced' }, written],
      })
      const late = workloads({ workloads: [deployment(notAvailable)] })
      expect(judge({ ...change, workloads: late })).toMatchObject({ objects: [api] })
    })

    test('T65 nor is it to blame for what takes long while pods cannot be read', () => {
      const written = { status: 'Progressing', message: '' }
      const resources = [
        { group: 'apps', ...api, status: 'Synced' },
        { ...ingress, status: 'Synced', health: written },
      ]
      const change = status({ health: { status: 'Progressing' }, resources })
      const seen = workloads({ unread: [unread('v1/pods')] })
      expect(judge({ ...change, workloads: seen })).toMatchObject({
        ...{ is: 'progressing', objects: [object], infrastructure: expect.stringContaining('pods') },
      })
    })
  })

  test('T65 degraded by a registry that is away is infrastructure', () => {
    const pod = waitingPod('ImagePullBackOff', 'Back-off pulling image "x"')
    const seen = workloads({ workloads: [deployment(notAvailable)], pods: [pod] })
    expect(judge({ ...health('Degraded'), workloads: seen })).toMatchObject({
      is: 'failed',
      infrastructure: expect.stringContaining('image pull'),
    })
  })

  test('T65 degraded while pods cannot be read may be the registry’s fault', () => {
    const hidden = { unread: [unread('v1/pods', 'GET /x: 403, pods is forbidden')] }
    const why = expect.stringMatching(/^pods of api-staging cannot be read: GET \/x: 403/)
    const late = workloads({ ...hidden, workloads: [deployment(deadlineExceeded)] })
    const blind = { infrastructure: why, detail: why, objects: [api] }
    expect(judge({ ...health('Degraded'), workloads: late })).toMatchObject({ is: 'failed', ...blind })
    // Whoever waits for longer than `deadline` takes nothing back either.
    expect(judge({ ...health('Progressing'), workloads: late })).toMatchObject({ is: 'progressing', ...blind })
    const resources = [{ group: 'apps', ...api, health: { status: 'Degraded' } }]
    const carried = { ...status({ health: { status: 'Degraded' }, resources }), workloads: workloads(hidden) }
    expect(judge(carried)).toMatchObject({ is: 'failed', ...blind })
  })

  test('a Rollout that was aborted, which Argo CD does not name', () => {
    const web = { kind: 'Rollout', namespace: 'api-staging', name: 'web' }
    const resources = [{ group: 'argoproj.io', version: 'v1alpha1', ...web, status: 'Synced' }]
    const aborted = workloadSchema.parse({
      kind: 'Rollout',
      metadata: { namespace: 'api-staging', name: 'web' },
      status: { phase: 'Degraded', message: 'RolloutAborted: Rollout aborted update to revision 2' },
    })
    const change = {
      ...status({ health: { status: 'Degraded' }, resources }),
      workloads: workloads({ workloads: [aborted] }),
    }
    expect(judge(change)).toMatchObject({
      ...{ is: 'failed', final: true, objects: [web] },
      detail: expect.stringContaining('Rollout aborted update to revision 2'),
    })
    const alien = [{ ...resources[0], group: 'rollouts.example' }]
    const other = { ...change, ...status({ health: { status: 'Degraded' }, resources: alien }) }
    expect(judge(other)).toMatchObject({ is: 'failed', objects: [] })
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

  test('a sync that failed before a commit which Argo CD takes for the same, whose own would be refused', () => {
    const change = {
      ...outOfSync,
      operationState: operation('Failed', before),
      conditions: [{ type: 'SyncError', message: `Failed last sync attempt to [${before}]: it is invalid` }],
    }
    expect(judge(status(change))).toMatchObject({
      is: 'failed',
      revision: before,
      reason: 'argo.sync-failed',
      halted: { reason: 'argo.sync-refused', detail: `Failed last sync attempt to [${before}]: it is invalid` },
    })
    const closed = windows({ kind: 'deny', schedule: '* * * * *', duration: '24h', applications: ['*'] })
    expect(judge({ ...status(change), ...closed })).toMatchObject({ is: 'waiting', reason: 'argo.sync-window' })
  })

  test('but not the failed sync of an older commit', () => {
    expect(judge(status({ ...outOfSync, operationState: operation('Failed', before) }))).toMatchObject({
      is: 'progressing',
      reason: 'argo.out-of-sync',
    })
  })
})

describe('a hook that failed after everything was applied', () => {
  const smoke = {
    group: 'batch',
    kind: 'Job',
    namespace: 'api-staging',
    name: 'smoke',
    hookType: 'PostSync',
    hookPhase: 'Failed',
    message: 'Job has reached the specified backoff limit',
  }
  const applied = { group: 'apps', kind: 'Deployment', namespace: 'api-staging', name: 'api', status: 'Synced' }
  const ended = (phase: string, revision: string, resources: readonly object[], change: object = {}) => ({
    operationState: operation(phase, revision, {
      message: 'one or more synchronization tasks completed unsuccessfully',
      syncResult: { revision, resources: [applied, ...resources] },
      ...change,
    }),
  })

  test.each(['Failed', 'Error'])('%s: the commit failed, though it is synced and healthy', (phase) => {
    expect(judge(status(ended(phase, wanted, [{ ...smoke, hookPhase: phase }])))).toEqual({
      is: 'failed',
      revision: wanted,
      reason: 'argo.hook-failed',
      detail:
        'one or more synchronization tasks completed unsuccessfully | PostSync hook Job api-staging/smoke: Job has reached the specified backoff limit',
      final: false,
      objects: [{ kind: 'Job', namespace: 'api-staging', name: 'smoke' }],
    })
  })

  test('T65 may have waited for its image until it was out of time', () => {
    const late = { ...smoke, message: 'Job was active longer than specified deadline' }
    const infrastructure = expect.stringContaining('image cannot be pulled')
    expect(judge(status(ended('Failed', wanted, [late])))).toMatchObject({ reason: 'argo.hook-failed', infrastructure })
    const before = { ...ended('Failed', wanted, [{ ...late, hookType: 'PreSync' }]), sync: sync('OutOfSync', wanted) }
    expect(judge(status(before))).toMatchObject({ reason: 'argo.sync-failed', infrastructure })
  })

  test('stays the failure of its content where an unrelated commit comes, for which Argo CD has nothing to sync', () => {
    const sighting = judge(status(ended('Failed', before, [smoke])))
    expect(sighting).toMatchObject({ is: 'failed', revision: before, reason: 'argo.hook-failed' })
    const healthOf = (content: readonly string[]) =>
      foldHealth(
        [0, 3].map((minute) => ({ at: toInstant(minute * 60_000), sighting })),
        content,
        defaultHealth,
      ).at(-1)?.health
    expect(healthOf([before, wanted])).toMatchObject({ is: 'failed', reason: 'argo.hook-failed' })
    // Only hooks can differ where nothing was to be synced, and those of this content have not run.
    expect(healthOf([wanted])).toMatchObject({ is: 'unknown', reason: 'argo.hooks-not-run' })
  })

  test('is not blamed on a commit that takes back what it kept from being applied', () => {
    const migrate = { ...smoke, name: 'migrate', hookType: 'PreSync' }
    expect(judge(status(ended('Failed', before, [migrate])))).toMatchObject({ is: 'healthy', revision: wanted })
  })

  test('is forgotten with the next sync', () => {
    expect(judge(status(ended('Succeeded', wanted, [])))).toMatchObject({ is: 'healthy', revision: wanted })
    expect(judge(status(ended('Running', wanted, [smoke])))).toMatchObject({
      is: 'progressing',
      reason: 'argo.syncing',
    })
  })

  test('gives way to resources that are degraded, which tell more', () => {
    const change = { ...ended('Failed', wanted, [smoke]), health: { status: 'Degraded' } }
    expect(judge(status(change))).toMatchObject({ is: 'failed', reason: 'argo.degraded' })
  })

  const job = (...conditions: NonNullable<NonNullable<Workload['status']>['conditions']>): Workload => ({
    kind: 'Job',
    metadata: { name: 'smoke', namespace: 'api-staging', uid: 'job-smoke', generation: 1 },
    spec: {},
    status: { conditions },
  })

  test('T65 is named while the sync waits for it, and whose fault that is', () => {
    const pulling = waitingPod('ImagePullBackOff', 'Back-off pulling image "x"')
    const ownerReferences = [{ kind: 'Job', name: 'smoke', uid: 'job-smoke' }]
    const pod = { ...pulling, metadata: { ...pulling.metadata, ownerReferences } }
    const seen = workloads({ workloads: [deployment(), job()], pods: [pod] })
    const syncResult = { revision: wanted, resources: [{ ...smoke, hookPhase: 'Running' }] }
    expect(judge({ ...status(running({ syncResult })), workloads: seen })).toMatchObject({
      is: 'progressing',
      reason: 'argo.syncing',
      objects: [{ kind: 'Job', namespace: 'api-staging', name: 'smoke' }],
      infrastructure: expect.stringContaining('image pull'),
    })
  })

  test('of an older sync is nothing that runs', () => {
    const seen = workloads({
      workloads: [deployment(notAvailable), job(condition('Failed', 'True', 'BackoffLimitExceeded'))],
    })
    const resources = [
      { group: 'apps', ...api, status: 'Synced' },
      { group: 'batch', kind: 'Job', namespace: 'api-staging', name: 'smoke', hook: true },
    ]
    const change = status({ resources, health: { status: 'Degraded', message: 'x' } })
    expect(judge({ ...change, workloads: seen })).toMatchObject({ is: 'failed', final: false, objects: [api] })
  })

  test.each<[string, object]>([
    [
      'a resource was degraded before its turn came, and healed',
      ended('Failed', wanted, [{ ...applied, hookPhase: 'Failed' }]),
    ],
    ['it could not be carried out', ended('Error', wanted, [])],
    [
      'somebody ended it',
      ended('Failed', wanted, [{ ...smoke, message: 'Terminated' }], { message: 'Operation terminated' }),
    ],
  ])('may not even have run where the sync ended early: %s', (_, change) => {
    expect(judge(status({ ...change }))).toMatchObject({ is: 'waiting', reason: 'argo.sync-unfinished' })
  })

  test('may fail by a timeout of Argo CD, which is no person', () => {
    const message = 'Operation terminated, triggered by controller sync timeout'
    expect(judge(status(ended('Failed', wanted, [smoke], { message })))).toMatchObject({ is: 'failed' })
  })

  test.each([{ dryRun: true }, { resources: [{ kind: 'Deployment', name: 'api' }] }])(
    'does not run in a sync of %o, which says nothing about the release',
    (sync) => {
      const change = ended('Failed', wanted, [{ ...applied, status: 'SyncFailed' }], { operation: { sync } })
      expect(judge(status(change))).toMatchObject({ is: 'healthy', revision: wanted })
    },
  )
})

test('a sync tells which commit it is about to bring, so that one which never ends has a deadline', () => {
  const hangs = status({
    sync: sync('OutOfSync', wanted),
    operationState: operation('Running', wanted, { message: 'waiting for healthy state of apps/Deployment/api' }),
    history: [{ revision: before }],
  })
  expect(judge(hangs)).toMatchObject({
    is: 'progressing',
    revision: before,
    reason: 'argo.syncing',
    attempt: { revision: wanted },
  })
})
