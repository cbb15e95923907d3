import type { ObjectStore } from './object-store.ts'

export interface RunningImage {
  readonly namespace: string
  readonly pod: string
  /** The workload that the pod belongs to, by the name that its ReplicaSet was made from. */
  readonly workload: string
  readonly image: string
  /** Empty for an image that is named by tag alone. */
  readonly digest: string
  readonly ready: boolean
}

/** One entry for every container of every pod, sorted by namespace and pod. */
export const runningImages = (store: ObjectStore): readonly RunningImage[] =>
  store.list('v1/pods').flatMap((pod) => {
    const statuses = (pod.status?.containerStatuses ?? []) as readonly { image: string; ready: boolean }[]
    const owner = pod.metadata.ownerReferences?.[0]
    const workload =
      owner?.kind === 'ReplicaSet' ? owner.name.slice(0, owner.name.lastIndexOf('-')) : (owner?.name ?? '')
    return statuses.map(({ image, ready }) => ({
      namespace: pod.metadata.namespace ?? '',
      pod: pod.metadata.name,
      workload,
      image,
      digest: image.includes('@') ? image.slice(image.indexOf('@') + 1) : '',
      ready,
    }))
  })
