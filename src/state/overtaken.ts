import type { DirectiveOf } from '../domain/directive.ts'
import { partsOfSlot, type SlotKey } from '../domain/ids.ts'
import { includes, partsOf, type ReleasePart, type ReleaseParts, releaseOf } from '../domain/release.ts'
import type { Witness } from './witnessed.ts'

type Witnessed = ReadonlyMap<SlotKey, readonly Witness[]>

/**
 * Whether a later release without anything that the quarantined one changed got healthy in its slot. Later is what came there
 * after the quarantine, and came after that release to every other environment that has seen it: what was taken back to,
 * and an older release that somebody restored, prove nothing of what comes next.
 */
export function isOvertaken(quarantine: DirectiveOf<'quarantine'>, witnessed: Witnessed): boolean {
  const { slot, release, parts, at } = quarantine
  return (witnessed.get(slot) ?? []).some(
    (one) =>
      one.release !== release &&
      one.firstSeen > at &&
      one.healthy.length > 0 &&
      !holdsAny(one.parts, parts) &&
      cameAfter(one, quarantine, witnessed),
  )
}

/** The witness does not say from which environment a release came, so it must have been the later one in all. */
function cameAfter({ release, parts }: Witness, quarantine: DirectiveOf<'quarantine'>, witnessed: Witnessed): boolean {
  const { application } = partsOfSlot(quarantine.slot)
  for (const [slot, seen] of witnessed) {
    if (slot === quarantine.slot || partsOfSlot(slot).application !== application) continue
    const before = seen.find((one) => one.release === quarantine.release || one.release === quarantine.brings)
    // Overlays differ in shape: what came here from there may hold an image more here.
    const then = seen.find(
      (one) => one.release === release || includes({ id: release, parts }, { id: one.release, parts: one.parts }),
    )
    if (before !== undefined && (then === undefined || then.firstSeen <= before.firstSeen)) return false
  }
  return true
}

function holdsAny(held: ReleaseParts, parts: readonly ReleasePart[]): boolean {
  const all = new Map(partsOf(releaseOf(held)).map(({ part, value }) => [part, value]))
  return parts.some(({ part, value }) => all.get(part) === value)
}
