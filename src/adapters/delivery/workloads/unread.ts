import type { ObjectRef } from '../../../domain/health.ts'
import { cut } from '../rules.ts'
import { isWorkloadKind, podCollection, replicaSetCollection, type Workloads, workloadCollections } from './workload.ts'

/** What nobody could look at of these objects, and why, in words; undefined where all of it was read. */
export function unreadOf(objects: readonly ObjectRef[], { unread }: Workloads): string | undefined {
  const [first] = unread.filter(({ namespace, collection }) =>
    objects.some((object) => object.namespace === namespace && collectionsBehind(object).includes(collection)),
  )
  if (first === undefined) return undefined
  const { namespace, collection, detail } = first
  // Short: it stands before the controller's own words, which must be read too.
  return cut(`${collection.split('/').at(-1)} of ${namespace} cannot be read: ${detail}`, 200)
}

/** What must be read to know how the pods of an object fare. */
function collectionsBehind({ kind }: ObjectRef): readonly string[] {
  if (!isWorkloadKind(kind)) return []
  const links = kind === 'Deployment' ? [replicaSetCollection] : []
  return [workloadCollections[kind], podCollection, ...links]
}
