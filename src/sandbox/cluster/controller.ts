import type { Faults } from './faults.ts'
import type { GitSources } from './git-source.ts'
import type { Intervals } from './intervals.ts'
import { conditionsOf, type KubeObject, withCondition } from './kube-object.ts'
import { keyOf, type ObjectStore } from './object-store.ts'

/** What the controllers work with. */
export interface World {
  readonly store: ObjectStore
  readonly faults: Faults
  readonly intervals: Intervals
  readonly sources: GitSources
  readonly build: (folder: string) => Promise<readonly KubeObject[]>
  readonly clock: () => number
  readonly stopping: AbortSignal
}

export const timestampOf = (world: Pick<World, 'clock'>): string =>
  new Date(world.clock()).toISOString().replace(/\.\d{3}Z$/, 'Z')

export interface Controller {
  readonly collection: string
  readonly everyMs: number
  readonly reconcile: (object: KubeObject) => Promise<void>
  /** Beside the object's own generation: what sets off a round at once when it changes. */
  readonly trigger?: (object: KubeObject) => string
  /** Whether a round is asked for, whatever the time. */
  readonly isAsked?: (object: KubeObject) => boolean
}

/**
 * Runs `reconcile` for each object of a collection, each in a line of its own, again after its interval for as long as
 * the object is there; at once when its spec or its trigger changed. Resolves when everything has stopped.
 */
export async function controlLoop(world: World, controller: Controller): Promise<void> {
  const lines: Lines = { busy: new Map(), due: new Map() }
  while (!world.stopping.aborted) {
    if (!world.faults.controllersStopped)
      for (const object of world.store.list(controller.collection)) startIfDue(world, controller, object, lines)
    await pause(world, 50)
  }
  await Promise.all(lines.busy.values())
}

interface Lines {
  readonly busy: Map<string, Promise<void>>
  readonly due: Map<string, { readonly at: number; readonly stamp: string }>
}

function startIfDue(world: World, controller: Controller, object: KubeObject, { busy, due }: Lines): void {
  const uid = object.metadata.uid ?? ''
  const next = due.get(uid)
  const stamp = `${object.metadata.generation} ${controller.trigger?.(object) ?? ''}`
  const isAtRest = next?.stamp === stamp && world.clock() < next.at
  if (busy.has(uid) || (isAtRest && controller.isAsked?.(object) !== true)) return
  const round = controller
    .reconcile(object)
    .catch((error: unknown) => confess(world, object, error))
    .finally(() => {
      busy.delete(uid)
      due.set(uid, { at: world.clock() + controller.everyMs, stamp })
    })
  busy.set(uid, round)
}

/** An object that a controller cannot digest says so in its status; the others go on. */
function confess(world: World, object: KubeObject, error: unknown): void {
  const condition = { type: 'Ready', status: 'False' as const, reason: 'ControllerError', message: messageOf(error) }
  updateStatus(world, object, (status, live) => ({
    ...status,
    conditions: withCondition(conditionsOf(live), condition, timestampOf(world)),
  }))
}

/** Waits, but not past the end of the cluster. */
export function pause(world: Pick<World, 'stopping'>, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      world.stopping.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, milliseconds)
    world.stopping.addEventListener('abort', finish)
    if (world.stopping.aborted) finish()
  })
}

/** Changes an object's status from what it is now; nothing happens where it is gone. */
export function updateStatus(
  world: World,
  object: KubeObject,
  change: (status: Readonly<Record<string, unknown>>, object: KubeObject) => Record<string, unknown>,
): KubeObject | undefined {
  const live = world.store.get(keyOf(object))
  return live === undefined ? undefined : world.store.setStatus(keyOf(object), change(live.status ?? {}, live))
}

export const messageOf = (error: unknown): string => {
  const words = error instanceof Error ? ((error as { stderr?: string }).stderr ?? '') || error.message : String(error)
  return words.trim().slice(0, 500)
}
