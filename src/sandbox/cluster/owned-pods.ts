import type { KubeObject } from './kube-object.ts'
import { keyOf } from './object-store.ts'
import { advancePod, podOf } from './pods.ts'
import type { WorkloadWorld } from './workload-world.ts'

/** Makes the pods that should be there, brings each up to date, and answers how many are ready. */
export function advancePods(
  world: WorkloadWorld,
  owner: KubeObject,
  template: unknown,
  hash: string,
  wanted: number,
): number {
  const pods = world.store.ownedBy(owner)
  for (const extra of pods.slice(wanted)) world.store.delete(keyOf(extra))
  for (let index = pods.length; index < wanted; index += 1) world.store.put(podOf(owner, template, index, hash))
  return advanceExisting(world, owner).filter(Boolean).length
}

/** Brings the pods that are there up to date; one answer a pod, whether it is ready. */
export const advanceExisting = (world: WorkloadWorld, owner: KubeObject): boolean[] =>
  world.store.ownedBy(owner).map((pod) => advancePod(world, pod, world.clock()))
