import type { Digest, SlotKey } from '../../domain/ids.ts'
import { pinnedIn } from '../../domain/release.ts'
import type { Pull, Snapshot } from '../snapshot.ts'
import type { Trailers } from '../trailers.ts'
import type { Wanted } from './wanted.ts'
import { isSeenHealthy } from './witness.ts'

/** What stands below the commit that a pull request of ours is made of. */
export const proposalTrailers = (
  snapshot: Snapshot,
  slot: SlotKey,
  wish: Exclude<Wanted, { is: 'nothing' }>,
): Trailers => ({
  kind: wish.is,
  slot,
  release: wish.release.id,
  replaces: pinnedIn(snapshot.slots.get(slot)?.release)?.id ?? null,
  takesBack: wish.is === 'rollback' ? (wish.takesBack?.merge ?? null) : null,
  base: snapshot.base,
  state: snapshot.state.head,
  pull: null,
  gated: null,
  over: null,
})

/** What stands below the merge of a pull request, ours or somebody's. */
export function mergeTrailers(snapshot: Snapshot, pull: Pull, gated: Digest): Trailers {
  const intent = pull.intent
  const slot = intent?.slot ?? pull.takesBack
  const change = pull.changes.find((one) => one.slot === slot)
  const isRollback = pull.takesBack !== null || intent?.kind === 'rollback'
  return {
    kind: isRollback ? 'rollback' : (intent?.kind ?? 'edit'),
    slot,
    release: intent?.brings ?? pinnedIn(change?.release)?.id ?? null,
    replaces: pinnedIn(change?.replaces)?.id ?? null,
    takesBack: intent?.takesBack ?? null,
    base: snapshot.base,
    state: snapshot.state.head,
    pull: pull.pull.number,
    gated,
    over: slot === null ? null : isSeenHealthy(snapshot, slot) ? 'healthy' : 'unwell',
  }
}
