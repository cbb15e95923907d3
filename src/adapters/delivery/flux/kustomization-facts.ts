import type { Sha } from '../../../domain/ids.ts'
import type { ExpectedDelivery } from '../../../ports/delivery.ts'
import type { RawObject } from '../kube-object.ts'
import { type Diagnosis, diagnose } from '../workloads/diagnose.ts'
import { isWorkload, type Workloads } from '../workloads/workload.ts'
import {
  type GitRepository,
  gitRepositorySchema,
  type InventoryEntry,
  inventoryOf,
  type Kustomization,
} from './kustomization.ts'
import { type LeftAlone, leftAloneOf } from './left-alone.ts'
import { type HoldUp, holdUpOf, isAtRest, lastOutcome } from './outcome.ts'
import { parseRevision } from './revision.ts'
import { uncheckedOf } from './unchecked.ts'

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
  readonly inventory: readonly InventoryEntry[]
  /** What of it Flux does not check: that its word is Ready says nothing of these. */
  readonly unchecked: readonly InventoryEntry[]
  readonly applied: Sha | undefined
  readonly attempted: Sha | undefined
  /** How the last finished attempt at the attempted revision ended: a reason of the Ready condition. */
  readonly outcome: string | undefined
  readonly holdUp: HoldUp | undefined
  /** What Flux does not apply any more: of these, no failure is one of the release. */
  readonly leftAlone: readonly LeftAlone[]
  /** Of the workloads that it does apply. */
  readonly diagnosis: Diagnosis
  /** Of the unchecked ones alone. */
  readonly ofUnchecked: Diagnosis
  readonly workloads: Workloads | undefined
}

export function factsOf(object: Kustomization, read: FluxRead, expected: ExpectedDelivery): KustomizationFacts {
  const { sourceRef } = object.spec
  const raw = read.gitRepositories.get(`${sourceRef.namespace ?? object.metadata.namespace ?? ''}/${sourceRef.name}`)
  const inventory = inventoryOf(object)
  const unchecked = uncheckedOf(inventory, object)
  const leftAlone = leftAloneOf(inventory.filter(isWorkload), read.workloads)
  const isApplied = (entry: InventoryEntry) => isWorkload(entry) && leftAlone.every((left) => left.entry !== entry)
  return {
    object,
    source: sourceRef.kind === 'GitRepository' ? gitRepositorySchema.safeParse(raw).data : undefined,
    expected,
    inventory,
    unchecked,
    applied: parseRevision(object.status.lastAppliedRevision)?.commit,
    attempted: parseRevision(object.status.lastAttemptedRevision)?.commit,
    outcome: lastOutcome(object),
    holdUp: holdUpOf(object),
    leftAlone,
    diagnosis: diagnose(inventory.filter(isApplied), read.workloads),
    ofUnchecked: diagnose(unchecked.filter(isApplied), read.workloads),
    workloads: read.workloads,
  }
}

/** While it is held up Flux has not begun to look again, so its last word stands. */
export const staysAtRest = ({ holdUp, object }: KustomizationFacts): boolean => holdUp !== undefined && isAtRest(object)
