import type { FindToAnnotate } from '../cluster/family.ts'
import { applicationSchema } from './application.ts'
import { differencesFromExpected, indexOfExpected } from './is-ours.ts'
import { applications } from './read-argo.ts'

const key = 'argocd.argoproj.io/refresh'

/** Argo CD resolves the branch anew, compares, and takes the annotation away. */
export const askArgo: FindToAnnotate = async (api, { expected, merge }) => {
  const { namespace, name } = expected.spec
  const read = await api.get(applications, { namespace, name })
  if (read.is === 'unseen') return { is: 'refused', detail: read.detail }
  const application = applicationSchema.safeParse(read.object).data
  if (application === undefined) return { is: 'refused', detail: 'the Application cannot be read' }
  const index = indexOfExpected(application, expected)
  if (index < 0) return { is: 'refused', detail: differencesFromExpected(application, expected) }
  // Somebody's `hard` stays what it is.
  if (application.metadata.annotations?.[key] !== undefined)
    return { is: 'asked-before', detail: 'the Application carries a request already' }
  const { revision = '', revisions = [] } = application.status.sync ?? {}
  if ((revisions[index] ?? revision) === merge.commit)
    return { is: 'asked-before', detail: 'Argo CD has compared with the commit already' }
  return { is: 'found', collection: applications, namespace, name, annotation: { key, value: 'normal' } }
}
