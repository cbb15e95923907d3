import type { Digest, Sha, SlotKey } from '../../src/domain/ids.ts'

/** What really runs, and what is really wrong. */
export interface Cluster {
  /** The API does not answer. */
  isDark: boolean
  /** Controllers apply nothing new. */
  isSuspended: boolean
  /** Pods that start cannot pull: whatever is applied while it lasts does not come up. */
  isRegistryAway: boolean
  /** Releases that do not run, by digest, in the environments named. */
  readonly bad: Map<Digest, ReadonlySet<string>>
  /** Every `slot digest` that was bad at some time. */
  readonly everBad: Set<string>
  readonly running: Map<SlotKey, Running>
  /** The stretches in which a release really was healthy. */
  readonly healthy: Map<string, { from: number; until: number }[]>
}

export interface Running {
  revision: Sha
  digest: Digest
  /** When it was applied; it comes up, or fails, a little later. */
  since: number
  isPulled: boolean
}

export const newCluster = (): Cluster => ({
  ...{ isDark: false, isSuspended: false, isRegistryAway: false },
  ...{ bad: new Map(), everBad: new Set<string>(), running: new Map(), healthy: new Map() },
})
