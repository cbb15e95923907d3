import { advanceDeployment } from './deployment.ts'
import { keyOf, type ObjectStore } from './object-store.ts'
import { advanceJob, advanceSet } from './sets-and-jobs.ts'
import type { Memory, WorkloadWorld } from './workload-world.ts'

/**
 * The built-in controllers in small: Deployments make ReplicaSets make pods, pods pull, start, get ready or crash, and
 * the statuses follow. Each call of `tick` is one look at everything.
 */
export function workloadController(world: Omit<WorkloadWorld, 'memory'>): { tick(): void } {
  const memory: Memory = { pulledAt: new Map(), images: new Set(), rollouts: new Map(), settled: new Map() }
  const all = { ...world, memory }
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
