import { join } from 'node:path'
import { applyObjects, desiredObjects, isApplied } from './apply-objects.ts'
import { prunes, syncsByItself } from './auto-sync.ts'
import { messageOf, pause, timestampOf, updateStatus, type World } from './controller.ts'
import { repositoryCredentials } from './git-credentials.ts'
import type { KubeObject } from './kube-object.ts'
import { keyOf } from './object-store.ts'
import { takeRefreshAway } from './reconcile-requests.ts'
import { workloadHealth } from './workload-health.ts'

interface Spec {
  readonly source: { readonly repoURL: string; readonly path: string; readonly targetRevision?: string }
  readonly destination: { readonly namespace?: string }
}

type Health = 'Healthy' | 'Progressing' | 'Degraded' | 'Missing'

/**
 * One round of Argo CD's application controller for one Application: compare (which writes sync, health and reconciledAt),
 * then, where it may, an operation whose end the comparison of the *next* round takes in. In between the health is stale,
 * as with the real one.
 */
export async function reconcileApplication(world: World, application: KubeObject): Promise<void> {
  if (isSkipped(application)) return
  const compared = await compare(world, application).catch((error: unknown) => error as Error)
  takeRefreshAway(world, application)
  if (compared instanceof Error) return cannotCompare(world, application, messageOf(compared))
  writeComparison(world, application, compared)
  if (syncsByItself(world, application, compared)) await sync(world, application, compared)
}

export const isSkipped = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.['argocd.argoproj.io/skip-reconcile'] === 'true'

/** A sync that ended, and what becomes of what it applied, set off a round at once (`appcontroller.go`, `handleObjectUpdated`). */
export function seenOfApplication({ store }: World, { status }: KubeObject): string {
  const { finishedAt = '', syncResult } = (status?.operationState ?? {}) as {
    readonly finishedAt?: string
    readonly syncResult?: { readonly revision: string }
  }
  const resources = (status?.resources as readonly Resource[] | undefined) ?? []
  const states = resources.map((resource) => {
    const live = store.get(keyOf(named(resource)))
    return live === undefined ? 'Missing' : workloadHealth(live)
  })
  return [finishedAt, syncResult?.revision ?? '', ...states].join(' ')
}

interface Comparison {
  readonly revision: string
  readonly desired: readonly KubeObject[]
  /** Whether any of them is not there as it is wanted. */
  readonly differs: boolean
  /** What was applied before, and is still there. */
  readonly surplus: readonly KubeObject[]
  readonly health: Health
}

async function compare(world: World, application: KubeObject): Promise<Comparison> {
  const { source, destination } = application.spec as unknown as Spec
  const branch = source.targetRevision ?? 'HEAD'
  const credentials = repositoryCredentials(world.store, application.metadata.namespace ?? '', source.repoURL)
  const revision = await world.sources.fetch(source.repoURL, branch === 'HEAD' ? 'main' : branch, credentials)
  const tree = await world.sources.checkout(source.repoURL, revision)
  const rendered = await world.build(join(tree, join('/', source.path)))
  const desired = desiredObjects(rendered, {
    namespace: destination.namespace ?? 'default',
    overrideNamespace: false,
    labels: { 'app.kubernetes.io/instance': application.metadata.name },
  })
  const differs = desired.some((object) => !isApplied(world.store, object))
  const surplus = surplusOf(world, application, desired)
  return { revision, desired, differs, surplus, health: healthOf(world, [...desired, ...surplus]) }
}

/** The worst of its workloads; what was never applied is Missing. */
function healthOf(world: World, desired: readonly KubeObject[]): Health {
  const seen = desired.map((object) => {
    const live = world.store.get(keyOf(object))
    return live === undefined
      ? 'Missing'
      : ({ Current: 'Healthy', InProgress: 'Progressing', Failed: 'Degraded' } as const)[workloadHealth(live)]
  })
  return (['Degraded', 'Progressing', 'Missing'] as const).find((health) => seen.includes(health)) ?? 'Healthy'
}

function writeComparison(world: World, application: KubeObject, compared: Comparison): void {
  const now = timestampOf(world)
  updateStatus(world, application, (status, live) => {
    const { source, destination } = live.spec as unknown as Spec
    const before = status.health as { status: string; lastTransitionTime: string } | undefined
    const since = before?.status === compared.health ? before.lastTransitionTime : now
    return {
      ...status,
      sync: {
        status: compared.differs || compared.surplus.length > 0 ? 'OutOfSync' : 'Synced',
        revision: compared.revision,
        comparedTo: { source, destination },
      },
      health: { status: compared.health, lastTransitionTime: since },
      reconciledAt: now,
      resourceHealthSource: 'appTree',
      resources: [
        ...compared.desired.map((object) =>
          resourceOf(object, isApplied(world.store, object) ? 'Synced' : 'OutOfSync'),
        ),
        ...compared.surplus.map((object) => ({ ...resourceOf(object, 'OutOfSync'), requiresPruning: true })),
      ],
      conditions: [],
    }
  })
}

function resourceOf(object: KubeObject, status: string): Record<string, unknown> {
  const [group, version] = object.apiVersion.includes('/')
    ? object.apiVersion.split('/')
    : [undefined, object.apiVersion]
  const { name, namespace } = object.metadata
  return { ...(group === undefined ? {} : { group }), version, kind: object.kind, namespace, name, status }
}

function cannotCompare(world: World, application: KubeObject, message: string): void {
  const now = timestampOf(world)
  updateStatus(world, application, (status) => ({
    ...status,
    sync: { ...(status.sync as object | undefined), status: 'Unknown' },
    reconciledAt: now,
    conditions: [
      {
        type: 'ComparisonError',
        message: `Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: ${message}`,
        lastTransitionTime: now,
      },
    ],
  }))
}

async function sync(world: World, application: KubeObject, compared: Comparison): Promise<void> {
  const { revision } = compared
  const startedAt = timestampOf(world)
  const operation = { sync: { revision }, initiatedBy: { automated: true } }
  const running = { operation, phase: 'Running', message: 'waiting for completion', startedAt }
  updateStatus(world, application, (status) => ({ ...status, operationState: running }))
  await pause(world, 100)
  const failure = tryApply(world, application, compared)
  updateStatus(world, application, (status) => ({
    ...status,
    operationState: {
      ...running,
      phase: failure === undefined ? 'Succeeded' : 'Failed',
      message: failure ?? 'successfully synced (all tasks run)',
      finishedAt: timestampOf(world),
      syncResult: { revision, source: (application.spec as unknown as Spec).source },
    },
    history: failure === undefined ? withDeployed(world, status, revision) : status.history,
  }))
}

function tryApply(world: World, application: KubeObject, { desired, surplus }: Comparison): string | undefined {
  try {
    if (prunes(application)) for (const gone of surplus) world.store.delete(keyOf(gone))
    applyObjects(world.store, desired)
    return undefined
  } catch (error) {
    return `one or more objects failed to apply, reason: ${messageOf(error)}`
  }
}

function surplusOf(world: World, application: KubeObject, desired: readonly KubeObject[]): KubeObject[] {
  const kept = new Set(desired.map((object) => JSON.stringify(keyOf(object))))
  const before = (application.status?.resources as readonly Resource[] | undefined) ?? []
  return before
    .map(named)
    .filter((object) => !kept.has(JSON.stringify(keyOf(object))) && world.store.get(keyOf(object)) !== undefined)
}

interface Resource {
  readonly group?: string
  readonly version: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

const named = ({ group, version, kind, namespace, name }: Resource): KubeObject => ({
  apiVersion: group === undefined ? version : `${group}/${version}`,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
})

function withDeployed(world: World, status: Readonly<Record<string, unknown>>, revision: string) {
  const before = (status.history as readonly { id: number }[] | undefined) ?? []
  const id = (before.at(-1)?.id ?? -1) + 1
  return [...before, { id, revision, deployedAt: timestampOf(world) }].slice(-10)
}
