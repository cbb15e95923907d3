import type { DeliverySpec } from '../domain/delivery.ts'
import type { Sighting } from '../domain/health.ts'
import type { Instant } from '../domain/ids.ts'

/** What a delivery object must be for its health to count: whose repository, which path (T46, T64). */
export interface ExpectedDelivery {
  readonly spec: Exclude<DeliverySpec, { type: 'none' }>
  /** `https://…/owner/name` without `.git`; compared after normalisation. */
  readonly repositoryUrls: readonly string[]
  readonly branch: string
  /** The overlay's folder, no leading `./`. */
  readonly path: string
  /** Look at its pods too while the controller calls it well: for content that has not proven itself yet. */
  readonly closely?: boolean
}

export interface DeliveryReading {
  readonly sighting: Sighting
  readonly readAt: Instant
}

/**
 * Reads delivery objects freshly, one list per kind and cluster, answers keyed by `deliveryName`. Never throws for what a
 * cluster does: what cannot be seen is a sighting `unknown`.
 */
export interface Delivery {
  read(expected: readonly ExpectedDelivery[]): Promise<ReadonlyMap<string, DeliveryReading>>
  /** Calls back with the cluster's name whenever something there may have changed; a hint, never a truth. */
  watch(onHint: (cluster: string) => void): { stop(): Promise<void> }
  /** Asks each configured cluster whether it answers, for `doctor`, and what of workloads it does not list in all namespaces. */
  clusters(): Promise<
    readonly { readonly cluster: string; readonly problem?: string; readonly unread?: readonly string[] }[]
  >
}
