import type { Digest } from '../../domain/ids.ts'
import { partsOfSlot, type SlotKey, short } from '../../domain/ids.ts'
import type { Release } from '../../domain/release.ts'
import type { Wanted } from '../plan/wanted.ts'
import { isSeenHealthy } from '../plan/witness.ts'
import type { Pull, Snapshot } from '../snapshot.ts'
import { writeTrailers } from '../trailers.ts'
import { inline } from './markdown.ts'

type Wish = Exclude<Wanted, { is: 'nothing' }>

/** A release as people name it: its tags where it has any, else twelve digits. */
export const releaseName = (release: Release): string => release.alias ?? short(release.id)

export function promotionTitle(slot: SlotKey, wish: Wish): string {
  const { application, environment } = partsOfSlot(slot)
  if (wish.is === 'promotion') return plain(`Promote ${application} to ${environment}: ${releaseName(wish.release)}`)
  return plain(`Roll back ${application} in ${environment} to ${releaseName(wish.release)}`)
}

/** Titles hold text of others (tags): one line, bounded, without characters that hide. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').slice(0, 200)

export function promotionMessage(snapshot: Snapshot, slot: SlotKey, wish: Wish): string {
  const running = snapshot.slots.get(slot)?.release
  const trailers = writeTrailers({
    kind: wish.is,
    slot,
    release: wish.release.id,
    replaces: running?.is === 'pinned' ? running.release.id : null,
    takesBack: wish.is === 'rollback' ? (wish.takesBack?.merge ?? null) : null,
    base: snapshot.base,
    state: snapshot.state.head,
    pull: null,
    gated: null,
    over: null,
  })
  return `${promotionTitle(slot, wish)}\n\n${trailers}`
}

export const pullTitle = (pull: Pull): string => plain(pull.pull.title)

export function mergeMessage(snapshot: Snapshot, pull: Pull, gated: Digest): string {
  const intent = pull.intent
  const slot = intent?.slot ?? pull.takesBack
  const change = pull.changes.find((one) => one.slot === slot)
  const release = intent?.release.id ?? (change?.release.is === 'pinned' ? change.release.release.id : null)
  const isRollback = pull.takesBack !== null || intent?.kind === 'rollback'
  return writeTrailers({
    kind: isRollback ? 'rollback' : (intent?.kind ?? 'edit'),
    slot,
    release,
    replaces: change?.replaces.is === 'pinned' ? change.replaces.release.id : null,
    takesBack: intent?.takesBack ?? null,
    base: snapshot.base,
    state: snapshot.state.head,
    pull: pull.pull.number,
    gated,
    over: slot === null ? null : isSeenHealthy(snapshot, slot) ? 'healthy' : 'unwell',
  })
}

/** The body that a pull request opens with; the report takes its place once the gates were judged. */
export function openingBody(snapshot: Snapshot, slot: SlotKey, wish: Wish): string {
  const { application, environment } = partsOfSlot(slot)
  const running = snapshot.slots.get(slot)?.release
  const from = running?.is === 'pinned' ? inline(releaseName(running.release)) : 'what is there'
  const verb = wish.is === 'promotion' ? 'Brings' : 'Takes'
  return `${verb} ${inline(application)} in ${inline(environment)} from ${from} to ${inline(releaseName(wish.release))}. Its gates are being judged.`
}
