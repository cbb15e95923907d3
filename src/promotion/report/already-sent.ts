import { covers, type DirectiveOf, ofKind } from '../../domain/directive.ts'
import { partsOfSlot } from '../../domain/ids.ts'
import { listed } from '../../gates/say.ts'
import { type Effect, urgency } from '../effects.ts'
import { noticeMarker } from '../notice-marker.ts'
import type { PromotionRecord, Snapshot } from '../snapshot.ts'
import { clock } from './clock.ts'
import { inline } from './markdown.ts'

/**
 * Who freezes is told which merges the freeze came too late for. It follows from what is on record and on the default branch,
 * so that a process that ends right after it took the freeze keeps nothing back.
 */
export const alreadySent = (snapshot: Snapshot): readonly Effect[] =>
  ofKind(snapshot.state.folded.directives, 'freeze').flatMap((freeze): readonly Effect[] => {
    const sent = snapshot.records.filter((record) => isTooLateFor(freeze, record))
    if (sent.length === 0) return []
    const marker = noticeMarker(`sent ${freeze.event}`)
    const version = sent.map(({ merge }) => merge).join(' ')
    return [{ kind: 'comment', urgency: urgency.tell, pull: freeze.saidOn, marker, text: wordsOf(sent), version }]
  })

/** A merge that was sent while the comment was being written is what its writer cannot have known of. */
const littleBefore = 60_000

/** Reverts pass a freeze. Nothing else is merged once it is on record, so what is there was sent before. */
function isTooLateFor({ scope, at }: DirectiveOf<'freeze'>, { slot, takesBack, mergedAt }: PromotionRecord): boolean {
  return takesBack === null && covers(scope, partsOfSlot(slot)) && mergedAt >= at - littleBefore
}

function wordsOf(sent: readonly PromotionRecord[]): string {
  const merges = sent.map(({ slot, pull, mergedAt }) => `#${pull} (${inline(slot)}, ${clock(mergedAt)})`)
  const ways = sent.map(({ slot }) => {
    const { application, environment } = partsOfSlot(slot)
    return inline(`/sluice rollback ${environment} --app ${application} --reason "…"`)
  })
  return `Frozen. Merged before that was on record: ${listed(merges, 20)}. A freeze takes nothing back; this does, during a freeze too: ${listed(ways, 20)}.`
}
