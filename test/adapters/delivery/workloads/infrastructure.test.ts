import { describe, expect, test } from 'vitest'
import { diagnose, told } from '../../../../src/adapters/delivery/workloads/diagnose.ts'
import type { Pod, Workload, Workloads } from '../../../../src/adapters/delivery/workloads/workload.ts'
import {
  condition,
  deployment,
  event,
  failedJob,
  notAvailable,
  replicaSet,
  unread,
  waitingPod,
  workloads,
} from './workload-objects.ts'

const outOfQuota =
  'pods "api-1-x" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=4, limited: pods=4'
const webhookAway =
  'Internal error occurred: failed calling webhook "sidecar-injector.istio.io": failed to call webhook: Post "https://istiod.istio-system.svc:443/inject?timeout=10s": no endpoints available for service "istiod"'
const denied = 'admission webhook "validate.kyverno.svc-fail" denied the request: exceeded quota of the team'
const deniedByPolicy =
  "pods \"api-1-x\" is forbidden: ValidatingAdmissionPolicy 'limits' with binding 'limits' denied request: exceeded quota of GPUs"
const tooPowerful = 'pods "api-1-x" is forbidden: violates PodSecurity "restricted:latest": privileged'
const nobody =
  'pods "api-1-x" is forbidden: error looking up service account api-staging/new: serviceaccount "new" not found'

const see = (one: Workload, parts: Partial<Workloads>) => {
  const { kind, metadata } = one
  const object = { kind, namespace: 'api-staging', name: metadata.name }
  return diagnose([object], workloads({ workloads: [one], ...parts }))
}

describe('T44 a Deployment whose pods cannot be made', () => {
  const failure = (message: string) => condition('ReplicaFailure', 'True', 'FailedCreate', message)
  const stuck = (message: string) => deployment({ updatedReplicas: 0, conditions: [failure(message)] })

  test.each([
    ['because a quota is used up', outOfQuota, /quota/],
    ['because a quota is not counted yet', 'status unknown for quota: compute, resources: pods', /quota/],
    ['because a webhook does not answer', webhookAway, /webhook/],
  ])('%s waits for the machine park, and says so in the API’s words', (_, message, infrastructure) => {
    const { infrastructure: found, failing } = see(stuck(message), {})
    expect(found).toMatch(infrastructure)
    expect(failing[0]?.state.why).toBe(`no pod can be made: ${message.replace(/^pods .* is forbidden: /, '')}`)
  })

  test.each([
    ['a policy denies, in whatever words', denied],
    ['a policy of the API itself denies, in whatever words', deniedByPolicy],
    ['are not secure enough', tooPowerful],
    ['are nobody’s', nobody],
    [
      'ask for more than a container may',
      'pods "x" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
    ],
    ['do not say what they need', 'pods "x" is forbidden: failed quota: compute: must specify limits.cpu for: api'],
  ])('is the release’s where they %s', (_, message) => {
    expect(see(stuck(message), {}).infrastructure).toBeUndefined()
  })

  test('is told by its ReplicaSet, as of what has no such condition of its own', () => {
    const sets = [{ ...replicaSet(), status: { conditions: [failure(outOfQuota)] } }]
    expect(see(deployment({ updatedReplicas: 0 }), { replicaSets: sets }).infrastructure).toMatch(/quota/)
  })

  test('is the release’s where the pods that could be made crash', () => {
    const crashing = see(stuck(outOfQuota), { pods: [waitingPod('CrashLoopBackOff')] })
    expect(crashing).toMatchObject({ isCrashing: true })
    expect(crashing).not.toHaveProperty('infrastructure')
  })

  test('and wants those that were made to be held back by the machine park as well', () => {
    const pods = [waitingPod('ErrImagePull', 'connection refused')]
    expect(see(stuck(outOfQuota), { pods }).infrastructure).toMatch(/quota/)
  })

  test('is judged by why they cannot be made now, not by the first reason, which its condition keeps', () => {
    const events = [event('set-api', 'FailedCreate', outOfQuota, 9), event('set-api', 'FailedCreate', tooPowerful, 2)]
    expect(see(stuck(outOfQuota), { events }).infrastructure).toBeUndefined()
    expect(see(stuck(tooPowerful), { events: events.toReversed().slice(1) }).infrastructure).toMatch(/quota/)
  })

  test('says it in words that a report has room for', () => {
    const events = [event('set-api', 'FailedCreate', `(combined from similar events): Error creating: ${outOfQuota}`)]
    const diagnosis = see(stuck('long ago'), { events })
    expect(diagnosis.infrastructure).toMatch(/quota/)
    expect(told('timeout waiting', diagnosis)).toBe(
      'timeout waiting | Deployment api-staging/api: no pod can be made: exceeded quota: compute, requested: pods=1, used: pods=4, limited: pods=4',
    )
  })

  test('is no more than that: what cannot be deleted, and what could not be made, excuses nothing', () => {
    for (const [status, reason] of [
      ['True', 'FailedDelete'],
      ['False', 'FailedCreate'],
    ] as const) {
      const conditions = [condition('ReplicaFailure', status, reason, outOfQuota)]
      expect(see(deployment({ updatedReplicas: 0, conditions }), {})).not.toHaveProperty('infrastructure')
    }
  })

  test('does not answer for pods that were thrown out before, nor for those that make room', () => {
    const old = waitingPod('')
    const unready = { ...old.status, containerStatuses: [] }
    const evicted: Pod = { ...old, status: { ...unready, phase: 'Failed' } }
    const leaving: Pod = { metadata: { ...old.metadata, deletionTimestamp: 'x' }, status: unready }
    expect(see(stuck(outOfQuota), { pods: [evicted, leaving] }).infrastructure).toMatch(/quota/)
  })

  test('is not excused by an event of what is over', () => {
    const events = [event('set-api', 'FailedCreate', outOfQuota, 1)]
    expect(see(deployment(notAvailable), { events, pods: [waitingPod('CrashLoopBackOff')] })).not.toHaveProperty(
      'infrastructure',
    )
    expect(see(deployment(notAvailable), { events })).not.toHaveProperty('infrastructure')
  })
})

const made = (kind: Workload['kind'], status: NonNullable<Workload['status']>): Workload => ({
  kind,
  metadata: { name: 'db', namespace: 'api-staging', uid: 'db', generation: 1 },
  spec: { replicas: 2 },
  status: { observedGeneration: 1, ...status },
})
const kinds: readonly Workload[] = [
  made('StatefulSet', { readyReplicas: 1 }),
  made('DaemonSet', { desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberReady: 1, numberAvailable: 1 }),
]
const migrate = { ...failedJob, metadata: { ...failedJob.metadata, uid: 'db' } }

const ownPod = (parts: Partial<Pod['status']> = {}, metadata: Partial<Pod['metadata']> = {}): Pod => {
  const pod = waitingPod('ContainerCreating', '', 'db')
  const ownerReferences = [{ kind: 'StatefulSet', name: 'db', uid: 'db' }]
  return { metadata: { ...pod.metadata, ownerReferences, ...metadata }, status: { ...pod.status, ...parts } }
}
const readyPod = ownPod({ phase: 'Running', conditions: [condition('Ready', 'True')] })

describe.each([...kinds, migrate])('T44 a $kind that lacks pods', (one) => {
  const pods = one.kind === 'Job' ? [] : [readyPod]
  const refused = event('db', 'FailedCreate', `create Pod db-1 in StatefulSet db failed error: ${outOfQuota}`, 5)

  test('tells by its events why they cannot be made', () => {
    const { infrastructure, failing } = see(one, { pods, events: [refused] })
    expect(infrastructure).toMatch(/quota/)
    expect(failing[0]?.state.why).toContain('no pod can be made: exceeded quota: compute')
    const policy = event('db', 'FailedCreate', tooPowerful, 1)
    expect(see(one, { pods, events: [policy, refused] })).not.toHaveProperty('infrastructure')
  })

  test('is not excused by those of what is over, of another, or of its like that was there before', () => {
    const since = event('db', 'SuccessfulCreate', 'create Pod db-1 in StatefulSet db successful', 4)
    expect(see(one, { pods, events: [since, refused] })).not.toHaveProperty('infrastructure')
    const before = { ...refused, involvedObject: { kind: one.kind, name: one.metadata.name, uid: 'before' } }
    expect(see(one, { pods, events: [before] })).not.toHaveProperty('infrastructure')
  })

  test('is not excused beside a pod that fails', () => {
    const failing = ownPod({ phase: 'Failed' })
    const crashing = ownPod({ containerStatuses: waitingPod('CrashLoopBackOff').status.containerStatuses })
    expect(see(one, { pods: [one.kind === 'Job' ? failing : crashing], events: [refused] })).not.toHaveProperty(
      'infrastructure',
    )
  })

  test('blames nobody while its events cannot be read', () => {
    const seen = see(one, { pods, unread: [unread('v1/events')] })
    expect(seen.infrastructure).toContain('events of api-staging cannot be read')
    expect(seen).not.toHaveProperty('unread')
  })
})

test('T44 what a Job has done already does not hide that it cannot go on', () => {
  const done = ownPod({ phase: 'Succeeded', conditions: [condition('Ready', 'False', 'PodCompleted')] })
  const refused = event('db', 'FailedCreate', `Error creating: ${outOfQuota}`)
  expect(see(migrate, { pods: [done], events: [refused] }).infrastructure).toMatch(/quota/)
})

test('what has all of its pods is not excused by an event of when it had not', () => {
  const two = [readyPod, ownPod({ conditions: [condition('Ready', 'False', 'ContainersNotReady')] })]
  const refused = event('db', 'FailedCreate', outOfQuota)
  for (const one of kinds) expect(see(one, { pods: two, events: [refused] })).not.toHaveProperty('infrastructure')
})

describe('T44 a pod whose node is lost', () => {
  const [set = migrate] = kinds
  const disrupted = (reason: string, more: Partial<Pod['status']> = {}) =>
    ownPod({
      containerStatuses: [],
      conditions: [condition('Ready', 'False'), condition('DisruptionTarget', 'True', reason)],
      ...more,
    })
  const leaving = (pod: Pod): Pod => ({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: 'x' } })

  test.each(['DeletionByTaintManager', 'DeletionByPodGC', 'EvictionByEvictionAPI'])('is not to blame: %s', (reason) => {
    expect(see(set, { pods: [readyPod, leaving(disrupted(reason))] }).infrastructure).toContain('node')
  })

  test('excuses nothing any more once others have its place', () => {
    const old = leaving(disrupted('DeletionByTaintManager'))
    expect(see(set, { pods: [readyPod, readyPod, old] })).not.toHaveProperty('infrastructure')
  })

  test('is none that fills the node up, nor one that crashed there, nor one that people took away', () => {
    const { containerStatuses } = waitingPod('CrashLoopBackOff').status
    const others = [
      disrupted('TerminationByKubelet'),
      disrupted('DeletionByTaintManager', { containerStatuses }),
      ownPod({ conditions: [condition('Ready', 'False')] }),
    ]
    for (const pod of others) expect(see(set, { pods: [leaving(pod)] })).not.toHaveProperty('infrastructure')
  })

  test('is known before it is taken away, when only its Ready was changed from outside', () => {
    const of = (reason: string, ready: string) =>
      see(set, {
        pods: [
          readyPod,
          ownPod({ conditions: [condition('Ready', 'False', reason), condition('ContainersReady', ready)] }),
        ],
      }).infrastructure
    expect(of('', 'True')).toContain('node')
    expect(of('ReadinessGatesNotReady', 'True')).toBeUndefined()
    expect(of('ContainersNotReady', 'False')).toBeUndefined()
  })

  test('excuses no Deployment whose next pod fails, and hides none that waits for room', () => {
    const lost = leaving({ ...disrupted('DeletionByTaintManager'), metadata: waitingPod('').metadata })
    const next = (pod: Pod) => see(deployment(notAvailable), { pods: [lost, pod] }).infrastructure
    expect(next(waitingPod('CrashLoopBackOff'))).toBeUndefined()
    const waits = [condition('Ready', 'False'), condition('PodScheduled', 'False', 'Unschedulable')]
    const pod = waitingPod('')
    expect(next({ ...pod, status: { ...pod.status, containerStatuses: [], conditions: waits } })).toContain('node')
  })
})

describe('T44 a pod that its node cannot start', () => {
  const noAddress = event(
    'pod-api',
    'FailedCreatePodSandBox',
    'Failed to create pod sandbox: failed to assign an IP address',
    2,
  )
  const with_ = (pod: Pod, ...events: Workloads['events']) =>
    see(deployment(notAvailable), { pods: [pod], events }).infrastructure

  test('is not to blame for it', () => {
    expect(with_(waitingPod('ContainerCreating'), noAddress)).toContain('cannot start')
    const again = event('pod-api', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.', 1)
    expect(with_(waitingPod('PodInitializing'), again, noAddress)).toContain('cannot start')
  })

  test('is, where it has come further since, or another was meant', () => {
    const pod = waitingPod('ContainerCreating')
    for (const reason of ['Pulling', 'FailedMount'])
      expect(with_(pod, noAddress, event('pod-api', reason, '', 1)), reason).toBeUndefined()
    expect(with_(pod, { ...noAddress, involvedObject: { kind: 'Pod', name: pod.metadata.name, uid: 'before' } })).toBe(
      undefined,
    )
    const ready = condition('PodReadyToStartContainers', 'True')
    expect(with_({ ...pod, status: { ...pod.status, conditions: [ready] } }, noAddress)).toBeUndefined()
    for (const reason of ['CreateContainerConfigError', 'CrashLoopBackOff', 'RunContainerError'])
      expect(with_(waitingPod(reason), noAddress), reason).toBeUndefined()
  })
})
