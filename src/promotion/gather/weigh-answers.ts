import { ofKind } from '../../domain/directive.ts'
import type { KeyOf, WeighedAnswer } from '../../gates/evidence.ts'
import type { Forge } from '../../ports/forge/forge.ts'
import { personBehind } from '../person-behind.ts'
import type { Snapshot } from '../snapshot.ts'
import { groupsHolding } from './weigh-reviews.ts'

/** The answers to one manual gate of one slot, with the groups that hold whoever gave them, asked at this moment. */
export async function weighAnswers(
  forge: Pick<Forge, 'people'>,
  { state, config }: Pick<Snapshot, 'state' | 'config'>,
  { gate, head, slot, from }: KeyOf<'answers'>,
): Promise<readonly WeighedAnswer[]> {
  const given = ofKind(state.folded.directives, 'answer').filter(
    (one) => one.gate === gate && one.head === head && one.slots.includes(slot),
  )
  const mayBots = config.checked.repository.bots.some(({ may }) => may.includes('gate'))
  const weighed: WeighedAnswer[] = []
  for (const one of given) {
    const person = personBehind(one)
    // A bot belongs to no group: the Repository manifest alone lets it answer, and may have taken that back.
    const held = person.kind === 'person' ? await groupsHolding(forge, person, from) : { groups: mayBots ? from : [] }
    weighed.push({ ...one, ...held })
  }
  return weighed
}
