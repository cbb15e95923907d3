import { applicationSettings } from '../../config/application-settings.ts'
import { partsOfSlot } from '../../domain/ids.ts'
import { groupsOf } from '../../gates/people.ts'
import { gatesFor } from '../gates-for.ts'
import type { Pull, Snapshot } from '../snapshot.ts'

/**
 * Who may answer the manual gates of a name that bind a pull request: one list for each such gate. Of guard paths, by the
 * rules before and after it. Empty where the name binds nothing there, also while it conflicts: then nobody knows what an
 * answer would be about.
 */
export const answerersOf = (
  snapshot: Snapshot,
  pull: Pick<Pull, 'changes' | 'nextConfig'>,
  name: string,
): readonly (readonly string[])[] =>
  pull.changes.flatMap((change) => {
    const { owners } = applicationSettings(snapshot.config.checked, partsOfSlot(change.slot).application)
    return gatesFor(snapshot, pull, change).flatMap((gate) =>
      gate.type === 'manual' && gate.name === name ? [groupsOf(gate.from, owners)] : [],
    )
  })

/** One answer counts for every gate of its name on that head, so whoever gives it has to belong to each of them. */
export const answerAll = ([first = [], ...others]: readonly (readonly string[])[]): readonly string[] =>
  first.filter((group) => others.every((each) => each.includes(group)))
