import { applicationSettings } from '../../config/application-settings.ts'
import { partsOfSlot, type SlotKey } from '../../domain/ids.ts'
import { groupsOf } from '../../gates/people.ts'
import { gatesFor } from '../gates-for.ts'
import type { Pull, Snapshot } from '../snapshot.ts'

/** One manual gate that binds one change, and who may answer it. */
interface Answerable {
  readonly slot: SlotKey
  readonly by: readonly string[]
}

/**
 * The manual gates of a name that bind a pull request. Of guard paths, by the rules before and after it. Empty where the name
 * binds nothing there, also while it conflicts: then nobody knows what an answer would be about.
 */
export const manualGates = (
  snapshot: Snapshot,
  pull: Pick<Pull, 'changes' | 'nextConfig'>,
  name: string,
): readonly Answerable[] =>
  pull.changes.flatMap((change) => {
    const { owners } = applicationSettings(snapshot.config.checked, partsOfSlot(change.slot).application)
    return gatesFor(snapshot, pull, change).flatMap((gate) =>
      gate.type === 'manual' && gate.name === name ? [{ slot: change.slot, by: groupsOf(gate.from, owners) }] : [],
    )
  })

/** One answer is given to all of them, so whoever gives it has to belong to each. */
export const answerAll = ([first, ...others]: readonly Answerable[]): readonly string[] =>
  (first?.by ?? []).filter((group) => others.every(({ by }) => by.includes(group)))
