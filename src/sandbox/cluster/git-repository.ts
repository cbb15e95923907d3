import { createHash } from 'node:crypto'
import { messageOf, timestampOf, updateStatus, type World } from './controller.ts'
import { condition, ready } from './flux-conditions.ts'
import { gitCredentials } from './git-credentials.ts'
import { type KubeObject, withCondition } from './kube-object.ts'
import { handledRequest } from './reconcile-requests.ts'

/** One round of source-controller for one GitRepository (source-controller `gitrepository_controller.go`). */
export async function reconcileGitRepository(world: World, source: KubeObject): Promise<void> {
  if (source.spec?.suspend === true) return
  const { url, ref } = source.spec as { url: string; ref?: { branch?: string } }
  const branch = ref?.branch ?? 'master'
  sayThatItBegins(world, source)
  try {
    const commit = await world.sources.fetch(url, branch, gitCredentials(world.store, source))
    const revision = `${branch}@sha1:${commit}`
    updateStatus(world, source, (status, live) => ({
      ...status,
      ...handledRequest(source),
      observedGeneration: live.metadata.generation,
      artifact: { revision, digest: digest(revision), lastUpdateTime: timestampOf(world), url: `${url}#${commit}` },
      conditions: withCondition(
        ready(world, live, 'True', 'Succeeded', stored(revision), ['FetchFailed', 'Reconciling']),
        condition(live, 'ArtifactInStorage', 'True', 'Succeeded', stored(revision)),
        timestampOf(world),
      ),
    }))
  } catch (error) {
    const message = `failed to checkout and determine revision: ${messageOf(error)}`
    updateStatus(world, source, (status, live) => ({
      ...status,
      ...handledRequest(source),
      conditions: [
        condition(live, 'FetchFailed', 'True', 'GitOperationFailed', message),
        condition(live, 'Reconciling', 'True', 'ProgressingWithRetry', 'reconciliation in progress'),
      ].reduce(
        (conditions, one) => withCondition(conditions, one, timestampOf(world)),
        ready(world, live, 'False', 'GitOperationFailed', message, []),
      ),
    }))
  }
}

/** Of a spec that it has not acted on yet, before it does. */
function sayThatItBegins(world: World, source: KubeObject): void {
  const { generation } = source.metadata
  const observed = source.status?.['observedGeneration'] ?? 0
  if (observed === generation) return
  const message = `processing object: new generation ${observed} -> ${generation}`
  updateStatus(world, source, (status, live) => ({
    ...status,
    conditions: withCondition(
      ready(world, live, 'Unknown', 'Progressing', message, []),
      condition(live, 'Reconciling', 'True', 'Progressing', message),
      timestampOf(world),
    ),
  }))
}

const stored = (revision: string): string => `stored artifact for revision '${revision}'`
const digest = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`
