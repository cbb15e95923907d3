import { describe, expect, test } from 'vitest'
import { diagnose, isHeldByPeople } from '../../../../src/adapters/delivery/workloads/diagnose.ts'
import { pullProblem } from '../../../../src/adapters/delivery/workloads/image-pull.ts'
import { rolloutState } from '../../../../src/adapters/delivery/workloads/rollout-state.ts'
import { podSchema, type Workload, workloadSchema } from '../../../../src/adapters/delivery/workloads/workload.ts'
import {
  condition,
  deadlineExceeded,
  deployment,
  failedJob,
  notAvailable,
  replicaSet,
  restartedPod,
  unread,
  waitingPod,
  workloads,
} from './workload-objects.ts'

const api = { kind: 'Deployment', namespace: 'api-staging', name: 'api' }
const web = { kind: 'Deployment', namespace: 'api-staging', name: 'web' }
const refused = 'failed to do request: Head "https://r.example/v2/": dial tcp 10.0.0.7:443: connect: connection refused'

describe('an image that cannot be pulled', () => {
  test.each<[string, string, string, 'own' | 'registry' | undefined]>([
    ['the registry refuses connections', 'ErrImagePull', refused, 'registry'],
    ['the registry has no name', 'ErrImagePull', 'dial tcp: lookup r.example: no such host', 'registry'],
    ['the registry fails', 'ErrImagePull', 'unexpected status from HEAD request: 503 Service Unavailable', 'registry'],
    ['the registry is slow', 'ErrImagePull', 'context deadline exceeded', 'registry'],
    ['the registry counts', 'ErrImagePull', '429 Too Many Requests', 'registry'],
    ['the credentials are refused', 'ErrImagePull', 'pull access denied, authorization failed', 'registry'],
    ['nobody tells why', 'ImagePullBackOff', 'Back-off pulling image "x"', 'registry'],
    ['the registry does not know it', 'ErrImagePull', 'manifest unknown: manifest unknown', 'own'],
    [
      'the registry does not find it',
      'ErrImagePull',
      'failed to resolve reference "r.example/x@sha256:1": r.example/x@sha256:1: not found',
      'own',
    ],
    ['there is nothing for this machine', 'ErrImagePull', 'no matching manifest for linux/amd64', 'own'],
    ['its name is none', 'InvalidImageName', 'couldn’t parse image reference', 'own'],
    ['it crashes', 'CrashLoopBackOff', 'back-off 10s', undefined],
    ['it is being made', 'ContainerCreating', '', undefined],
  ])('%s', (_, reason, message, problem) => {
    expect(pullProblem(waitingPod(reason, message), [])).toBe(problem)
  })

  test('the event tells where the pod only says that it backs off', () => {
    const event = {
      reason: 'Failed',
      message: 'Failed to pull image "x": manifest unknown',
      involvedObject: { kind: 'Pod', name: 'api-1-x', uid: 'pod-api' },
    }
    // A pod of a StatefulSet has the name of the one before it.
    const other = { ...event, involvedObject: { ...event.involvedObject, uid: 'pod-before' } }
    expect(pullProblem(waitingPod('ImagePullBackOff'), [event])).toBe('own')
    expect(pullProblem(waitingPod('ImagePullBackOff'), [other])).toBe('registry')
  })
})

const nothing = { failing: [], leftToPeople: [], hasFailed: false, final: false, isCrashing: false }

describe('a diagnosis', () => {
  test('names what is not rolled out among what was applied, and nothing else', () => {
    const seen = workloads({
      workloads: [deployment(notAvailable), deployment({}, 'web'), deployment(notAvailable, 'stranger')],
    })
    expect(diagnose([api, web], seen).failing.map(({ object }) => object)).toEqual([api])
  })

  test('is empty where nothing could be read', () => {
    expect(diagnose([api], undefined)).toEqual(nothing)
    expect(diagnose([api], workloads({}))).toEqual(nothing)
  })

  test('is final only where nothing tries again: a Job that failed, no Deployment that takes too long', () => {
    const slow = diagnose([api], workloads({ workloads: [deployment(deadlineExceeded)] }))
    expect(slow).toMatchObject({ failing: [{ object: api }], hasFailed: true, final: false })
    const migrate = { kind: 'Job', namespace: 'api-staging', name: 'migrate' }
    expect(diagnose([migrate], workloads({ workloads: [failedJob] }))).toMatchObject({ hasFailed: true, final: true })
    const late = diagnose([api], workloads({ workloads: [deployment(notAvailable)] }))
    expect(late).toMatchObject({ failing: [{ object: api }], hasFailed: false, final: false })
  })

  test('T65 blames the infrastructure only where it holds back everything that fails', () => {
    const pulls = waitingPod('ErrImagePull', refused)
    const crashes = waitingPod('CrashLoopBackOff', '', 'web')
    const both = {
      workloads: [deployment(notAvailable), deployment(notAvailable, 'web')],
      replicaSets: [replicaSet(), replicaSet('web')],
    }
    expect(
      diagnose([api, web], workloads({ workloads: [deployment(notAvailable)], pods: [pulls] })).infrastructure,
    ).toContain('image pull')
    expect(diagnose([api, web], workloads({ ...both, pods: [pulls, crashes] })).infrastructure).toBeUndefined()
    expect(diagnose([api, web], workloads({ ...both, pods: [pulls] })).infrastructure).toBeUndefined()
  })

  test('knows pods that cannot be scheduled', () => {
    const pod = waitingPod('', '')
    const conditions = [condition('PodScheduled', 'False', 'Unschedulable'), condition('Ready', 'False')]
    const pods = [{ ...pod, status: { ...pod.status, containerStatuses: [], conditions } }]
    expect(diagnose([api], workloads({ workloads: [deployment(notAvailable)], pods })).infrastructure).toContain(
      'scheduled',
    )
  })
})

describe('T45 T65 what could not be read', () => {
  const fails = { workloads: [deployment(notAvailable)] }

  test.each(['v1/pods', 'apps/v1/replicasets'])(
    '%s of what fails may hide a registry that is away: nobody is blamed',
    (collection) => {
      const seen = diagnose([api], workloads({ ...fails, unread: [unread(collection)] }))
      const words = expect.stringMatching(/ of api-staging cannot be read: GET \/x: 500/)
      expect(seen).toMatchObject({ failing: [{ object: api }], infrastructure: words, unread: words })
    },
  )

  test('of what runs well is told, for it may crash', () => {
    const seen = diagnose([api], workloads({ workloads: [deployment()], unread: [unread('v1/pods')] }))
    expect(seen).toMatchObject({ failing: [], unread: expect.stringContaining('pods of api-staging cannot be read') })
    expect(seen).not.toHaveProperty('infrastructure')
    const kinds = diagnose([api], workloads({ unread: [unread('apps/v1/deployments')] }))
    expect(kinds.unread).toContain('deployments of api-staging cannot be read')
  })

  test('says nothing against what it is not about', () => {
    const elsewhere = { ...unread('v1/pods'), namespace: 'web-staging' }
    for (const other of [elsewhere, unread('apps/v1/statefulsets')])
      expect(diagnose([api], workloads({ ...fails, unread: [other] }))).not.toHaveProperty('unread')
    const set = { kind: 'StatefulSet', namespace: 'api-staging', name: 'db' }
    expect(diagnose([set], workloads({ unread: [unread('apps/v1/replicasets')] }))).not.toHaveProperty('unread')
  })

  test('excuses no release whose pods are seen to crash elsewhere', () => {
    const there = { kind: 'Deployment', namespace: 'web-staging', name: 'web' }
    const web = deployment(notAvailable, 'web')
    const hidden = { ...web, metadata: { ...web.metadata, namespace: 'web-staging' } }
    const seen = workloads({
      workloads: [deployment(notAvailable), hidden],
      pods: [waitingPod('CrashLoopBackOff')],
      unread: [{ ...unread('v1/pods'), namespace: 'web-staging' }],
    })
    expect(diagnose([api, there], seen)).toMatchObject({ isCrashing: true })
    expect(diagnose([api, there], seen)).not.toHaveProperty('infrastructure')
  })
})

describe('a workload is rolled out', () => {
  const of = (kind: Workload['kind'], status: NonNullable<Workload['status']>, replicas = 2): Workload => ({
    ...deployment(),
    kind,
    spec: { replicas },
    status: { observedGeneration: 2, ...status },
  })
  test.each<[string, Workload, ReturnType<typeof rolloutState>['is']]>([
    ['a Deployment with all replicas', deployment(), 'current'],
    ['not without a status', { ...deployment(), status: undefined }, 'in-progress'],
    ['not while its newest spec is not observed', deployment({ observedGeneration: 1 }), 'in-progress'],
    [
      'not while it is being deleted',
      { ...deployment(), metadata: { ...deployment().metadata, deletionTimestamp: 'x' } },
      'in-progress',
    ],
    ['not while replicas are updated', deployment({ updatedReplicas: 1 }), 'in-progress'],
    ['not while old replicas are there', deployment({ replicas: 3 }), 'in-progress'],
    ['not while replicas are not available', deployment({ availableReplicas: 1 }), 'in-progress'],
    ['not once its deadline is over, though it may be yet', deployment(deadlineExceeded), 'over-deadline'],
    [
      'a StatefulSet at its newest revision',
      of('StatefulSet', { readyReplicas: 2, currentRevision: 'a', updateRevision: 'a' }),
      'current',
    ],
    [
      'not a StatefulSet on its way',
      of('StatefulSet', { readyReplicas: 2, currentRevision: 'a', updateRevision: 'b' }),
      'in-progress',
    ],
    ['not a StatefulSet that is not ready', of('StatefulSet', { readyReplicas: 1 }), 'in-progress'],
    [
      'a DaemonSet on every node',
      of('DaemonSet', { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 3, numberAvailable: 3 }),
      'current',
    ],
    [
      'not a DaemonSet on some',
      of('DaemonSet', { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 2, numberAvailable: 2 }),
      'in-progress',
    ],
    ['not a DaemonSet that nobody counted', of('DaemonSet', {}), 'in-progress'],
    ['a Job that is complete', of('Job', { conditions: [condition('Complete', 'True')] }), 'current'],
    ['not a Job that runs', of('Job', {}), 'in-progress'],
    ['never a Job that failed', of('Job', { conditions: [condition('Failed', 'True')] }), 'failed'],
  ])('%s', (_, workload, is) => {
    expect(rolloutState(workload).is).toBe(is)
  })
})

describe('a workload that people move step by step is rolled out once it is ready', () => {
  const moved = (kind: Workload['kind'], updateStrategy: object, status: object): Workload =>
    workloadSchema.parse({
      ...{ kind, metadata: { name: 'db', namespace: 'api-staging', uid: 'db', generation: 2 } },
      spec: { replicas: 3, updateStrategy },
      status: { observedGeneration: 2, ...status },
    })
  const partOf = (partition: number) => ({ type: 'RollingUpdate', rollingUpdate: { partition } })
  const onDelete = { type: 'OnDelete' }
  const ready = { readyReplicas: 3, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' }
  const daemons = { desiredNumberScheduled: 3, updatedNumberScheduled: 1, numberReady: 3, numberAvailable: 3 }

  test.each<[string, Workload, ReturnType<typeof rolloutState>['is']]>([
    ['a StatefulSet by OnDelete', moved('StatefulSet', onDelete, ready), 'current'],
    ['not before it is ready', moved('StatefulSet', onDelete, { ...ready, readyReplicas: 2 }), 'in-progress'],
    ['a StatefulSet whose part is updated', moved('StatefulSet', partOf(2), ready), 'current'],
    ['not before that part is', moved('StatefulSet', partOf(1), ready), 'in-progress'],
    ['not before it is ready', moved('StatefulSet', partOf(2), { ...ready, readyReplicas: 2 }), 'in-progress'],
    ['all of it where the API filled in the part', moved('StatefulSet', partOf(0), ready), 'in-progress'],
    ['a DaemonSet by OnDelete', moved('DaemonSet', onDelete, daemons), 'current'],
    ['not before it is ready', moved('DaemonSet', onDelete, { ...daemons, numberReady: 2 }), 'in-progress'],
    ['not a DaemonSet that moves by itself', moved('DaemonSet', partOf(0), daemons), 'in-progress'],
  ])('%s', (_, workload, is) => {
    expect(rolloutState(workload).is).toBe(is)
  })

  test.each<[string, Workload]>([
    ['a StatefulSet by OnDelete', moved('StatefulSet', onDelete, { ...ready, updatedReplicas: 0 })],
    ['a StatefulSet whose partition is all of it', moved('StatefulSet', partOf(3), { ...ready, updatedReplicas: 0 })],
    ['a DaemonSet by OnDelete', moved('DaemonSet', onDelete, { ...daemons, updatedNumberScheduled: 0 })],
  ])('but not while no pod runs it: %s', (_, workload) => {
    const { kind, metadata } = workload
    const seen = diagnose(
      [{ kind, namespace: 'api-staging', name: metadata.name }],
      workloads({ workloads: [workload] }),
    )
    expect(seen).toMatchObject({ failing: [], leftToPeople: [{ state: { is: 'in-progress' } }] })
    expect(isHeldByPeople(seen)).toBe(true)
  })

  test('T65 and hides no registry that is away from a Deployment beside it', () => {
    const db = { kind: 'StatefulSet', namespace: 'api-staging', name: 'db' }
    const set = moved('StatefulSet', onDelete, ready)
    const pods = [waitingPod('ErrImagePull', refused)]
    const seen = diagnose([api, db], workloads({ workloads: [deployment(notAvailable), set], pods }))
    expect(seen).toMatchObject({ failing: [{ object: api }], infrastructure: expect.stringContaining('image pull') })
  })
})

test('T45 a container that ended nobody knows when crashes all the same', () => {
  const pod = waitingPod('CrashLoopBackOff')
  const [container] = pod.status.containerStatuses
  const lost = { ...container, lastState: { terminated: { finishedAt: null } } }
  expect(podSchema.safeParse({ ...pod, status: { ...pod.status, containerStatuses: [lost] } }).success).toBe(true)
})

describe('T45 containers that end', () => {
  const down = [deployment(notAvailable)]
  const finishedAt = '2026-03-01T10:00:00Z'

  test('and wait to be started again crash, which is more than not being there yet', () => {
    const of = (reason: string) =>
      diagnose([api], workloads({ workloads: down, pods: [waitingPod(reason)] })).isCrashing
    expect(of('CrashLoopBackOff')).toBe(true)
    expect(of('ContainerCreating')).toBe(false)
    expect(of('ErrImagePull')).toBe(false)
  })

  test('are remembered once they run again', () => {
    const seen = workloads({ workloads: [deployment()], pods: [restartedPod(finishedAt)] })
    expect(diagnose([api], seen)).toEqual({
      ...nothing,
      restartedAt: Date.parse(finishedAt),
    })
    expect(diagnose([web], seen)).not.toHaveProperty('restartedAt')
  })

  test('say nothing where their pod is being deleted, or a Job’s', () => {
    const [pod] = [restartedPod(finishedAt)]
    const leaving = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: finishedAt } }
    expect(diagnose([api], workloads({ workloads: [deployment()], pods: [leaving] }))).not.toHaveProperty('restartedAt')
    const job: Workload = {
      kind: 'Job',
      metadata: { name: 'api', namespace: 'api-staging', uid: 'set-api' },
      spec: {},
      status: { conditions: [condition('Complete', 'True')] },
    }
    const applied = [{ kind: 'Job', namespace: 'api-staging', name: 'api' }]
    expect(diagnose(applied, workloads({ workloads: [job], pods: [pod] }))).not.toHaveProperty('restartedAt')
  })
})
