import type { CheckedConfig } from '../../config/checked-config.ts'
import { overlayOf } from '../../config/overlay-paths.ts'
import { partsOfSlot, type Sha, type SlotKey } from '../../domain/ids.ts'
import type { Commit, GitObjects } from '../../ports/git.ts'
import type { Keys } from '../../state/mac.ts'
import { isSealed } from '../seal.ts'
import type { Brought, PromotionRecord } from '../snapshot.ts'
import { readTrailers, type Trailers } from '../trailers.ts'
import { lineSince } from './line.ts'
import { type OverlayFacts, readOverlay } from './overlays.ts'

/** How far back the first look of a process goes at a time. */
const lookBack = 2_000

/** A merge that Sluice made, as its seal proves. */
export interface SealedMerge {
  readonly commit: Commit
  readonly head: Sha
  readonly parent: Sha
  readonly trailers: Trailers
}

export interface History {
  readonly head: Sha
  /** Newest first. */
  readonly merges: readonly SealedMerge[]
}

export interface Reader {
  readonly git: GitObjects
  readonly repository: { readonly id: number }
  readonly stateKeys: Keys
}

/** Follows the first-parent line of the default branch; an earlier look is only added to. */
export async function observeHistory(reader: Reader, base: Sha, previous: History | null): Promise<History> {
  if (previous?.head === base) return previous
  const since = previous && (await lineSince(reader.git, previous.head, base))
  if (previous === null || since === null) return { head: base, merges: await latestMerges(reader, base) }
  return { head: base, merges: [...(await mergesAmong(reader, since)), ...previous.merges] }
}

/**
 * Those among the latest commits; further back where none of them says what state it was made with. A thousand commits of
 * other people, or of somebody who means it so, would make a state branch that is gone look as if there never was one (T66).
 */
async function latestMerges(reader: Reader, base: Sha): Promise<readonly SealedMerge[]> {
  const merges: SealedMerge[] = []
  for (let from: Sha | undefined = base; from !== undefined; ) {
    const commits: readonly Commit[] = await reader.git.firstParents(from, { limit: lookBack })
    merges.push(...(await mergesAmong(reader, commits)))
    from = namedState(merges) === undefined ? commits.at(-1)?.parents[0] : undefined
  }
  return merges
}

/** The head of the state branch that the newest merge of ours was made with. */
export const namedState = (merges: History['merges']): Sha | undefined =>
  merges.find((merge) => merge.trailers.state !== null)?.trailers.state ?? undefined

/**
 * A head is merged once. A later merge of it is a message of ours that somebody wrote under a commit of theirs: one that
 * changes nothing is no change around the gates, but it would be the newest promotion of its slot, which then cannot be
 * taken back, and would name a state from before a freeze (T67, T70).
 */
async function mergesAmong(reader: Reader, commits: readonly Commit[]): Promise<readonly SealedMerge[]> {
  const sealed = commits.flatMap((commit) => sealedMerge(reader, commit) ?? [])
  const line = new Set(commits.map(({ oid }) => oid))
  const firstOf = new Map(sealed.map((merge) => [merge.head, merge]))
  const merges: SealedMerge[] = []
  for (const merge of sealed) {
    if (firstOf.get(merge.head) !== merge) continue
    // What began among these commits was merged among them, if ever: no process is needed to know that.
    const isFirst =
      (await beganOn(reader.git, merge.head, line)) || !(await reader.git.isAncestor(merge.head, merge.parent))
    if (isFirst) merges.push(merge)
  }
  return merges
}

/** How many commits of a branch are followed down to where it left the default branch. */
const nearCommits = 16

async function beganOn(git: GitObjects, head: Sha, line: ReadonlySet<Sha>): Promise<boolean> {
  let at: Sha | undefined = head
  for (let n = 0; n < nearCommits && at !== undefined; n += 1) {
    if (line.has(at)) return at !== head
    at = (await git.commit(at)).parents[0]
  }
  return false
}

/** Undefined for a commit that is no merge of ours, whatever its message says. */
export function sealedMerge({ repository, stateKeys }: Reader, commit: Commit): SealedMerge | undefined {
  const [parent, head] = commit.parents
  if (parent === undefined || head === undefined) return undefined
  const trailers = readTrailers(commit.message)
  if (trailers === undefined) return undefined
  const sealed = isSealed(commit.message, { repository: repository.id, merges: head }, stateKeys)
  return sealed ? { commit, head, parent, trailers } : undefined
}

/** The newest promotion or rollback of each slot, in one pass. */
export function newestPerSlot(history: History): ReadonlyMap<SlotKey, SealedMerge> {
  const newest = new Map<SlotKey, SealedMerge>()
  for (const merge of history.merges) {
    const { slot } = merge.trailers
    if (slot !== null && !newest.has(slot)) newest.set(slot, merge)
  }
  return newest
}

/** What each merge of ours brought where, newest first. */
export const broughtIn = ({ merges }: History): readonly Brought[] =>
  merges.flatMap(({ commit, trailers: { kind, slot, release } }) =>
    kind === 'edit' || slot === null || release === null ? [] : [{ slot, release, at: commit.at }],
  )

/** What a merge of ours did to its slot, read from the commits themselves. */
export async function readRecord(
  reader: Reader,
  merge: SealedMerge,
  config: CheckedConfig,
): Promise<PromotionRecord | undefined> {
  const { kind, slot, release, takesBack, pull } = merge.trailers
  if (slot === null || kind === 'edit') return undefined
  const [after, before] = await Promise.all([
    readSlotAt(reader.git, merge.commit.oid, slot, config),
    readSlotAt(reader.git, merge.parent, slot, config),
  ])
  if (after?.release.is !== 'pinned' || before?.release.is !== 'pinned') return undefined
  return {
    kind,
    slot,
    // Nobody's pull request of ours, but somebody's that takes the last promotion back: what it holds is what it brings.
    brings: release ?? after.release.release.id,
    release: after.release.release,
    replaces: before.release.release,
    takesBack,
    overHealthy: merge.trailers.over === 'healthy',
    pull: pull ?? 0,
    head: merge.head,
    merge: merge.commit.oid,
    parent: merge.parent,
    mergedAt: merge.commit.at,
    inputsBefore: before.inputs,
    inputsAfter: after.inputs,
  }
}

/** One slot as a commit or tree holds it; undefined where its environment is no longer described. */
export async function readSlotAt(
  git: GitObjects,
  treeish: Sha,
  slot: SlotKey,
  config: CheckedConfig,
): Promise<OverlayFacts | undefined> {
  const { application, environment } = partsOfSlot(slot)
  const described = config.environments.get(environment)
  if (described === undefined) return undefined
  const overlay = overlayOf(described, application)
  return readOverlay(git, treeish, config, { key: slot, application, environment, overlay })
}
