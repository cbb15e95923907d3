import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { applyObjects, desiredObjects } from './apply-objects.ts'
import { messageOf, pause, updateStatus, type World } from './controller.ts'
import { goDuration } from './intervals.ts'
import { inventoryEntry, prune } from './inventory.ts'
import { collectionOf, conditionsOf, type KubeObject } from './kube-object.ts'
import { checkHealth, notReady, progress, type Round, succeed } from './kustomization-status.ts'
import { keyOf } from './object-store.ts'
import { workloadHealth } from './workload-health.ts'

const kustomize = 'kustomize.toolkit.fluxcd.io'

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
  const checked = healthChecked(kustomization, built)
  const checkedRound = { ...appliedRound, isChecked: checked.length > 0 }
  const unhealthy = await waitForHealth(world, kustomization, revision, checked)
  if (world.stopping.aborted) return
  if (unhealthy === undefined) succeed(world, kustomization, checkedRound)
  else notReady(world, kustomization, 'HealthCheckFailed', unhealthy, checkedRound)
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
  checked: readonly KubeObject[],
): Promise<string | undefined> {
  if (checked.length === 0) return undefined
  const timeoutMs = goDuration(kustomization.spec?.timeout) ?? world.intervals.healthTimeoutMs
  const message = `Running health checks for revision ${revision} with a timeout of ${timeoutMs}ms`
  checkHealth(world, kustomization, message, revision)
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

/** A new artifact of its source sets a Kustomization off at once. */
export const artifactRevision = (world: World, kustomization: KubeObject): string => {
  const artifact = sourceOf(world, kustomization)?.status?.artifact as { revision?: string } | undefined
  return artifact?.revision ?? ''
}

function sourceOf(world: World, kustomization: KubeObject): KubeObject | undefined {
  const { sourceRef } = (kustomization.spec ?? {}) as {
    sourceRef?: { kind?: unknown; name?: unknown; namespace?: string }
  }
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
