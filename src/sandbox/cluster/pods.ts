import { timestampOf } from './controller.ts'
import { badnessOf, type Faults } from './faults.ts'
import type { Intervals } from './intervals.ts'
import { type KubeObject, ownerOf } from './kube-object.ts'
import { keyOf, type ObjectStore } from './object-store.ts'

/** What the node knows of its pods and keeps nowhere else: when their images came, and which images it holds. */
export interface Node {
  readonly pulledAt: Map<string, number>
  readonly images: Set<string>
}

interface PodState {
  readonly ready: boolean
  readonly restarts: number
  readonly waiting?: { readonly reason: string; readonly message: string }
  /** When its container ended last, by the cluster's clock. */
  readonly ended?: number
}

const cutOffMs = { 'degrade-after': 2_000, flap: 2_000 } as const

/** Brings one pod's status up to date: pulled or not, started, ready, crashing. Answers whether it is ready. */
export function advancePod(
  world: { store: ObjectStore; faults: Faults; intervals: Intervals; memory: Node },
  pod: KubeObject,
  now: number,
) {
  const state = stateOf(world, pod, now)
  world.store.setStatus(keyOf(pod), podStatus(pod, state))
  return state.ready
}

function stateOf(
  { faults, intervals, memory }: { faults: Faults; intervals: Intervals; memory: Node },
  pod: KubeObject,
  now: number,
): PodState {
  const uid = pod.metadata.uid ?? ''
  const images = imagesOf(pod)
  const missing = images.find((image) => !memory.images.has(image))
  if (missing !== undefined && faults.registryAway) return cannotPull(missing, pod)
  for (const image of images) memory.images.add(image)
  if (!memory.pulledAt.has(uid)) memory.pulledAt.set(uid, now)
  const started = (memory.pulledAt.get(uid) ?? now) + intervals.rolloutMs
  const ranMs = now - started
  if (ranMs < 0) return { ready: false, restarts: 0, waiting: { reason: 'ContainerCreating', message: '' } }
  const bad = images
    .map((image) => badnessOf(faults, image, pod.metadata.namespace))
    .find((found) => found !== undefined)
  if (bad === undefined) return { ready: true, restarts: 0 }
  const { endedMs, ...state } = misbehave(bad, ranMs)
  return endedMs === undefined ? state : { ...state, ended: started + endedMs }
}

interface Misbehaviour extends PodState {
  /** When its container ended last, in the time that it ran. */
  readonly endedMs?: number
}

function misbehave(bad: { readonly how: string; readonly afterMs: number }, ranMs: number): Misbehaviour {
  const crashed: Misbehaviour = {
    ready: false,
    restarts: 1 + Math.floor(ranMs / 1_000),
    endedMs: Math.floor(ranMs / 1_000) * 1_000,
    waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' },
  }
  if (bad.how === 'crash') return crashed
  if (bad.how === 'never-ready') return { ready: false, restarts: 0 }
  const healthyMs = bad.afterMs > 0 ? bad.afterMs : cutOffMs['degrade-after']
  if (bad.how === 'degrade-after') return ranMs < healthyMs ? { ready: true, restarts: 0 } : crashed
  if (ranMs % (2 * healthyMs) >= healthyMs) return crashed
  const rounds = Math.floor(ranMs / (2 * healthyMs))
  return { ready: true, restarts: 2 * rounds, ...(rounds === 0 ? {} : { endedMs: (2 * rounds - 1) * healthyMs }) }
}

/** The two reasons alternate as on a real node; only one of them tells the cause. */
const cannotPull = (image: string, pod: KubeObject): PodState => {
  const cause =
    `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ` +
    `failed to do request: Head "https://${image.split('/')[0]}/v2/": dial tcp 10.0.0.7:443: connect: connection refused`
  const backsOff = Number.parseInt((pod.metadata.uid ?? '0').slice(0, 2), 16) % 2 === 0
  return {
    ready: false,
    restarts: 0,
    waiting: backsOff
      ? { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": ErrImagePull: ${cause}` }
      : { reason: 'ErrImagePull', message: cause },
  }
}

function podStatus(pod: KubeObject, state: PodState): Record<string, unknown> {
  const waits = state.waiting !== undefined
  return {
    phase: waits && state.waiting?.reason !== 'CrashLoopBackOff' ? 'Pending' : 'Running',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: state.ready ? 'True' : 'False' },
    ],
    containerStatuses: imagesOf(pod).map((image, index) => ({
      name: `container-${index}`,
      image,
      imageID: image.includes('@') ? image : '',
      ready: state.ready,
      restartCount: state.restarts,
      state: waits ? { waiting: state.waiting } : { running: {} },
      ...(state.ended === undefined ? {} : { lastState: { terminated: terminated(state.ended) } }),
    })),
  }
}

const terminated = (ended: number) => ({
  exitCode: 1,
  reason: 'Error',
  finishedAt: timestampOf({ clock: () => ended }),
})

export function imagesOf(object: KubeObject): string[] {
  const template = object.spec?.template as { spec?: PodSpec } | undefined
  const spec = template?.spec ?? (object.spec as PodSpec | undefined)
  return (spec?.containers ?? []).map(({ image }) => image ?? '').filter((image) => image !== '')
}

interface PodSpec {
  readonly containers?: readonly { readonly image?: string }[]
}

/** The pod of a workload or ReplicaSet with the given number. */
export const podOf = (owner: KubeObject, template: unknown, index: number, hash: string): KubeObject => {
  const { metadata, spec } = template as { metadata?: { labels?: Record<string, string> }; spec?: PodSpec }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${owner.metadata.name}-${hash.slice(0, 4)}${index}`,
      namespace: owner.metadata.namespace ?? 'default',
      labels: { ...metadata?.labels, 'pod-template-hash': hash },
      ownerReferences: [ownerOf(owner)],
    },
    spec: { ...spec },
  }
}
