import { type Instant, slotKey, toInstant } from '../../domain/ids.ts'
import { includes, pinnedIn } from '../../domain/release.ts'
import type { Considered } from '../considered.ts'
import type { Slot, Snapshot } from '../snapshot.ts'
import { soakOf } from './soak.ts'
import { healthyFor, ranIn } from './witness.ts'

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
  looks.push(...[...snapshot.slots.values()].flatMap((slot) => soakEnds(snapshot, slot)))
  const isMoving = [...snapshot.slots.values()].some((slot) => slot.health.is === 'progressing')
  if (isMoving) looks.push(at + paceFor(snapshot.slots.size))
  const future = looks.filter((look) => look > at)
  return future.length === 0 ? null : toInstant(Math.min(...future))
}

/**
 * When what runs upstream, and not here, will have soaked. Until then an older release may be the one to promote, whose
 * pull request knows nothing of the newer one.
 */
function soakEnds(snapshot: Snapshot, slot: Slot): readonly number[] {
  const sources = snapshot.config.checked.environments.get(slot.environment)?.promotesFrom ?? []
  return sources.flatMap((name) => {
    const source = snapshot.slots.get(slotKey(slot.application, name))
    const release = pinnedIn(source?.release)
    const running = pinnedIn(slot.release)
    const isHere = release !== undefined && running !== undefined && includes(running, release)
    if (source?.health.is !== 'healthy' || isHere) return []
    const ran = ranIn(snapshot, source.key).find((one) => one.release.id === release?.id)
    const left = ran === undefined ? 0 : soakOf(snapshot.config.checked, slot) - healthyFor(ran)
    return left > 0 ? [snapshot.at + left] : []
  })
}

/** A large repository is not looked at as a whole every two seconds. */
const paceFor = (slots: number): number => pace + Math.floor(slots / 100) * 500
