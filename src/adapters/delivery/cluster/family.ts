import type { ObjectRef, Sighting } from '../../../domain/health.ts'
import type { Instant } from '../../../domain/ids.ts'
import type { ExpectedDelivery } from '../../../ports/delivery.ts'
import type { ReconcileRequest, RequestAnswer } from '../../../ports/reconcile-requests.ts'
import type { Workloads } from '../workloads/workload.ts'
import type { ClusterApi, NamespacedName } from './cluster-api.ts'
import type { RequestAnnotation } from './send.ts'
import type { Unseen } from './sight.ts'

/** One family of delivery objects of one cluster, just listed and ready to be judged. */
export interface FamilyRead {
  judge(expected: ExpectedDelivery, workloads?: Workloads): Sighting
  /** What the controller says it has applied, and to which cluster, for looking into it. */
  applied(expected: ExpectedDelivery): Applied
}

export interface Applied {
  readonly objects: readonly ObjectRef[]
  /** What the controller calls the cluster that it applies to; missing where that is its own. */
  readonly elsewhere?: string
}

/** Lists a family once; `at` is when that began. */
export type ReadFamily = (api: ClusterApi, at: Instant) => Promise<FamilyRead | Unseen>

export const isRead = (family: FamilyRead | Unseen): family is FamilyRead => 'judge' in family

/** The object to annotate so that a delivery object is looked at, or why none is. */
export type ToAnnotate =
  | ({ readonly is: 'found'; readonly collection: string; readonly annotation: RequestAnnotation } & NamespacedName)
  | Pick<RequestAnswer, 'is' | 'detail'>

/** Reads afresh; only what follows the expected repository, branch and folder is found (T46, T64). Never throws. */
export type FindToAnnotate = (api: ClusterApi, request: ReconcileRequest) => Promise<ToAnnotate>
