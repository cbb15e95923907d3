import type {
  KubeEvent,
  Pod,
  ReplicaSet,
  Workload,
  Workloads,
} from '../../../../src/adapters/delivery/workloads/workload.ts'

/** A Deployment `api-staging/api` of two replicas, rolled out, but for what a test changes. */
export const deployment = (status: Partial<NonNullable<Workload['status']>> = {}, name = 'api'): Workload => ({
  kind: 'Deployment',
  metadata: { name, namespace: 'api-staging', uid: `deployment-${name}`, generation: 2 },
  spec: { replicas: 2 },
  status: {
    observedGeneration: 2,
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    conditions: [condition('Progressing', 'True', 'NewReplicaSetAvailable')],
    ...status,
  },
})

export const notAvailable = { readyReplicas: 0, availableReplicas: 0 }
export const deadlineExceeded = {
  ...notAvailable,
  conditions: [
    condition('Progressing', 'False', 'ProgressDeadlineExceeded', 'ReplicaSet "api-1" has timed out progressing.'),
  ],
}

export const failedJob: Workload = {
  kind: 'Job',
  metadata: { name: 'migrate', namespace: 'api-staging', uid: 'job-migrate', generation: 1 },
  spec: {},
  status: { conditions: [condition('Failed', 'True', 'BackoffLimitExceeded', 'Job has reached the backoff limit')] },
}

export const replicaSet = (name = 'api'): ReplicaSet => ({
  metadata: {
    name: `${name}-1`,
    namespace: 'api-staging',
    uid: `set-${name}`,
    ownerReferences: [{ kind: 'Deployment', name, uid: `deployment-${name}` }],
  },
})

export const waitingPod = (reason: string, message = '', name = 'api'): Pod => ({
  metadata: {
    name: `${name}-1-x`,
    namespace: 'api-staging',
    uid: `pod-${name}`,
    ownerReferences: [{ kind: 'ReplicaSet', name: `${name}-1`, uid: `set-${name}` }],
  },
  status: {
    phase: 'Pending',
    conditions: [condition('PodScheduled', 'True'), condition('Ready', 'False')],
    containerStatuses: [container(false, { waiting: { reason, message } })],
    initContainerStatuses: [],
  },
})

type Container = Pod['status']['containerStatuses'][number]

const container = (ready: boolean, state: Container['state'], lastState: Container['lastState'] = {}): Container => ({
  image: 'ghcr.io/acme/api',
  ready,
  state,
  lastState,
})

/** A pod that is ready, whose container ended before and was started again. */
export const restartedPod = (finishedAt: string, name = 'api'): Pod => ({
  ...waitingPod('', '', name),
  status: {
    phase: 'Running',
    conditions: [condition('Ready', 'True')],
    containerStatuses: [container(true, {}, { terminated: { finishedAt } })],
    initContainerStatuses: [],
  },
})

/** What was said of the object of that uid, so many minutes ago. */
export const event = (uid: string, reason: string, message = '', minutesAgo = 0): KubeEvent => ({
  reason,
  message,
  involvedObject: { kind: '', name: '', uid },
  lastTimestamp: new Date(Date.parse('2026-03-01T10:00:00Z') - minutesAgo * 60_000).toISOString(),
})

/** A list of `api-staging` that was not given. */
export const unread = (collection: string, detail = 'GET /x: 500, etcdserver: request timed out') => ({
  ...{ namespace: 'api-staging', collection, reason: 'cluster.error' as const, detail },
})

export const workloads = (parts: Partial<Workloads>): Workloads => ({
  workloads: [],
  replicaSets: [replicaSet()],
  pods: [],
  events: [],
  unread: [],
  ...parts,
})

export function condition(type: string, status: string, reason = '', message = '') {
  return { type, status, reason, message }
}
