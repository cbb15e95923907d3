import type { FindToAnnotate } from '../cluster/family.ts'
import { differencesFromExpected } from './is-ours.ts'
import { gitRepositorySchema, kustomizationSchema } from './kustomization.ts'
import { gitRepositories, kustomizations } from './read-flux.ts'
import { parseRevision } from './revision.ts'

const key = 'reconcile.fluxcd.io/requestedAt'

/**
 * The GitRepository is asked to fetch; its Kustomizations follow a new artifact by themselves, at once. A Kustomization
 * that is asked before the artifact is there goes through the old one again first, health checks and all: after a bad
 * release that would delay its revert.
 */
export const askFlux: FindToAnnotate = async (api, { expected, merge }) => {
  const read = await api.get(kustomizations, expected.spec)
  if (read.is === 'unseen') return { is: 'refused', detail: read.detail }
  const kustomization = kustomizationSchema.safeParse(read.object).data
  if (kustomization === undefined) return { is: 'refused', detail: 'the Kustomization cannot be read' }
  const { kind, name, namespace = expected.spec.namespace } = kustomization.spec.sourceRef
  if (kind !== 'GitRepository') return { is: 'refused', detail: `its source is no GitRepository, but ${kind} ${name}` }
  const readSource = await api.get(gitRepositories, { namespace, name })
  if (readSource.is === 'unseen') return { is: 'refused', detail: readSource.detail }
  const source = gitRepositorySchema.safeParse(readSource.object).data
  if (source === undefined) return { is: 'refused', detail: `the GitRepository ${name} cannot be read` }
  const differences = differencesFromExpected(kustomization, source, expected)
  if (differences.length > 0) return { is: 'refused', detail: differences.join('; ') }
  if (parseRevision(source.status.artifact?.revision)?.commit === merge.commit)
    return { is: 'asked-before', detail: `the GitRepository ${name} has the commit already` }
  // Any other value than the last is a request. One for each merge makes repeating it nothing new.
  const value = `${new Date(merge.at).toISOString()} ${merge.commit}`
  if (source.metadata.annotations?.[key] === value)
    return { is: 'asked-before', detail: `the GitRepository ${name} carries the request already` }
  return { is: 'found', collection: gitRepositories, namespace, name, annotation: { key, value } }
}
