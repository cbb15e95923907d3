import { deliveryName } from '../../domain/delivery.ts'
import type { Considered } from '../considered.ts'
import type { Effect } from '../effects.ts'
import { mergeNext } from '../plan/merge-next.ts'
import { moveSlots } from '../plan/move-slots.ts'
import type { Plan } from '../plan/plan.ts'
import { openingTitle } from './messages.ts'
import { notices } from './notices.ts'

/** One effect of an overview. */
export interface EffectView {
  readonly does: 'record' | 'merge' | 'open' | 'close' | 'tidy' | 'notify' | 'ask'
  readonly what: string
}

/** What a round would do now, in its order; and what would follow once that is on record. */
export function wouldDo(considered: Considered, plan: Plan): readonly EffectView[] {
  const told = notices(considered.snapshot, plan.notTakenBack)
  const first = [...plan.effects, ...told].flatMap((effect) => effectView(considered, effect))
  if (!plan.effects.some((effect) => effect.kind === 'write-state')) return first
  const later = [...mergeNext(considered, plan.standings).effects, ...moveSlots(considered, plan.standings)]
  return [...first, ...later.flatMap((effect) => effectView(considered, effect))]
}

/** Decoration (checks, reports, reactions) is left out: it follows from the rest. */
function effectView({ snapshot }: Considered, effect: Effect): readonly EffectView[] {
  const titleOf = (number: number) => snapshot.pulls.find((one) => one.pull.number === number)?.pull.title ?? ''
  switch (effect.kind) {
    case 'write-state': {
      const kinds = [...Map.groupBy(effect.events, (event) => event.kind)].map(([kind, all]) => `${all.length} ${kind}`)
      return [{ does: 'record', what: `${kinds.join(', ')} on sluice/state` }]
    }
    case 'open-pull':
      return [
        { does: 'open', what: `${openingTitle(effect)}${effect.moves === null ? '' : ` (moves #${effect.moves})`}` },
      ]
    case 'merge-pull':
      return [{ does: 'merge', what: `#${effect.pull} ${titleOf(effect.pull)}` }]
    case 'close-pull':
      return [{ does: 'close', what: `#${effect.pull} ${titleOf(effect.pull)}: ${effect.because}` }]
    case 'delete-branch':
      return [{ does: 'tidy', what: `delete the branch ${effect.branch}` }]
    case 'notify':
      return [{ does: 'notify', what: effect.text }]
    case 'request-reconcile':
      return effect.requests.map(({ expected }) => ({
        does: 'ask',
        what: `${deliveryName(expected.spec)} to look now`,
      }))
    default:
      return []
  }
}
