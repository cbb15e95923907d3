import { createHash } from 'node:crypto'
import type { Faults } from './faults.ts'
import type { Intervals } from './intervals.ts'
import type { KubeObject } from './kube-object.ts'
import type { ObjectStore } from './object-store.ts'
import type { Node } from './pods.ts'

/** What the workload controllers work with, and what they remember between two looks. */
export interface WorkloadWorld {
  readonly store: ObjectStore
  readonly faults: Faults
  readonly intervals: Intervals
  readonly clock: () => number
  readonly memory: Memory
}

export interface Memory extends Node {
  /** When a rollout began and whether it came through, by workload uid and template. */
  readonly rollouts: Map<string, { readonly since: number; done: boolean }>
  /** The generation at which a Deployment was last seen rolled out, by uid. */
  readonly settled: Map<string | undefined, number | undefined>
}

export const namespaceOf = (object: KubeObject): string => object.metadata.namespace ?? 'default'
export const replicasOf = (object: KubeObject): number => Number(object.spec?.replicas ?? 1)
export const templateHash = (object: KubeObject): string =>
  createHash('sha256')
    .update(JSON.stringify(object.spec?.template ?? null))
    .digest('hex')
    .slice(0, 10)
