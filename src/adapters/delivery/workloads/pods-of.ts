import type { Metadata } from '../kube-object.ts'
import type { Pod, Workload, Workloads } from './workload.ts'

/** Pods whose chain of owners ends at the workload: directly, or through one of its ReplicaSets. */
export function podsOf(workload: Workload, { pods, replicaSets }: Workloads): readonly Pod[] {
  const owned = (metadata: Metadata, uids: ReadonlySet<string>): boolean =>
    metadata.ownerReferences?.some(({ uid }) => uids.has(uid)) ?? false
  const root = new Set([workload.metadata.uid ?? ''])
  const sets = replicaSets.filter((set) => owned(set.metadata, root)).map((set) => set.metadata.uid ?? '')
  return pods.filter((pod) => owned(pod.metadata, new Set([...root, ...sets])))
}
