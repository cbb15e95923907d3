import type { Instant, Sha, SlotKey } from '../domain/ids.ts'
import type { ExpectedDelivery } from './delivery.ts'

/** A controller shall look now at what a merge of ours brought, instead of when its interval is over. */
export interface ReconcileRequest {
  readonly slot: SlotKey
  readonly merge: { readonly commit: Sha; readonly at: Instant }
  readonly expected: ExpectedDelivery
}

export interface RequestAnswer {
  readonly request: ReconcileRequest
  /** `asked-before`: the object carries such a request, or has the commit already. */
  readonly is: 'asked' | 'asked-before' | 'refused'
  /** The object that was written to, or what is in the way. */
  readonly detail: string
}

/**
 * Sets the annotation by which Flux or Argo CD are asked to look, and writes nothing else (I10). A convenience: no
 * decision rests on it, and without it everything comes out the same, later.
 */
export interface ReconcileRequests {
  /** The clusters whose operator lets us ask. No other is ever written to. */
  readonly clusters: ReadonlySet<string>
  /**
   * One attempt for each, within seconds; safe to repeat. Only an object that follows the expected repository, branch and
   * folder is asked (T46, T64). Never throws for what a cluster does.
   */
  ask(requests: readonly ReconcileRequest[]): Promise<readonly RequestAnswer[]>
}

export const noReconcileRequests: ReconcileRequests = { clusters: new Set(), ask: async () => [] }
