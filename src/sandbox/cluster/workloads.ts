import { createHash } from 'node:crypto'
import { badnessOf, type Faults } from './faults.ts'
import type { Intervals } from './intervals.ts'
import { type Condition, conditionsOf, type KubeObject, ownerOf, withCondition } from './kube-object.ts'
import { keyOf, type ObjectStore } from './object-store.ts'
import { advancePod, imagesOf, type Node, podOf } from './pods.ts'

interface World {
  readonly store: ObjectStore
  readonly faults: Faults
  readonly intervals: Intervals
  readonly clock: () => number
}

interface Memory extends Node {
  /** When a rollout began and whether it came through, by workload uid and template. */
  readonly rollouts: Map<string, { readonly since: number; done: boolean }>
  /** The generation at which a Deployment was last seen rolled out, by uid. */
  readonly settled: Map<string | undefined, number | undefined>
}

/**
 * The built-in controllers in small: Deployments make ReplicaSets make pods, pods pull, start, get ready or crash, and
 * the statuses follow. Each call of `tick` is one look at everything.
 */
export function workloadController(world: World): { tick(): void } {
  const memory: Memory = { pulledAt: new Map(), images: new Set(), rollouts: new Map(), settled: new Map() }
  const all = { ...world, node: memory, memory }
  return {
    tick() {
      for (const deployment of world.store.list('apps/v1/deployments')) advanceDeployment(all, deployment)
      for (const set of world.store.list('apps/v1/statefulsets')) advanceSet(all, set)
      for (const set of world.store.list('apps/v1/daemonsets')) advanceSet(all, set)
      for (const job of world.store.list('batch/v1/jobs')) advanceJob(all, job)
      collectGarbage(world.store)
    },
  }
}

type Everything = World & { readonly node: Node; readonly memory: Memory }

function advanceDeployment(world: Everything, deployment: KubeObject): void {
  if (isSettled(world, deployment)) return
  const wanted = replicasOf(deployment)
  const hash = templateHash(deployment)
  const current = world.store.put(replicaSet(deployment, hash, wanted))
  const ready = advancePods(world, current, deployment.spec?.template, hash, wanted)
  const others = world.store.ownedBy(deployment).filter((set) => set.metadata.name !== current.metadata.name)
  // Rolling: the old pods stay until the new ones are ready.
  if (ready >= wanted) for (const old of others) scaleDown(world.store, old)
  const oldReady = others.flatMap((old) => advanceExisting(world, old)).filter(Boolean).length
  const oldPods = others.flatMap((old) => podsOf(world.store, old)).length
  setDeploymentStatus(world, deployment, hash, { wanted, ready, oldReady, oldPods })
  if (ready >= wanted && oldPods === 0)
    world.memory.settled.set(deployment.metadata.uid, deployment.metadata.generation)
}

/** Rolled out as it is now, with nothing that could go wrong: most are so most of the time, and cost nothing. */
function isSettled(world: Everything, deployment: KubeObject): boolean {
  const { uid, generation } = deployment.metadata
  if (world.memory.settled.get(uid) !== generation) return false
  const pods = world.store.ownedBy(deployment).flatMap((set) => podsOf(world.store, set))
  return pods.length === replicasOf(deployment) && !imagesOf(deployment).some((image) => badnessOf(world.faults, image))
}

interface Counted {
  readonly wanted: number
  readonly ready: number
  readonly oldReady: number
  readonly oldPods: number
}

function setDeploymentStatus(world: Everything, deployment: KubeObject, hash: string, counted: Counted): void {
  const { wanted, ready, oldReady, oldPods } = counted
  const available = ready + oldReady
  const now = new Date(world.clock()).toISOString()
  const progress = progressOf(world, deployment, hash, ready >= wanted && oldPods === 0)
  const availability = available >= wanted
  let conditions = withCondition(conditionsOf(deployment), progress, now)
  conditions = withCondition(
    conditions,
    {
      type: 'Available',
      status: availability ? 'True' : 'False',
      reason: availability ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      message: availability ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
    },
    now,
  )
  world.store.setStatus(keyOf(deployment), {
    observedGeneration: deployment.metadata.generation,
    replicas: wanted + oldPods,
    updatedReplicas: wanted,
    readyReplicas: available,
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wanted + oldPods - available),
    conditions,
  })
}

function progressOf(
  world: Everything,
  deployment: KubeObject,
  hash: string,
  complete: boolean,
): Omit<Condition, 'lastTransitionTime'> {
  const rollout = rolloutOf(world, deployment, hash)
  if (complete) rollout.done = true
  const name = deployment.metadata.name
  const about = { type: 'Progressing' }
  if (rollout.done)
    return {
      ...about,
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "${name}-${hash}" has successfully progressed.`,
    }
  if (world.clock() - rollout.since > world.intervals.progressDeadlineMs)
    return {
      ...about,
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${name}-${hash}" has timed out progressing.`,
    }
  return {
    ...about,
    status: 'True',
    reason: 'ReplicaSetUpdated',
    message: `ReplicaSet "${name}-${hash}" is progressing.`,
  }
}

/** A change of the template, also back to an earlier one, begins a new rollout. */
function rolloutOf(world: Everything, workload: KubeObject, hash: string): { readonly since: number; done: boolean } {
  const uid = workload.metadata.uid ?? ''
  const key = `${uid} ${hash}`
  const known = world.memory.rollouts.get(key)
  if (known !== undefined) return known
  for (const other of world.memory.rollouts.keys()) if (other.startsWith(`${uid} `)) world.memory.rollouts.delete(other)
  const begun = { since: world.clock(), done: false }
  world.memory.rollouts.set(key, begun)
  return begun
}

function advanceSet(world: Everything, set: KubeObject): void {
  const wanted = set.kind === 'DaemonSet' ? 1 : replicasOf(set)
  const hash = templateHash(set)
  for (const pod of podsOf(world.store, set))
    if (pod.metadata.labels?.['pod-template-hash'] !== hash) world.store.delete(keyOf(pod))
  const ready = advancePods(world, set, set.spec?.template, hash, wanted)
  const observedGeneration = set.metadata.generation
  world.store.setStatus(
    keyOf(set),
    set.kind === 'DaemonSet'
      ? {
          observedGeneration,
          desiredNumberScheduled: wanted,
          currentNumberScheduled: wanted,
          updatedNumberScheduled: wanted,
          numberReady: ready,
          numberAvailable: ready,
        }
      : {
          observedGeneration,
          replicas: wanted,
          currentReplicas: wanted,
          updatedReplicas: wanted,
          readyReplicas: ready,
          availableReplicas: ready,
          currentRevision: hash,
          updateRevision: hash,
        },
  )
}

function advanceJob(world: Everything, job: KubeObject): void {
  if (conditionsOf(job).length > 0) return
  const hash = templateHash(job)
  const done = advancePods(world, job, job.spec?.template, hash, 1) > 0
  const crashed = podsOf(world.store, job).some((pod) => JSON.stringify(pod.status).includes('CrashLoopBackOff'))
  if (!done && !crashed) return
  const now = new Date(world.clock()).toISOString()
  const condition = crashed
    ? { type: 'Failed', status: 'True' as const, reason: 'BackoffLimitExceeded', message: 'Job has reached the limit' }
    : { type: 'Complete', status: 'True' as const, reason: 'CompletionsReached', message: 'Reached expected number' }
  world.store.setStatus(keyOf(job), {
    ...(crashed ? { failed: 1 } : { succeeded: 1 }),
    conditions: withCondition([], condition, now),
  })
}

/** Makes the pods that should be there, brings each up to date, and answers how many are ready. */
function advancePods(world: Everything, owner: KubeObject, template: unknown, hash: string, wanted: number): number {
  const pods = podsOf(world.store, owner)
  for (const extra of pods.slice(wanted)) world.store.delete(keyOf(extra))
  for (let index = pods.length; index < wanted; index += 1) world.store.put(podOf(owner, template, index, hash))
  return advanceExisting(world, owner).filter(Boolean).length
}

const advanceExisting = (world: Everything, owner: KubeObject): boolean[] =>
  podsOf(world.store, owner).map((pod) => advancePod(world, pod, world.clock()))

function scaleDown(store: ObjectStore, set: KubeObject): void {
  if (set.spec?.replicas !== 0) store.put({ ...set, spec: { ...set.spec, replicas: 0 } })
  for (const pod of podsOf(store, set)) store.delete(keyOf(pod))
}

const replicaSet = (deployment: KubeObject, hash: string, replicas: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: `${deployment.metadata.name}-${hash}`,
    namespace: namespaceOf(deployment),
    labels: { ...deployment.metadata.labels, 'pod-template-hash': hash },
    ownerReferences: [ownerOf(deployment)],
  },
  spec: { replicas, selector: deployment.spec?.selector, template: deployment.spec?.template },
})

/** What has lost its owner goes too, as in a real cluster. */
function collectGarbage(store: ObjectStore): void {
  const owned = ['apps/v1/replicasets', 'v1/pods'].flatMap((collection) => store.list(collection))
  const living = new Set(
    ['apps/v1/deployments', 'apps/v1/statefulsets', 'apps/v1/daemonsets', 'apps/v1/replicasets', 'batch/v1/jobs']
      .flatMap((collection) => store.list(collection))
      .map((object) => object.metadata.uid),
  )
  for (const object of owned) {
    const owners = object.metadata.ownerReferences ?? []
    if (owners.length > 0 && !owners.some(({ uid }) => living.has(uid))) store.delete(keyOf(object))
  }
}

const podsOf = (store: ObjectStore, owner: KubeObject): KubeObject[] => store.ownedBy(owner)

const namespaceOf = (object: KubeObject): string => object.metadata.namespace ?? 'default'
const replicasOf = (object: KubeObject): number => Number(object.spec?.replicas ?? 1)
const templateHash = (object: KubeObject): string =>
  createHash('sha256')
    .update(JSON.stringify(object.spec?.template ?? null))
    .digest('hex')
    .slice(0, 10)
