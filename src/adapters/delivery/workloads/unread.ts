import type { ObjectRef } from '../../../domain/health.ts'
import { cut } from '../rules.ts'
import {
  hasReplicaSets,
  isWorkloadKind,
  podCollection,
  replicaSetCollection,
  type Unread,
  type Workloads,
  workloadCollections,
} from './workload.ts'

/** What nobody could look at of these objects, and why, in words; undefined where all of it was read. */
export function unreadOf(objects: readonly ObjectRef[], { unread }: Workloads): string | undefined {
  const first = unread.find(({ namespace, collection }) =>
    objects.some((object) => object.namespace === namespace && collectionsBehind(object).includes(collection)),
  )
  return first === undefined ? undefined : wordsOf(first)
}

/** Why one list of a namespace could not be read, where that is so. */
export function unreadList({ unread }: Workloads, where: string | undefined, which: string): string | undefined {
  const found = unread.find(({ namespace, collection }) => namespace === where && collection === which)
  return found === undefined ? undefined : wordsOf(found)
}

/** Short: it stands before the controller's own words, which must be read too. */
const wordsOf = ({ namespace, collection, detail }: Unread): string =>
  cut(`${collection.split('/').at(-1)} of ${namespace} cannot be read: ${detail}`, 200)

/** What must be read to know how the pods of an object fare. Not events: these only tell causes more exactly. */
function collectionsBehind({ kind }: ObjectRef): readonly string[] {
  if (!isWorkloadKind(kind)) return []
  const links = hasReplicaSets(kind) ? [replicaSetCollection] : []
  return [workloadCollections[kind], podCollection, ...links]
}
