import { z } from 'zod'
import type { Unseen } from '../cluster/sight.ts'
import { conditionSchema, metadataSchema, optionalTime } from '../kube-object.ts'

const count = z.number().optional()

/** What the status of each kind says about being rolled out. */
export const workloadSchema = z.object({
  kind: z.enum(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Rollout']),
  metadata: metadataSchema,
  spec: z
    .object({
      replicas: count,
      paused: z.boolean().optional(),
      suspend: z.boolean().optional(),
      updateStrategy: z
        .object({ type: z.string().optional(), rollingUpdate: z.object({ partition: count }).nullish() })
        .optional(),
    })
    .default({}),
  status: z
    .object({
      // Of Rollouts it is a text: the number, and before Argo Rollouts 0.10 a hash, which is no number and no smaller one.
      observedGeneration: z.union([z.number(), z.string().transform(Number)]).optional(),
      replicas: count,
      updatedReplicas: count,
      readyReplicas: count,
      availableReplicas: count,
      currentRevision: z.string().optional(),
      updateRevision: z.string().optional(),
      desiredNumberScheduled: count,
      updatedNumberScheduled: count,
      numberReady: count,
      numberAvailable: count,
      conditions: z.array(conditionSchema).optional(),
      // Of Rollouts.
      phase: z.string().optional(),
      message: z.string().optional(),
      workloadObservedGeneration: z.string().optional(),
      controllerPause: z.boolean().optional(),
      pauseConditions: z.array(z.unknown()).nullish(),
    })
    .optional(),
})

const terminatedSchema = z.object({ finishedAt: optionalTime })

const containerSchema = z.object({
  image: z.string().default(''),
  ready: z.boolean().default(false),
  state: z
    .object({
      waiting: z.object({ reason: z.string().default(''), message: z.string().default('') }).optional(),
      terminated: terminatedSchema.optional(),
    })
    .default({}),
  /** How it ended before it was started again. */
  lastState: z.object({ terminated: terminatedSchema.optional() }).default({}),
})

export const podSchema = z.object({
  metadata: metadataSchema,
  status: z
    .object({
      phase: z.string().optional(),
      conditions: z.array(conditionSchema).optional(),
      containerStatuses: z.array(containerSchema).default([]),
      initContainerStatuses: z.array(containerSchema).default([]),
    })
    .default({ containerStatuses: [], initContainerStatuses: [] }),
})

export const replicaSetSchema = z.object({
  metadata: metadataSchema,
  status: z.object({ conditions: z.array(conditionSchema).optional() }).optional(),
})

const time = z.string().nullish()

export const eventSchema = z.object({
  reason: z.string().default(''),
  message: z.string().default(''),
  involvedObject: z.object({
    kind: z.string().default(''),
    name: z.string().default(''),
    uid: z.string().optional(),
  }),
  /** When it was seen last: in the first of these where it is repeated, in the second by the newer API of events. */
  lastTimestamp: time,
  eventTime: time,
  series: z.object({ lastObservedTime: time }).nullish(),
})

export type Workload = z.infer<typeof workloadSchema>
export type Pod = z.infer<typeof podSchema>
export type ReplicaSet = z.infer<typeof replicaSetSchema>
export type KubeEvent = z.infer<typeof eventSchema>

/** A list that was asked for and not given: whatever it would have shown, nobody knows. */
export interface Unread {
  readonly namespace: string
  readonly collection: string
  readonly reason: Unseen['reason']
  readonly detail: string
}

/** What was read of the namespaces that a delivery object touches. What could not be read is missing from it. */
export interface Workloads {
  readonly workloads: readonly Workload[]
  readonly replicaSets: readonly ReplicaSet[]
  readonly pods: readonly Pod[]
  readonly events: readonly KubeEvent[]
  readonly unread: readonly Unread[]
}

export const podCollection = 'v1/pods'
/** By these pods are linked to Deployments. */
export const replicaSetCollection = 'apps/v1/replicasets'

export const eventCollection = 'v1/events'

/** The collection to list for each kind that can be judged. */
export const workloadCollections = {
  Deployment: 'apps/v1/deployments',
  StatefulSet: 'apps/v1/statefulsets',
  DaemonSet: 'apps/v1/daemonsets',
  Job: 'batch/v1/jobs',
  // Of Argo Rollouts, which few clusters have: listed only where one was applied.
  Rollout: 'argoproj.io/v1alpha1/rollouts',
} as const satisfies Readonly<Record<Workload['kind'], string>>

export const isWorkloadKind = (kind: string): kind is Workload['kind'] => Object.hasOwn(workloadCollections, kind)

/** One whose status Sluice can read; another API may have the same kind, as `batch.volcano.sh` has Jobs. */
export const isWorkload = ({ group, kind }: { readonly group: string; readonly kind: string }): boolean =>
  isWorkloadKind(kind) && workloadCollections[kind].startsWith(`${group}/`)

/** Whether its pods hang on ReplicaSets. */
export const hasReplicaSets = (kind: Workload['kind']): boolean => kind === 'Deployment' || kind === 'Rollout'
