import { type Condition, conditionsOf, type KubeObject, withCondition } from './kube-object.ts'
import { keyOf } from './object-store.ts'
import type { WorkloadWorld } from './workload-world.ts'

export interface Counted {
  readonly wanted: number
  readonly ready: number
  readonly oldReady: number
  readonly oldPods: number
}

export function setDeploymentStatus(
  world: WorkloadWorld,
  deployment: KubeObject,
  hash: string,
  counted: Counted,
): void {
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
    ...withoutZeros({
      replicas: wanted + oldPods,
      updatedReplicas: wanted,
      readyReplicas: available,
      availableReplicas: available,
      unavailableReplicas: Math.max(0, wanted + oldPods - available),
    }),
    conditions,
  })
}

/** The real controller leaves out the counts that are zero (seen of Kubernetes 1.36); who reads them must not need them. */
const withoutZeros = (counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0))

function progressOf(
  world: WorkloadWorld,
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
function rolloutOf(
  world: WorkloadWorld,
  workload: KubeObject,
  hash: string,
): { readonly since: number; done: boolean } {
  const uid = workload.metadata.uid ?? ''
  const key = `${uid} ${hash}`
  const known = world.memory.rollouts.get(key)
  if (known !== undefined) return known
  for (const other of world.memory.rollouts.keys()) if (other.startsWith(`${uid} `)) world.memory.rollouts.delete(other)
  const begun = { since: world.clock(), done: false }
  world.memory.rollouts.set(key, begun)
  return begun
}
