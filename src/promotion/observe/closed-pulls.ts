import type { CheckedConfig } from '../../config/checked-config.ts'
import { UserError } from '../../domain/failures.ts'
import type { Sha } from '../../domain/ids.ts'
import type { PullRequest } from '../../ports/forge/pull-requests.ts'
import type { Folded } from '../../state/fold.ts'
import { isOurBranch } from '../branches.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import type { ClosedPull, Intent } from '../snapshot.ts'
import { readHead } from './intent.ts'

/** Ours, closed unmerged by somebody else, and not on record yet. A deleted branch closes its pull request as well. */
export async function closedPulls(
  ports: RepositoryPorts,
  config: CheckedConfig,
  closed: readonly PullRequest[],
  folded: Folded,
): Promise<readonly ClosedPull[]> {
  const declined = new Set(folded.directives.flatMap((one) => (one.kind === 'decline' ? [one.pull] : [])))
  const found: ClosedPull[] = []
  for (const pull of closed) {
    const isOwn = pull.ours && pull.sameRepository && isOurBranch(pull.headBranch)
    if (!isOwn || pull.mergedAt !== null || folded.closedByUs.has(pull.number) || declined.has(pull.number)) continue
    const intent = await intentOrNull(ports, config, pull)
    if (intent !== null) found.push({ pull, intent })
  }
  return found
}

async function intentOrNull(ports: RepositoryPorts, config: CheckedConfig, pull: PullRequest) {
  try {
    return await intentAt(ports, config, pull.head)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return intentOfLostBranch(ports, config, pull)
  }
}

/** The branch was deleted before anybody fetched it; the forge keeps the heads of pull requests all the same. */
async function intentOfLostBranch(ports: RepositoryPorts, config: CheckedConfig, pull: PullRequest) {
  await ports.git.fetch({ pulls: [pull.number] })
  try {
    return await intentAt(ports, config, pull.head)
  } catch (error) {
    if (error instanceof UserError) return null
    throw error
  }
}

async function intentAt(ports: RepositoryPorts, config: CheckedConfig, head: Sha): Promise<Intent | null> {
  const read = await readHead(ports, config, head)
  return read.is === 'ours' ? read.intent : null
}
