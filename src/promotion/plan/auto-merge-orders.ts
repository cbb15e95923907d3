import { type StateEvent, stateEvent } from '../../state/events.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Standing } from './standing.ts'

/**
 * Auto-merge is an order like `/sluice merge`, of whoever enabled it. It is put on record, since Sluice disables it before
 * it merges: else the forge merges what turns green, without our seal. Not before an order is all that is missing: until
 * then whoever disables it again has ordered nothing.
 */
export function autoMergeOrders(
  { at, pulls, state }: Snapshot,
  standings: ReadonlyMap<number, Standing>,
): readonly StateEvent[] {
  if (state.trusted !== true) return []
  return pulls.flatMap(({ pull: { number, head, autoMerge }, takesBack, writers }) => {
    // What takes a promotion back asks for a right that nobody is asked for here.
    if (standings.get(number)?.is !== 'needs-order' || autoMerge === null || takesBack !== null) return []
    const { id, login, kind } = autoMerge.by
    if (kind !== 'person' || !writers.has(id)) return []
    const order = stateEvent({ kind: 'auto-merge', at, by: { id, login }, pull: number, head })
    return state.folded.recorded.has(order.id) ? [] : [order]
  })
}
