import { type Instant, toInstant } from '../../domain/ids.ts'
import type { Considered } from '../considered.ts'

/** How often something that is under way is looked at where no event tells of it. */
const pace = 2_000

/** The next instant at which time alone may change an answer; null where only events can. */
export function nextLook({ snapshot, judgements }: Considered): Instant | null {
  const { at } = snapshot
  const looks: number[] = [...judgements.values()]
    .flat()
    .flatMap((judgement) =>
      judgement.verdicts.flatMap((verdict) => (verdict.nextLook === undefined ? [] : [verdict.nextLook])),
    )
  for (const directive of snapshot.state.folded.directives) {
    if ((directive.kind === 'lock' || directive.kind === 'freeze') && directive.until !== undefined)
      looks.push(directive.until)
  }
  const isMoving = [...snapshot.slots.values()].some((slot) => slot.health.is === 'progressing')
  if (isMoving) looks.push(at + paceFor(snapshot.slots.size))
  const future = looks.filter((look) => look > at)
  return future.length === 0 ? null : toInstant(Math.min(...future))
}

/** A large repository is not looked at as a whole every two seconds. */
const paceFor = (slots: number): number => pace + Math.floor(slots / 100) * 500
