import type { CheckedConfig } from '../../config/checked-config.ts'
import type { Sha } from '../../domain/ids.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import { isSealed } from '../seal.ts'
import type { Intent, Outdated } from '../snapshot.ts'
import { readTrailers } from '../trailers.ts'
import { readSlotAt } from './records.ts'

/** What the head of a branch of ours is: by its seal one that we made, or somebody else's whatever it says (T10). */
export type Head =
  | { readonly is: 'ours'; readonly intent: Intent }
  /** We made it, for what the manifests no longer describe there. */
  | { readonly is: 'outdated'; readonly outdated: Outdated }
  | { readonly is: 'foreign' }

export async function readHead(ports: RepositoryPorts, config: CheckedConfig, head: Sha): Promise<Head> {
  const commit = await ports.git.commit(head)
  const trailers = readTrailers(commit.message)
  const what = { repository: ports.repository.id, tree: commit.tree, parents: commit.parents }
  if (trailers === undefined || trailers.kind === 'edit') return { is: 'foreign' }
  const { kind, slot, release: brings, base, takesBack } = trailers
  if (slot === null || brings === null || base === null) return { is: 'foreign' }
  if (!isSealed(commit.message, what, ports.stateKeys)) return { is: 'foreign' }
  const [after, before] = await Promise.all([
    readSlotAt(ports.git, head, slot, config),
    readSlotAt(ports.git, base, slot, config),
  ])
  if (after?.release.is !== 'pinned' || before?.release.is !== 'pinned')
    return { is: 'outdated', outdated: { kind, slot } }
  const [release, replaces] = [after.release.release, before.release.release]
  return { is: 'ours', intent: { kind, slot, brings, release, replaces, takesBack } }
}
