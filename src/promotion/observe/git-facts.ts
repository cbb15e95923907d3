import type { ReleaseId, Sha, SlotKey } from '../../domain/ids.ts'
import { pinnedIn, type Release } from '../../domain/release.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import { severalAtOnce } from '../several-at-once.ts'
import type { ConfigFacts, PromotionRecord } from '../snapshot.ts'
import { baselinesOf, type Introductions, introductions } from './baselines.ts'
import { type Overlays, observeOverlays, touching } from './overlays.ts'
import { pathsBetween } from './paths-between.ts'
import { type History, newestPerSlot, observeHistory, readRecord, readSlotAt } from './records.ts'

/** Everything that the default branch alone tells, whoever asks and whenever. */
export interface GitFacts {
  readonly base: Sha
  readonly config: ConfigFacts
  readonly overlays: Overlays
  readonly introduced: Introductions
  readonly baselines: ReadonlyMap<string, ReleaseId>
  /** What each slot held when its environment came under a manifest; null where that was nothing pinned. */
  readonly originals: ReadonlyMap<SlotKey, Release | null>
  readonly history: History
  readonly records: ReadonlyMap<Sha, PromotionRecord | undefined>
  readonly recordOf: ReadonlyMap<SlotKey, PromotionRecord>
}

/** Reads what changed since the last look; with other manifests everything is read anew. */
export async function observeGitFacts(
  ports: RepositoryPorts,
  base: Sha,
  config: ConfigFacts,
  previous: GitFacts | null,
): Promise<GitFacts> {
  const { git, repository } = ports
  const same = previous !== null && previous.config.checked === config.checked ? previous : null
  if (same?.base === base) return { ...same, config }
  const overlays = await readOverlays(ports, base, config, same)
  const introduced = same?.introduced ?? (await introductions(git, base, repository.name))
  const baselines = await baselinesOf(git, config.checked, overlays, introduced, same?.baselines ?? new Map())
  const originals = await originalsOf(ports, config, overlays, introduced, same?.originals ?? new Map())
  const history = await observeHistory(ports, base, previous?.history ?? null)
  const { recordOf, records } = await recordsOf(ports, config, history, same?.records ?? new Map())
  return { base, config, overlays, introduced, baselines, originals, history, records, recordOf }
}

async function readOverlays(
  { git, repository }: RepositoryPorts,
  base: Sha,
  { checked }: ConfigFacts,
  same: GitFacts | null,
): Promise<Overlays> {
  if (same === null) return observeOverlays(git, base, checked, repository.name, null)
  const changed = await pathsBetween(git, same.base, base)
  const earlier = changed === null ? null : { overlays: same.overlays, changed }
  return observeOverlays(git, base, checked, repository.name, earlier)
}

async function originalsOf(
  { git }: RepositoryPorts,
  { checked }: ConfigFacts,
  overlays: Overlays,
  introduced: Introductions,
  known: GitFacts['originals'],
): Promise<GitFacts['originals']> {
  const originals = new Map(known)
  for (const [environment, commit] of introduced) {
    const fresh = [...overlays.bySlot.values()].filter((one) => one.environment === environment && !known.has(one.key))
    if (fresh.length === 0) continue
    const paths = await pathsBetween(git, commit, overlays.tree)
    const isTouched = paths === null ? () => true : touching(paths)
    await severalAtOnce(fresh, async (slot) => {
      // What no path has touched since is what it was: most are, and reading all of them again would double a cold start.
      const stands = slot.inputs !== null && !isTouched(slot)
      const then = stands ? slot : await readSlotAt(git, commit, slot.key, checked)
      originals.set(slot.key, pinnedIn(then?.release) ?? null)
    })
  }
  return originals
}

async function recordsOf(
  ports: RepositoryPorts,
  { checked }: ConfigFacts,
  history: History,
  known: GitFacts['records'],
): Promise<Pick<GitFacts, 'records' | 'recordOf'>> {
  const recordOf = new Map<SlotKey, PromotionRecord>()
  const records = new Map<Sha, PromotionRecord | undefined>()
  for (const [slot, merge] of newestPerSlot(history)) {
    const { oid } = merge.commit
    const record = known.has(oid) ? known.get(oid) : await readRecord(ports, merge, checked)
    records.set(oid, record)
    if (record !== undefined) recordOf.set(slot, record)
  }
  return { records, recordOf }
}
