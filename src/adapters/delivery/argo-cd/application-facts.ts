import type { ObjectRef, Sighting } from '../../../domain/health.ts'
import { type Instant, isSha, type Sha } from '../../../domain/ids.ts'
import type { ExpectedDelivery } from '../../../ports/delivery.ts'
import type { RawObject } from '../kube-object.ts'
import { type Diagnosis, diagnose } from '../workloads/diagnose.ts'
import type { Workloads } from '../workloads/workload.ts'
import { type Application, appliedObjects, type OperationState, sourcesOf } from './application.ts'
import { indexOfExpected } from './is-ours.ts'
import { isSyncWindowClosed } from './sync-windows.ts'

/** What was read of one cluster in one go, as far as this Application is concerned. */
export interface ArgoRead {
  /** Undefined where the cluster has none of that name. */
  readonly application: RawObject | undefined
  /** Every Application of the cluster that can be read, by `namespace/name`. */
  readonly applications: Pick<ReadonlyMap<string, Application>, 'get'>
  /** AppProjects by `namespace/name`; empty where they may not be read. */
  readonly projects: ReadonlyMap<string, RawObject>
  /** Undefined where they were not asked for, or may not be read. */
  readonly workloads?: Workloads | undefined
  /** When it was read; sync windows open and close. */
  readonly at: Instant
}

/** What is to be known of any Application to tell whether it is applied, and how it fares. */
export interface ApplicationFacts {
  readonly object: Application
  /** What Argo CD compared with; only while Synced is that what runs. */
  readonly compared: Sha | undefined
  /** What was last deployed. */
  readonly deployed: Sha | undefined
  /** What the last operation synced to. */
  readonly synced: Sha | undefined
  readonly windowClosed: boolean
  readonly diagnosis: Diagnosis
  /** Those that are not well of the Applications that it renders. */
  readonly children: readonly Child[]
}

export interface Child {
  readonly object: ObjectRef
  /** Its revisions are no commits of ours. */
  readonly sighting: Unwell
  /** Whether what is wrong there is known by name, was looked at, and came with its parent. */
  readonly isToBlame: boolean
  /** What has to be looked at to tell what is wrong with it, or with one that it renders in turn. */
  readonly applied: readonly ObjectRef[]
}

export type Unwell = Exclude<Sighting, { is: 'healthy' }>

/** And of one that is to apply our overlay. */
export interface OverlayFacts extends ApplicationFacts {
  readonly expected: ExpectedDelivery
  /** Of the source that is our overlay; -1 where none is. */
  readonly index: number
}

export function overlayFactsOf(
  object: Application,
  read: ArgoRead,
  expected: ExpectedDelivery,
  children: readonly Child[],
): OverlayFacts {
  const index = indexOfExpected(object, expected)
  return { ...factsOf(object, read, (from) => revisionAt(from, index)), children, expected, index }
}

export const childFactsOf = (object: Application, read: ArgoRead, children: readonly Child[]): ApplicationFacts => ({
  ...factsOf(object, read, revisionsTogether),
  children,
})

interface Revisions {
  readonly revision: string
  readonly revisions: readonly string[]
}

function factsOf(
  object: Application,
  read: ArgoRead,
  revisionOf: (from: Revisions | undefined) => Sha | undefined,
): Omit<ApplicationFacts, 'children'> {
  const { sync, history, operationState } = object.status
  const synced = revisionOf(operationState?.syncResult)
  return {
    object,
    compared: revisionOf(sync),
    // With `revisionHistoryLimit: 0` the last operation is all that is known.
    deployed: revisionOf(history.at(-1)) ?? (hasDeployed(operationState) ? synced : undefined),
    synced,
    windowClosed: isSyncWindowClosed(projectOf(object, read), object, read.at),
    diagnosis: diagnose(appliedObjects(object), read.workloads),
  }
}

/**
 * Projects are in the controller's namespace, also those of Applications that are elsewhere (argo-cd v3.5
 * `controller/appcontroller.go`, `GetAppProjectByName`), which it names when it compares.
 */
function projectOf({ metadata, spec, status }: Application, { projects }: ArgoRead): RawObject | undefined {
  const namespace = status.controllerNamespace || metadata.namespace
  return projects.get(`${namespace}/${spec.project || 'default'}`)
}

/** Whether it brought all of its revision: what a dry run, or the sync of single resources, succeeded with is no deployment. */
const hasDeployed = (state: OperationState | undefined): boolean => state?.phase === 'Succeeded' && isWhole(state)

export const isWhole = ({ operation }: OperationState): boolean =>
  operation?.sync?.dryRun !== true && (operation?.sync?.resources ?? []).length === 0

/** With several sources `revisions` is aligned with `spec.sources`. */
function revisionAt(from: Revisions | undefined, index: number): Sha | undefined {
  const text = from?.revisions[index] ?? from?.revision ?? ''
  return isSha(text) ? text : undefined
}

/**
 * Of all its sources, and of charts too: no commit, but what says as well whether two are the same. Nobody who reads of a
 * child asks which content that is.
 */
export function revisionsTogether(from: Revisions | undefined): Sha | undefined {
  const text = from === undefined ? '' : from.revisions.join(' ') || from.revision
  return text === '' ? undefined : (text as Sha)
}

export const patchesOf = ({ object, index }: OverlayFacts) => sourcesOf(object)[index]?.kustomize?.patches.length ?? 0
export const componentsOf = ({ object, index }: OverlayFacts) =>
  sourcesOf(object)[index]?.kustomize?.components.length ?? 0
export const sourceTypeOf = ({ object: { status }, index }: OverlayFacts) =>
  status.sourceTypes[index] ?? status.sourceType
export const syncStatus = ({ object }: ApplicationFacts) => object.status.sync?.status ?? ''
export const health = ({ object }: ApplicationFacts) => object.status.health
export const phase = ({ object }: ApplicationFacts) => object.status.operationState?.phase ?? ''
export const operationText = ({ object }: ApplicationFacts) => object.status.operationState?.message ?? ''
export const condition = (type: string) => (facts: ApplicationFacts) =>
  facts.object.status.conditions.find((one) => one.type === type)
export const isSynced = (facts: ApplicationFacts) => syncStatus(facts) === 'Synced'
