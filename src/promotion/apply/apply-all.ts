import { failureKind } from '../../domain/failures.ts'
import type { Log } from '../../ports/log.ts'
import type { Appliers, Effect, EffectKind, EffectOf, Outcome } from '../effects.ts'

/** How many effects one round does; the rest is put off, and planned again by the next. */
const mostPerRound = 40

/**
 * Does the effects by urgency, one after the other. One that fails is reported and the others go on, but for a state that
 * could not be written: what was planned stands on those events, so the round ends there.
 */
export async function applyAll(appliers: Appliers, effects: readonly Effect[], log: Log): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  let done = 0
  for (const effect of effects.toSorted((a, b) => a.urgency - b.urgency)) {
    const outcome: Outcome = done < mostPerRound ? await attempt(appliers, effect, log) : { effect, is: 'put-off' }
    outcomes.push(outcome)
    if (effect.kind === 'write-state' && outcome.is !== 'done' && outcome.is !== 'already-so') break
    // What was so before costs nothing: counted, the same forty would be found done for ever and the rest never tried.
    if (outcome.is !== 'already-so') done += 1
  }
  return outcomes
}

async function attempt(appliers: Appliers, effect: Effect, log: Log): Promise<Outcome> {
  try {
    const outcome = { effect, ...(await applyOne(appliers, effect)) }
    const told = { effect: effect.kind, is: outcome.is, why: outcome.why, ...named(effect) }
    if (outcome.is === 'already-so') log.debug(told, 'effect was done before')
    else log.info(told, 'effect applied')
    return outcome
  } catch (error) {
    log.error({ effect: effect.kind, err: error, kind: failureKind(error), ...named(effect) }, 'effect failed')
    return { effect, is: 'failed', why: error instanceof Error ? error.message : String(error) }
  }
}

const applyOne = <K extends EffectKind>(appliers: Appliers, effect: EffectOf<K>): Promise<Omit<Outcome, 'effect'>> =>
  appliers[effect.kind](effect)

const named = (effect: Effect): object => ({
  ...('pull' in effect ? { pull: effect.pull } : {}),
  ...('slot' in effect ? { slot: effect.slot } : {}),
  ...('events' in effect ? { events: effect.events.map((event) => event.id) } : {}),
})
