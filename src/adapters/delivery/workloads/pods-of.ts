import type { Metadata } from '../kube-object.ts'
import type { Pod, ReplicaSet, Workload, Workloads } from './workload.ts'

/** Pods whose chain of owners ends at the workload: directly, or through one of its ReplicaSets. */
export function podsOf(workload: Workload, read: Workloads): readonly Pod[] {
  const owners = uidsOf([workload, ...replicaSetsOf(workload, read)])
  return read.pods.filter((pod) => isOwned(pod.metadata, owners))
}

export function replicaSetsOf(workload: Workload, { replicaSets }: Workloads): readonly ReplicaSet[] {
  const owners = uidsOf([workload])
  return replicaSets.filter((set) => isOwned(set.metadata, owners))
}

const uidsOf = (objects: readonly { readonly metadata: Metadata }[]): ReadonlySet<string> =>
  new Set(objects.flatMap(({ metadata: { uid } }) => uid ?? []))

const isOwned = (metadata: Metadata, owners: ReadonlySet<string>): boolean =>
  metadata.ownerReferences?.some(({ uid }) => owners.has(uid)) ?? false
