import type { Instant, ReleaseId } from './ids.ts'

/** A release that an environment ran, and when it was witnessed healthy there. */
export interface WitnessedRelease {
  readonly release: ReleaseId
  readonly healthy: readonly { readonly from: Instant; readonly until: Instant | null }[]
  /** Whether a confirmed failure is the last that was seen of it there. */
  readonly failed: boolean
}
