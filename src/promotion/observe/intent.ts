import type { CheckedConfig } from '../../config/checked-config.ts'
import type { Sha } from '../../domain/ids.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import { isSealed } from '../seal.ts'
import type { Intent } from '../snapshot.ts'
import { readTrailers } from '../trailers.ts'
import { readSlotAt } from './records.ts'

/** What our own head commit means to do; null where somebody else made the head, whatever it says (T10). */
export async function intentOf(ports: RepositoryPorts, config: CheckedConfig, head: Sha): Promise<Intent | null> {
  const commit = await ports.git.commit(head)
  const trailers = readTrailers(commit.message)
  const what = { repository: ports.repository.id, tree: commit.tree, parents: commit.parents }
  if (trailers === undefined || trailers.kind === 'edit') return null
  if (trailers.slot === null || trailers.release === null || trailers.base === null) return null
  if (!isSealed(commit.message, what, ports.stateKeys)) return null
  const [after, before] = await Promise.all([
    readSlotAt(ports.git, head, trailers.slot, config),
    readSlotAt(ports.git, trailers.base, trailers.slot, config),
  ])
  if (after?.release.is !== 'pinned' || before?.release.is !== 'pinned') return null
  return {
    kind: trailers.kind,
    slot: trailers.slot,
    brings: trailers.release,
    release: after.release.release,
    replaces: before.release.release,
    takesBack: trailers.takesBack,
  }
}
