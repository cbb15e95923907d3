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

const stored = (revision: string): string => `stored artifact for revision '${revision}'`
const digest = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`
