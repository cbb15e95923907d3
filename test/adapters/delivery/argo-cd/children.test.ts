import { describe, expect, test } from 'vitest'
import { type Application, applicationSchema } from '../../../../src/adapters/delivery/argo-cd/application.ts'
import type { ArgoRead } from '../../../../src/adapters/delivery/argo-cd/application-facts.ts'
import { judgeApplication } from '../../../../src/adapters/delivery/argo-cd/judge-application.ts'
import {
  condition,
  deadlineExceeded,
  deployment,
  failedJob,
  notAvailable,
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
} from './application-objects.ts'

type Fields = Readonly<Record<string, unknown>>
interface Change {
  readonly metadata?: Fields
  readonly spec?: Fields
  readonly status?: Fields
}

const ref = (name: string, namespace = 'argocd', more: Fields = {}) => ({
  ...{ group: 'argoproj.io', version: 'v1alpha1', kind: 'Application', namespace, name, status: 'Synced' },
  ...more,
})
const chart = { repoURL: 'https://charts.example', chart: 'redis', targetRevision: '1.2.3' }
const started = '2026-03-01T09:59:00Z' // of the parent's sync

/** An Application that follows a chart, and is well but for what a test changes. */
function child(name: string, { metadata, spec, status }: Change = {}): Application {
  const source = spec?.['source'] ?? chart
  const one = {
    metadata: { name, ...metadata },
    spec: { source, ...spec },
    status: {
      sync: sync('Synced', '1.2.3', { source, destination }),
      operationState: operation('Succeeded', '1.2.3'),
      history: [{ revision: '1.2.3', source }],
      ...status,
    },
  }
  return applicationSchema.parse(application(one))
}

/** What is said of an Application that renders those, and is synced and healthy by its own word. */
const judge = (children: readonly Application[], { status, spec }: Change = {}, more: Partial<ArgoRead> = {}) =>
  judgeApplication(
    read({
      application: application({
        ...(spec === undefined ? {} : { spec }),
        status: { resources: children.map(({ metadata }) => ref(metadata.name, metadata.namespace)), ...status },
      }),
      applications: new Map(children.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one])),
      ...more,
    }),
    expected,
  )

const degraded = { health: { status: 'Degraded', message: '' } }
const redis = { kind: 'Application', namespace: 'argocd', name: 'redis' }
/** The workloads of where the children go, in which the Deployment that they all apply is over its deadline. */
const looked = { workloads: workloads({ workloads: [deployment(deadlineExceeded)] }) }

describe('an Application that renders others', () => {
  test('is healthy with them', () => {
    expect(judge([child('redis'), child('queue', { metadata: { namespace: 'team-a' } })])).toMatchObject({
      is: 'healthy',
      revision: wanted,
    })
  })

  test('has failed where one of them has, which it names: whether the promotion has changed that can be compared', () => {
    expect(judge([child('redis', { status: degraded }), child('queue')], {}, looked)).toEqual({
      is: 'failed',
      revision: wanted,
      reason: 'argo.child-failed',
      detail: expect.stringMatching(/^Application argocd\/redis: Deployment api-staging\/api: .*timed out progressing/),
      final: false,
      objects: [redis],
    })
  })

  test.each<[string, Change, object]>([
    [
      'is on its way',
      { status: { health: { status: 'Progressing' } } },
      { is: 'progressing', reason: 'argo.child-progressing' },
    ],
    ['is new', { status: { sync: undefined } }, { is: 'progressing', reason: 'argo.child-progressing' }],
    [
      'was not compared with the spec that it has now',
      {
        spec: { source: { ...chart, targetRevision: '1.2.4' } },
        status: { sync: sync('Synced', '1.2.3', { source: chart, destination }) },
      },
      { is: 'progressing', reason: 'argo.child-progressing', detail: expect.stringContaining('argocd/redis') },
    ],
    [
      'is behind, and people sync it',
      { spec: { syncPolicy: {} }, status: { sync: sync('OutOfSync', '1.2.3', { source: chart, destination }) } },
      {
        is: 'waiting',
        reason: 'argo.child-waiting',
        detail: expect.stringMatching(/argocd\/redis: .*somebody has to sync/),
      },
    ],
    ['is suspended', { status: { health: { status: 'Suspended' } } }, { is: 'waiting', reason: 'argo.child-waiting' }],
    [
      'cannot be built',
      { status: { conditions: [{ type: 'ComparisonError', message: 'no such chart' }] } },
      { is: 'unknown', reason: 'argo.child-unknown', detail: 'Application argocd/redis: no such chart' },
    ],
    [
      'is missing all it has',
      { status: { health: { status: 'Missing' } } },
      { is: 'unknown', reason: 'argo.child-unknown' },
    ],
    [
      'failed to be synced',
      {
        status: {
          sync: sync('OutOfSync', '1.2.3', { source: chart, destination }),
          operationState: operation('Failed', '1.2.3'),
        },
      },
      { is: 'failed', reason: 'argo.child-failed' },
    ],
  ])('is not healthy where one of them %s', (_, change, sighting) => {
    expect(judge([child('queue'), child('redis', change)])).toMatchObject(sighting)
  })

  test('is not healthy where one is not there, or a look at it is not possible from here', () => {
    const away = { resources: [ref('redis')] }
    const unknown = { is: 'unknown', reason: 'argo.child-unknown', detail: expect.stringContaining('argocd/redis') }
    expect(judge([], { status: away })).toMatchObject(unknown)
    // It renders for another Argo CD then; of the same name there is one here too.
    const elsewhere = { ...destination, server: 'https://spoke.example' }
    const compared = { sync: sync('Synced', wanted, { destination: elsewhere, source }) }
    const spec = { destination: elsewhere }
    expect(judge([child('redis')], { spec, status: compared })).toMatchObject(unknown)
    // Unless that restores the health of Applications, which makes it part of the parent's, and writes it down.
    const told = { ...compared, resources: [ref('redis', 'argocd', { health: { status: 'Healthy' } })] }
    expect(judge([], { spec, status: told })).toMatchObject({ is: 'healthy' })
  })

  test('leaves out what Git no longer holds, hooks, other kinds, and whom an annotation takes out of Argo CD’s own reckoning', () => {
    const ill = child('redis', { status: degraded })
    const resources = [
      { group: 'apps', kind: 'Deployment', namespace: 'api-staging', name: 'api', status: 'Synced' },
      ref('redis', 'argocd', { status: 'OutOfSync', requiresPruning: true }),
      ref('redis', 'argocd', { hook: true }),
      ref('redis', 'argocd', { group: 'app.k8s.io' }),
    ]
    expect(judge([ill], { status: { resources } })).toMatchObject({ is: 'healthy' })
    const annotations = { 'argocd.argoproj.io/ignore-healthcheck': 'true' }
    expect(judge([child('redis', { metadata: { annotations }, status: degraded })])).toMatchObject({ is: 'healthy' })
  })

  test('is not well until what its sync took away from one of them was compared without', () => {
    const more = { ...chart, helm: { values: 'replicas: 2' } }
    const compared = (reconciledAt: string) => {
      const history = [{ revision: '1.2.3', source: more }]
      const operationState = operation('Succeeded', '1.2.3', {
        startedAt: '2026-03-01T08:00:00Z',
        finishedAt: '2026-03-01T08:00:10Z',
      })
      const status = {
        sync: sync('Synced', '1.2.3', { source: more, destination }),
        reconciledAt,
        history,
        operationState,
      }
      return judge([child('redis', { status })])
    }
    expect(compared('2026-03-01T09:58:59Z')).toMatchObject({ is: 'progressing', reason: 'argo.child-progressing' })
    expect(compared(started)).toMatchObject({ is: 'healthy' })
  })

  test('asks the same of those that they render in turn, and goes round no circle', () => {
    const renders = (name: string, ...others: readonly string[]) =>
      child(name, { status: { resources: others.map((other) => ref(other)) } })
    const root = { resources: [ref('api'), ref('platform')] }
    const all = (leaf: Application) => [
      child('api', { status: degraded }), // which is itself, and tells that by its own words
      renders('platform', 'middle', 'api'),
      renders('middle', 'platform', 'leaf'),
      leaf,
    ]
    expect(judge(all(child('leaf')), { status: root })).toMatchObject({ is: 'healthy' })
    const ill = child('leaf', { status: degraded })
    expect(judge(all(ill), { status: root }, looked)).toMatchObject({
      is: 'failed',
      detail: expect.stringMatching(
        /^Application argocd\/platform: Application argocd\/middle: Application argocd\/leaf: /,
      ),
      objects: [{ ...redis, name: 'platform' }],
    })
  })

  test('takes over that what fails in one does not heal, and that pods of one crash', () => {
    const resources = [{ group: 'batch', kind: 'Job', namespace: 'api-staging', name: 'migrate', status: 'Synced' }]
    const migrating = child('redis', { status: { ...degraded, resources } })
    expect(judge([migrating], {}, { workloads: workloads({ workloads: [failedJob] }) })).toMatchObject({ final: true })
    const pods = [waitingPod('CrashLoopBackOff')]
    const crashing = { workloads: workloads({ workloads: [deployment(notAvailable)], pods }) }
    const busy = child('redis', { status: { health: { status: 'Progressing' } } })
    expect(judge([busy], {}, crashing)).toMatchObject({ is: 'progressing', isCrashing: true, objects: [redis] })
  })

  test('says the gravest, of three by name', () => {
    const waits = {
      spec: { syncPolicy: {} },
      status: { sync: sync('OutOfSync', '1.2.3', { source: chart, destination }) },
    }
    const busy = ['a', 'b', 'c', 'd', 'e'].map((name) => child(name, { status: { health: { status: 'Progressing' } } }))
    expect(judge(busy)).toMatchObject({
      is: 'progressing',
      detail: expect.stringMatching(
        /^5 Applications, among them Application argocd\/a: .*…; Application argocd\/b: .*…; Application argocd\/c: /,
      ),
    })
    expect(judge([...busy, child('f', waits)])).toMatchObject({
      is: 'waiting',
      detail: expect.stringMatching(/^Application argocd\/f: /),
    })
    const unseen = child('g', { status: { health: { status: 'Unknown' } } })
    expect(judge([...busy, child('f', waits), unseen])).toMatchObject({ is: 'unknown' })
    expect(judge([...busy, child('f', waits), unseen, child('h', { status: degraded })])).toMatchObject({
      is: 'failed',
    })
  })

  test('speaks of itself first where something of its own is degraded', () => {
    const both = {
      ...degraded,
      resources: [
        ref('redis'),
        { group: 'apps', kind: 'Deployment', namespace: 'api-staging', name: 'api', status: 'Synced' },
      ],
    }
    expect(judge([child('redis', { status: degraded })], { status: both }, looked)).toMatchObject({
      reason: 'argo.degraded',
      objects: [{ kind: 'Deployment', name: 'api' }],
    })
  })

  test.each(['Degraded', 'Progressing', 'Suspended'])(
    'names the child also where the health of Applications is restored, and makes it %s',
    (word) => {
      const status = {
        health: { status: word },
        resources: [ref('redis', 'argocd', { health: { status: 'Degraded' } })],
      }
      expect(judge([child('redis', { status: degraded })], { status }, looked)).toMatchObject({
        reason: 'argo.child-failed',
        objects: [redis],
      })
    },
  )
})

describe('T44 T65 a child is not held against the promotion', () => {
  const failedWith = (change: Change, more: Partial<ArgoRead>) =>
    judge([child('redis', { ...change, status: { ...degraded, ...change.status } })], {}, more)

  test('where nothing says what fails in it', () => {
    expect(failedWith({}, { workloads: workloads({}) })).toMatchObject({ is: 'failed', objects: [] })
  })

  describe('where it went on to another revision by itself, as along a branch', () => {
    const source = { repoURL: 'https://forge.example/acme/redis', path: '.', targetRevision: 'main' }
    const followed = (deployed: readonly string[], status: Fields = {}) =>
      failedWith(
        {
          spec: { source },
          status: {
            sync: sync('Synced', wanted, { source, destination }),
            operationState: operation('Succeeded', deployed.at(-1) ?? ''),
            history: deployed.map((revision) => ({ revision, source })),
            ...status,
          },
        },
        looked,
      )

    test('but where it stayed, or has seen newer commits that bring it nothing', () => {
      expect(followed([before, wanted])).toMatchObject({ is: 'failed', objects: [] })
      expect(followed([wanted, wanted])).toMatchObject({ is: 'failed', objects: [redis] })
      expect(followed([before])).toMatchObject({ is: 'failed', objects: [redis] })
    })

    test('also to one that could not be synced', () => {
      const refused = { kind: 'Deployment', namespace: 'api-staging', name: 'api', status: 'SyncFailed' }
      const syncResult = { revision: wanted, resources: [refused] }
      const behind = {
        sync: sync('OutOfSync', wanted, { source, destination }),
        operationState: operation('Failed', wanted, { syncResult }),
      }
      expect(followed([before], behind)).toMatchObject({ is: 'failed', objects: [] })
      expect(followed([], behind)).toMatchObject({ is: 'failed', objects: [redis] })
    })
  })

  test('where its pods are in another cluster than its parent’s', () => {
    const spoke = { ...destination, server: 'https://spoke.example' }
    const resources = [
      { group: 'apps', kind: 'Deployment', namespace: 'api-staging', name: 'api', status: 'Synced', ...degraded },
    ]
    const change = {
      spec: { destination: spoke },
      status: { sync: sync('Synced', '1.2.3', { source: chart, destination: spoke }), resources },
    }
    expect(failedWith(change, looked)).toMatchObject({ is: 'failed', objects: [] })
  })

  test('where the registry is away, or its pods cannot be scheduled', () => {
    const away = workloads({
      workloads: [deployment(notAvailable)],
      pods: [waitingPod('ImagePullBackOff', 'received unexpected HTTP status: 503')],
    })
    expect(failedWith({}, { workloads: away })).toMatchObject({
      objects: [redis],
      infrastructure: expect.stringContaining('registry'),
    })
    const waiting = waitingPod('', '')
    const pods = [
      { ...waiting, status: { ...waiting.status, conditions: [condition('PodScheduled', 'False', 'Unschedulable')] } },
    ]
    const full = workloads({ workloads: [deployment(notAvailable)], pods })
    const busy = child('redis', { status: { health: { status: 'Progressing' } } })
    expect(judge([busy], {}, { workloads: full })).toMatchObject({
      ...{ is: 'progressing', objects: [redis], infrastructure: 'pods cannot be scheduled' },
    })
  })

  test('but a quota that holds one workload back excuses none beside it', () => {
    const refused = [
      condition('ReplicaFailure', 'True', 'FailedCreate', 'pods "web-1" is forbidden: exceeded quota: all'),
    ]
    const beside = workloads({
      workloads: [deployment(notAvailable), deployment({ updatedReplicas: 0, conditions: refused }, 'web')],
    })
    const resources = ['api', 'web'].map((name) => ({
      ...{ group: 'apps', kind: 'Deployment', namespace: 'api-staging', name, status: 'Synced' },
    }))
    const sighting = judge([child('redis', { status: { ...degraded, resources } })], {}, { workloads: beside })
    expect(sighting).toMatchObject({
      is: 'failed',
      objects: [redis],
      detail: expect.stringContaining('exceeded quota'),
    })
    expect(sighting).not.toHaveProperty('infrastructure')
  })

  test('and an outage that fails hundreds is looked into for ten', () => {
    const names = Array.from({ length: 200 }, (_, index) => `app-${index}`)
    const sighting = judge(
      names.map((name) => child(name, { status: degraded })),
      {},
      looked,
    )
    expect(sighting).toMatchObject({ is: 'failed', objects: names.slice(0, 10).map((name) => ({ ...redis, name })) })
  })
})
