import { conditionsOf, type KubeObject, withCondition } from './kube-object.ts'
import { keyOf } from './object-store.ts'
import { advancePods } from './owned-pods.ts'
import { replicasOf, templateHash, type WorkloadWorld } from './workload-world.ts'

/** One look at a StatefulSet or DaemonSet, which replace their pods at once. */
export function advanceSet(world: WorkloadWorld, set: KubeObject): void {
  const wanted = set.kind === 'DaemonSet' ? 1 : replicasOf(set)
  const hash = templateHash(set)
  for (const pod of world.store.ownedBy(set))
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

/** One look at a Job: done when its pod got ready, failed when it crashed. */
export function advanceJob(world: WorkloadWorld, job: KubeObject): void {
  if (conditionsOf(job).length > 0) return
  const hash = templateHash(job)
  const done = advancePods(world, job, job.spec?.template, hash, 1) > 0
  const crashed = world.store.ownedBy(job).some((pod) => JSON.stringify(pod.status).includes('CrashLoopBackOff'))
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
