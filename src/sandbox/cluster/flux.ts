import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { applyObjects, desiredObjects } from './apply-objects.ts'
import { messageOf, pause, timestampOf, updateStatus, type World } from './controller.ts'
import { gitCredentials } from './git-credentials.ts'
import { goDuration } from './intervals.ts'
import {
  type Condition,
  collectionOf,
  conditionsOf,
  type KubeObject,
  withCondition,
  withoutCondition,
} from './kube-object.ts'
import { keyOf } from './object-store.ts'
import { workloadHealth } from './workload-health.ts'

type Status = Condition['status']
const kustomize = 'kustomize.toolkit.fluxcd.io'

/** One round of source-controller for one GitRepository (source-controller `gitrepository_controller.go`). */
export async function reconcileGitRepository(world: World, source: KubeObject): Promise<void> {
  if (source.spec?.suspend === true) return
  const { url, ref } = source.spec as { url: string; ref?: { branch?: string } }
  const branch = ref?.branch ?? 'master'
  try {
    const commit = await world.sources.fetch(url, branch, gitCredentials(world.store, source))
    const revision = `${branch}@sha1:${commit}`
    updateStatus(world, source, (status, live) => ({
      ...status,
      observedGeneration: live.metadata.generation,
      artifact: { revision, digest: digest(revision), lastUpdateTime: timestampOf(world), url: `${url}#${commit}` },
      conditions: ready(world, live, 'True', 'Succeeded', `stored artifact for revision '${revision}'`, [
        'FetchFailed',
      ]),
    }))
  } catch (error) {
    const message = `failed to checkout and determine revision: ${messageOf(error)}`
    updateStatus(world, source, (status, live) => ({
      ...status,
      conditions: withCondition(
        ready(world, live, 'False', 'GitOperationFailed', message, []),
        { type: 'FetchFailed', status: 'True', reason: 'GitOperationFailed', message },
        timestampOf(world),
      ),
    }))
  }
}

/** One round of kustomize-controller for one Kustomization (`kustomization_controller.go`, `Reconcile`). */
export async function reconcileKustomization(world: World, kustomization: KubeObject): Promise<void> {
  if (kustomization.spec?.suspend === true) return
  const source = sourceOf(world, kustomization)
  const artifact = source?.status?.artifact as { revision: string } | undefined
  if (source === undefined || artifact === undefined)
    return notReady(world, kustomization, 'ArtifactFailed', 'Source artifact not found, retrying in 30s')
  const blocked = dependencyInTheWay(world, kustomization)
  if (blocked !== undefined)
    return notReady(world, kustomization, 'DependencyNotReady', `dependency '${blocked}' is not ready`)
  await reconcileRevision(world, kustomization, source, artifact.revision)
}

async function reconcileRevision(world: World, kustomization: KubeObject, source: KubeObject, revision: string) {
  const round: Round = { revision, startedAt: world.clock() }
  // Every round begins so, also one that finds nothing new: Ready is Unknown for its length.
  progress(world, kustomization, `Fetching manifests for revision ${revision}`)
  await pause(world, world.intervals.roundMs)
  const folder = await folderOf(world, kustomization, source, revision)
  if (!existsSync(folder))
    return notReady(world, kustomization, 'ArtifactFailed', `kustomization path not found: ${folder}`)
  progress(world, kustomization, `Building manifests for revision ${revision}`, revision)
  const built = await buildFolder(world, kustomization, folder).catch((error: unknown) => error as Error)
  if (built instanceof Error) return notReady(world, kustomization, 'BuildFailed', messageOf(built), round)
  const appliedRound = { ...round, content: digest(JSON.stringify(built)) }
  progress(world, kustomization, `Detecting drift for revision ${revision}`, revision)
  try {
    applyObjects(world.store, built)
  } catch (error) {
    return notReady(world, kustomization, 'ReconciliationFailed', messageOf(error), appliedRound)
  }
  prune(world, kustomization, built)
  updateStatus(world, kustomization, (status) => ({ ...status, inventory: { entries: built.map(inventoryEntry) } }))
  const unhealthy = await waitForHealth(world, kustomization, revision, built)
  if (world.stopping.aborted) return
  if (unhealthy === undefined) succeed(world, kustomization, appliedRound)
  else notReady(world, kustomization, 'HealthCheckFailed', unhealthy, appliedRound)
}

interface Round {
  readonly revision: string
  readonly startedAt: number
  /** Digest of what was built; history is kept by it. */
  readonly content?: string
}

async function folderOf(world: World, kustomization: KubeObject, source: KubeObject, revision: string) {
  const tree = await world.sources.checkout((source.spec as { url: string }).url, commitOf(revision))
  const path = join('/', (kustomization.spec as { path?: string }).path ?? '.')
  if (!existsSync(join(tree, path)))
    throw new Error(`kustomization path not found: stat ${path}: no such file or directory`)
  return join(tree, path)
}

async function buildFolder(world: World, kustomization: KubeObject, folder: string) {
  const spec = kustomization.spec as { targetNamespace?: string }
  const rendered = await world.build(folder)
  return desiredObjects(rendered, {
    namespace: spec.targetNamespace ?? 'default',
    overrideNamespace: spec.targetNamespace !== undefined,
    labels: {
      [`${kustomize}/name`]: kustomization.metadata.name,
      [`${kustomize}/namespace`]: kustomization.metadata.namespace ?? '',
    },
  })
}

/** Undefined when all objects are current; else what the controller would say. */
async function waitForHealth(
  world: World,
  kustomization: KubeObject,
  revision: string,
  applied: readonly KubeObject[],
): Promise<string | undefined> {
  const checked = healthChecked(kustomization, applied)
  if (checked.length === 0) return undefined
  const timeoutMs = goDuration(kustomization.spec?.timeout) ?? world.intervals.healthTimeoutMs
  const message = `Running health checks for revision ${revision} with a timeout of ${timeoutMs}ms`
  progress(world, kustomization, message, revision)
  const startedAt = world.clock()
  while (!world.stopping.aborted) {
    const seen = checked.map((object) => {
      const live = world.store.get(keyOf(object))
      return { name: nameOf(object), health: live === undefined ? 'NotFound' : workloadHealth(live) }
    })
    const behind = seen.filter(({ health }) => health !== 'Current')
    if (behind.length === 0) return undefined
    const listed = behind.map(({ name, health }) => `${name} status: '${health}'`).join(', ')
    if (behind.some(({ health }) => health === 'Failed'))
      return `health check failed after ${world.clock() - startedAt}ms: failed early due to stalled resources: [${listed}]`
    if (world.clock() > startedAt + timeoutMs)
      return `health check failed after ${timeoutMs}ms: timeout waiting for: [${listed}]`
    await pause(world, 100)
  }
  return undefined
}

function healthChecked(kustomization: KubeObject, applied: readonly KubeObject[]): readonly KubeObject[] {
  const { wait, healthChecks } = kustomization.spec as {
    wait?: boolean
    healthChecks?: readonly { kind: string; name: string; namespace?: string }[]
  }
  if (wait === true) return applied
  return applied.filter((object) =>
    healthChecks?.some((check) => check.kind === object.kind && check.name === object.metadata.name),
  )
}

function prune(world: World, kustomization: KubeObject, kept: readonly KubeObject[]): void {
  if (kustomization.spec?.prune !== true) return
  const ids = new Set(kept.map((object) => inventoryEntry(object).id))
  const label = `${kustomize}/name`
  const before = (world.store.get(keyOf(kustomization))?.status?.inventory as Inventory | undefined)?.entries ?? []
  for (const { id } of before.filter((entry) => !ids.has(entry.id))) {
    const gone = world.store
      .collections()
      .flatMap((collection) => world.store.list(collection))
      .find(
        (object) => inventoryEntry(object).id === id && object.metadata.labels?.[label] === kustomization.metadata.name,
      )
    if (gone !== undefined) world.store.delete(keyOf(gone))
  }
}

interface Inventory {
  readonly entries: readonly { readonly id: string; readonly v: string }[]
}

/** `<namespace>_<name>_<group>_<kind>`, as cli-utils writes object ids. */
function inventoryEntry(object: KubeObject): { readonly id: string; readonly v: string } {
  const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion]
  const name = object.metadata.name.replaceAll(':', '__')
  return { id: `${object.metadata.namespace ?? ''}_${name}_${group}_${object.kind}`, v: version ?? '' }
}

function progress(world: World, kustomization: KubeObject, message: string, attempted?: string): void {
  updateStatus(world, kustomization, (status, live) => ({
    ...status,
    ...(attempted === undefined ? {} : { lastAttemptedRevision: attempted }),
    conditions: withCondition(
      ready(world, live, 'Unknown', 'Progressing', 'Reconciliation in progress', []),
      condition(live, 'Reconciling', 'True', 'Progressing', message),
      timestampOf(world),
    ),
  }))
}

function succeed(world: World, kustomization: KubeObject, round: Round): void {
  const { revision } = round
  updateStatus(world, kustomization, (status, live) => ({
    ...status,
    observedGeneration: kustomization.metadata.generation,
    lastAppliedRevision: revision,
    lastAttemptedRevision: revision,
    history: withHistory(world, status, 'ReconciliationSucceeded', round),
    conditions: ready(world, live, 'True', 'ReconciliationSucceeded', `Applied revision: ${revision}`, ['Reconciling']),
  }))
}

/** A round that failed will be tried again, so Reconciling stays; observedGeneration moves on success only. */
function notReady(world: World, kustomization: KubeObject, reason: string, message: string, round?: Round): void {
  updateStatus(world, kustomization, (status, live) => {
    if (round === undefined)
      return { ...status, conditions: ready(world, live, 'False', reason, message, ['Reconciling']) }
    return {
      ...status,
      lastAttemptedRevision: round.revision,
      history: withHistory(world, status, reason, round),
      conditions: withCondition(
        ready(world, live, 'False', reason, message, []),
        condition(live, 'Reconciling', 'True', 'ProgressingWithRetry', message),
        timestampOf(world),
      ),
    }
  })
}

interface HistoryEntry {
  readonly digest: string
  readonly lastReconciledStatus: string
  readonly firstReconciled: string
  readonly totalReconciliations: number
}

/** The last five by digest and outcome, newest first (fluxcd/pkg `apis/meta/history.go`). */
function withHistory(
  world: World,
  status: Readonly<Record<string, unknown>>,
  outcome: string,
  { revision, startedAt, content }: Round,
): readonly HistoryEntry[] {
  const entries = (status.history as readonly HistoryEntry[] | undefined) ?? []
  if (content === undefined) return entries
  const is = (entry: HistoryEntry) => entry.digest === content && entry.lastReconciledStatus === outcome
  const before = entries.find(is)
  const now = timestampOf(world)
  const entry = {
    digest: content,
    firstReconciled: before?.firstReconciled ?? now,
    lastReconciled: now,
    lastReconciledDuration: `${world.clock() - startedAt}ms`,
    lastReconciledStatus: outcome,
    totalReconciliations: (before?.totalReconciliations ?? 0) + 1,
    metadata: { revision },
  }
  return [entry, ...entries.filter((one) => !is(one))].slice(0, 5)
}

const condition = (live: KubeObject, type: string, status: Status, reason: string, message: string) => ({
  type,
  status,
  reason,
  message,
  ...(live.metadata.generation === undefined ? {} : { observedGeneration: live.metadata.generation }),
})

function ready(
  world: World,
  live: KubeObject,
  status: Status,
  reason: string,
  message: string,
  without: readonly string[],
): Condition[] {
  const kept = without.reduce((conditions, type) => withoutCondition(conditions, type), [...conditionsOf(live)])
  return withCondition(kept, condition(live, 'Ready', status, reason, message), timestampOf(world))
}

/** A new artifact of its source sets a Kustomization off at once. */
export const artifactRevision = (world: World, kustomization: KubeObject): string => {
  const artifact = sourceOf(world, kustomization)?.status?.artifact as { revision?: string } | undefined
  return artifact?.revision ?? ''
}

function sourceOf(world: World, kustomization: KubeObject): KubeObject | undefined {
  const { sourceRef } = kustomization.spec as { sourceRef?: { kind?: unknown; name?: unknown; namespace?: string } }
  if (typeof sourceRef?.kind !== 'string' || typeof sourceRef.name !== 'string') return undefined
  const apiVersion = 'source.toolkit.fluxcd.io/v1'
  const namespace = sourceRef.namespace ?? kustomization.metadata.namespace ?? ''
  return world.store.get({
    collection: collectionOf({ apiVersion, kind: sourceRef.kind }),
    namespace,
    name: sourceRef.name,
  })
}

function dependencyInTheWay(world: World, kustomization: KubeObject): string | undefined {
  const { dependsOn } = kustomization.spec as { dependsOn?: readonly { name: string; namespace?: string }[] }
  const namespaced = (dependsOn ?? []).map(({ name, namespace }) => ({
    name,
    namespace: namespace ?? kustomization.metadata.namespace ?? '',
  }))
  const blocking = namespaced.find(({ name, namespace }) => {
    const found = world.store.get({ collection: collectionOf(kustomization), namespace, name })
    return found === undefined || !conditionsOf(found).some(({ type, status }) => type === 'Ready' && status === 'True')
  })
  return blocking === undefined ? undefined : `${blocking.namespace}/${blocking.name}`
}

const nameOf = (object: KubeObject): string =>
  `${object.kind}/${object.metadata.namespace === undefined ? '' : `${object.metadata.namespace}/`}${object.metadata.name}`

const commitOf = (revision: string): string => revision.slice(revision.lastIndexOf(':') + 1)
const digest = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`
