import type { Environment } from '../../config/checked-config.ts'
import { type DirectiveOf, ofSlot } from '../../domain/directive.ts'
import { pinnedIn, type Release } from '../../domain/release.ts'
import type { Wish } from '../derive.ts'
import { isReached } from '../orders.ts'
import type { PromotionRecord, Slot, Snapshot } from '../snapshot.ts'

/** What a slot ought to get next, or why nothing. */
export type Wanted =
  | {
      readonly is: 'promotion'
      readonly release: Release
      readonly ordered: DirectiveOf<'order'> | null
      readonly wish: Wish
    }
  | {
      readonly is: 'rollback'
      readonly release: Release
      readonly because: DirectiveOf<'quarantine'>
      readonly takesBack: PromotionRecord | null
      readonly wish: Wish
    }
  | { readonly is: 'nothing'; readonly reason: WantedNothing; readonly detail: string }

/** In the words of `explain`. */
export const nothingWords = ({ reason, detail }: Extract<Wanted, { is: 'nothing' }>): string =>
  nothingReasons[reason].replace('{detail}', () => detail)

export type WantedNothing = keyof typeof nothingReasons
/** Why a slot gets nothing, in the words of `explain`. */
export const nothingReasons = {
  'slot.unreadable': 'its overlay holds no release that could be replaced: {detail}',
  'state.untrusted': 'the state branch is not trusted: {detail}',
  'rollback.nothing-to-take-back': 'its release is quarantined, and no promotion of ours brought it: {detail}',
  'rollback.once': 'it was taken back once already; no step further back is taken without an order: {detail}',
  'rollback.to-quarantined': 'what was there before is quarantined too: {detail}',
  'history.rewritten':
    'commits that were on record are no longer on the default branch (by its first parents); nothing is computed from lost history: {detail}',
  'config.broken': 'its manifests do not parse on the default branch; promotions wait: {detail}',
  'state.ungated': 'it changed around the gates and waits for `/sluice accept`: {detail}',
  'state.breaker': 'too many reverts; promotions wait for `/sluice resume`: {detail}',
  'slot.first': 'releases enter here, by pull requests of people and CI',
  'upstream.absent': 'no environment upstream holds this application',
  'upstream.baseline': 'upstream holds what it held when it came under a manifest; only what comes after is promoted',
  'upstream.unseen': 'what upstream holds has not been seen applied there yet',
  'upstream.same': 'it runs what upstream runs',
  'release.empty':
    'nothing travels: {detail}; give each image an entry with its digest in `images` of the overlay, or promote `trees`, `files` or `fields` that are there',
  'upstream.unreadable': 'upstream holds no release that could be promoted: {detail}',
  'release.taken-back': 'people went back from it in {detail}; ordering it brings it all the same',
  'upstream.older': 'upstream runs nothing newer than what runs here; nothing is taken back by a promotion',
  'upstream.unhealthy': 'the release upstream is not healthy: {detail}',
  'release.quarantined': 'the release upstream is quarantined here',
  'release.declined': 'the release upstream was declined here; `/sluice promote` brings it all the same',
} as const

/** One slot with all that its rules look at. */
export interface Slice {
  readonly snapshot: Snapshot
  readonly slot: Slot
  readonly environment: Environment
}

export const nothing = (reason: WantedNothing, detail = ''): Wanted => ({ is: 'nothing', reason, detail })

export const releaseOf = (slot: Slot): Release | undefined => pinnedIn(slot.release)

/** Those that are not carried out yet, of people who may still give them. */
export const orders = ({ snapshot, slot }: Slice): readonly DirectiveOf<'order'>[] =>
  ofSlot(snapshot.state.folded.directives, 'order', slot.key).filter(
    (one) => !snapshot.lapsed.has(one.event) && !isReached(snapshot, one),
  )
