import type { ObjectRef } from '../../../domain/health.ts'
import type { Sha } from '../../../domain/ids.ts'
import type { ExpectedDelivery } from '../../../ports/delivery.ts'
import type { RawObject } from '../kube-object.ts'
import { type Diagnosis, diagnose, isSame } from '../workloads/diagnose.ts'
import { rolloutState } from '../workloads/rollout-state.ts'
import { isWorkloadKind, type Workloads } from '../workloads/workload.ts'
import { type GitRepository, gitRepositorySchema, inventoryOf, type Kustomization } from './kustomization.ts'
import { type HoldUp, holdUpOf, lastOutcome } from './outcome.ts'
import { parseRevision } from './revision.ts'

/** What was read of one cluster in one go, as far as this Kustomization is concerned. */
export interface FluxRead {
  /** Undefined where the cluster has none of that name. */
  readonly kustomization: RawObject | undefined
  /** By `namespace/name`. */
  readonly gitRepositories: ReadonlyMap<string, RawObject>
  /** Undefined where they were not asked for, or may not be read. */
  readonly workloads?: Workloads | undefined
}

/** What the rules of the judge look at. */
export interface KustomizationFacts {
  readonly object: Kustomization
  readonly source: GitRepository | undefined
  readonly expected: ExpectedDelivery
  readonly inventory: readonly ObjectRef[]
  readonly applied: Sha | undefined
  readonly attempted: Sha | undefined
  /** How the last finished attempt at the attempted revision ended: a reason of the Ready condition. */
  readonly outcome: string | undefined
  readonly holdUp: HoldUp | undefined
  readonly diagnosis: Diagnosis
  readonly workloads: Workloads | undefined
}

export function factsOf(object: Kustomization, read: FluxRead, expected: ExpectedDelivery): KustomizationFacts {
  const { sourceRef } = object.spec
  const raw = read.gitRepositories.get(`${sourceRef.namespace ?? object.metadata.namespace ?? ''}/${sourceRef.name}`)
  const inventory = inventoryOf(object)
  return {
    object,
    source: sourceRef.kind === 'GitRepository' ? gitRepositorySchema.safeParse(raw).data : undefined,
    expected,
    inventory,
    applied: parseRevision(object.status.lastAppliedRevision)?.commit,
    attempted: parseRevision(object.status.lastAttemptedRevision)?.commit,
    outcome: lastOutcome(object),
    holdUp: holdUpOf(object),
    diagnosis: diagnose(inventory, read.workloads),
    workloads: read.workloads,
  }
}

/** Neither `wait` nor healthChecks: Ready then only means applied. */
export const isUnchecked = ({ object }: KustomizationFacts): boolean =>
  !object.spec.wait && object.spec.healthChecks.length === 0

/** Each workload of the inventory was read and is rolled out, and there is at least one. */
export function areWorkloadsJudged({ inventory, workloads }: KustomizationFacts): boolean {
  const wanted = inventory.filter(({ kind }) => isWorkloadKind(kind))
  return (
    wanted.length > 0 &&
    wanted.every((object) =>
      workloads?.workloads.some((one) => isSame(object, one) && rolloutState(one).is === 'current'),
    )
  )
}
