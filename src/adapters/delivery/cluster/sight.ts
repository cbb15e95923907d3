import type { RawObject } from '../kube-object.ts'

/** Why nothing was seen. None of these says anything about what runs there (I6). */
export interface Unseen {
  readonly is: 'unseen'
  readonly reason: keyof typeof clusterReasons
  readonly detail: string
}

export interface Listed {
  readonly is: 'listed'
  readonly objects: readonly RawObject[]
  /** Of the collection, to watch from. */
  readonly version: string
}

/** A sentence for every reason code of losing sight. */
export const clusterReasons = {
  'cluster.not-configured': 'Sluice has no access to a cluster of this name; the operator adds it to the settings.',
  'cluster.unreachable': 'The API of the cluster cannot be reached.',
  'cluster.timeout': 'The API of the cluster does not answer in time.',
  'cluster.refused': 'The API of the cluster refuses the credentials of Sluice.',
  'cluster.not-installed': 'The cluster does not know this kind of delivery object.',
  'cluster.error': 'The API of the cluster answers with an error.',
  'cluster.pods-unread':
    'Pods cannot be read, so nobody sees whether they crash: what is watched for that does not count as healthy.',
  'cluster.garbled': 'The API of the cluster answers something that is no list of objects.',
} as const

export const unseen = (reason: Unseen['reason'], detail: string): Unseen => ({ is: 'unseen', reason, detail })
