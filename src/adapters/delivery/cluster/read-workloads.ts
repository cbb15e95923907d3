import type { z } from 'zod'
import type { ObjectRef } from '../../../domain/health.ts'
import type { RawObject } from '../kube-object.ts'
import { issuesText } from '../rules.ts'
import {
  eventCollection,
  eventSchema,
  isWorkloadKind,
  podCollection,
  podSchema,
  replicaSetCollection,
  replicaSetSchema,
  type Unread,
  type Workloads,
  workloadCollections,
  workloadSchema,
} from '../workloads/workload.ts'
import type { ClusterApi } from './cluster-api.ts'
import type { Unseen } from './sight.ts'

/**
 * The workloads among the applied objects with their pods and events, for naming what fails and why. What cannot be read,
 * for whatever reason, is named: nothing that it would have shown counts as not being so.
 */
export async function readWorkloads(api: ClusterApi, applied: readonly ObjectRef[]): Promise<Workloads> {
  const wanted = applied.filter(({ kind }) => isWorkloadKind(kind))
  const read = await Promise.all(namespacesOf(wanted).map((namespace) => readNamespace(api, namespace, wanted)))
  return {
    workloads: read.flatMap(({ workloads }) => workloads),
    replicaSets: read.flatMap(({ replicaSets }) => replicaSets),
    pods: read.flatMap(({ pods }) => pods),
    events: read.flatMap(({ events }) => events),
    unread: read.flatMap(({ unread }) => unread),
  }
}

/** What is known of workloads in a cluster that cannot be asked: that nobody knows how their pods fare. */
export function notRead(applied: readonly ObjectRef[], { reason, detail }: Omit<Unseen, 'is'>): Workloads {
  const wanted = applied.filter(({ kind }) => isWorkloadKind(kind))
  const unread = namespacesOf(wanted).map((namespace) => ({ namespace, collection: podCollection, reason, detail }))
  return { workloads: [], replicaSets: [], pods: [], events: [], unread }
}

const namespacesOf = (objects: readonly ObjectRef[]): readonly string[] => [
  ...new Set(objects.flatMap(({ namespace }) => namespace ?? [])),
]

async function readNamespace(api: ClusterApi, namespace: string, wanted: readonly ObjectRef[]): Promise<Workloads> {
  const here = wanted.filter((object) => object.namespace === namespace)
  const kinds = [...new Set(here.map(({ kind }) => kind))].filter(isWorkloadKind)
  const [workloads, replicaSets, pods, events] = await Promise.all([
    Promise.all(kinds.map((kind) => readKind(api, namespace, kind))),
    readable(api, replicaSetCollection, namespace, replicaSetSchema),
    readable(api, podCollection, namespace, podSchema),
    readable(api, eventCollection, namespace, eventSchema),
  ])
  return {
    workloads: workloads.flatMap(({ items }) => items),
    replicaSets: replicaSets.items,
    pods: pods.items,
    events: events.items,
    unread: [...workloads, replicaSets, pods, events].flatMap(({ unread }) => unread ?? []),
  }
}

/** Items of a list carry no kind of their own. */
const readKind = (api: ClusterApi, namespace: string, kind: keyof typeof workloadCollections) =>
  readable(api, workloadCollections[kind], namespace, workloadSchema, { kind })

async function readable<T>(
  api: ClusterApi,
  collection: string,
  namespace: string,
  schema: z.ZodType<T>,
  more: RawObject = {},
): Promise<{ readonly items: readonly T[]; readonly unread?: Unread }> {
  const listed = await api.list(collection, namespace)
  if (listed.is === 'unseen') {
    const { reason, detail } = listed
    return { items: [], unread: { namespace, collection, reason, detail } }
  }
  const parsed = listed.objects.map((object) => schema.safeParse({ ...object, ...more }))
  const items = parsed.flatMap(({ data }) => (data === undefined ? [] : [data]))
  const [odd] = parsed.flatMap(({ error }) => error ?? [])
  if (odd === undefined) return { items }
  // It may be the one that fails.
  return { items, unread: { namespace, collection, reason: 'cluster.garbled', detail: issuesText(odd) } }
}
