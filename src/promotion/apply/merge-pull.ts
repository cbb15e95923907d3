import { UserError } from '../../domain/failures.ts'
import type { EffectOf, Outcome } from '../effects.ts'
import { mergedCheck, waitingCheck } from '../report/check-text.ts'
import { mergeTitle } from '../report/messages.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import { seal } from '../seal.ts'
import { writeTrailers } from '../trailers.ts'

type Ports = Pick<RepositoryPorts, 'forge' | 'repository' | 'stateKeys'>

/**
 * Turns the check green last and merges at once, exactly the head that was judged (T11). Refused, lost or failed: the
 * check goes back, since a green check is a verdict that somebody else could spend later. Auto-merge would spend it at
 * once, and merge without our seal.
 */
async function mergePull(ports: Ports, effect: EffectOf<'merge-pull'>): Promise<Omit<Outcome, 'effect'>> {
  const { forge } = ports
  if (effect.autoMerge) {
    const kept = await keptAutoMerge(ports, effect)
    if (kept !== undefined) return { is: 'refused', why: kept }
  }
  await forge.checks.show(effect.head, mergedCheck(effect.slots))
  try {
    const answer = await forge.pulls.merge(effect.pull, { head: effect.head, ...sealedWords(effect, ports) })
    if (answer.is === 'merged') return { is: 'done', why: answer.commit }
    const isMerged = answer.is === 'lost-race' && answer.merged === true
    await forge.checks.show(effect.head, isMerged ? mergedByAnother : notMerged)
    return { is: answer.is, why: answer.why }
  } catch (error) {
    await forge.checks.show(effect.head, notMerged)
    throw error
  }
}

/** Why the forge would still merge it by itself; undefined where it would not. */
async function keptAutoMerge({ forge }: Ports, { pull, nodeId }: EffectOf<'merge-pull'>): Promise<string | undefined> {
  try {
    await forge.pulls.disableAutoMerge({ number: pull, nodeId })
    return undefined
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
}

const notMerged = waitingCheck('the merge did not happen; judged again')
const mergedByAnother = waitingCheck('somebody else merged it, without Sluice')

/** How soon the forge is asked again for a merge that it refused: somebody has to mend something first. */
const askAgainAfter = 60_000

/** What the forge refused is not asked for again at once; the answer stands until it may have changed. */
export function mergeOnceAMinute(ports: Ports & Pick<RepositoryPorts, 'now'>) {
  const refused = new Map<string, { readonly until: number; readonly why: string | undefined }>()
  return async (effect: EffectOf<'merge-pull'>): Promise<Omit<Outcome, 'effect'>> => {
    const key = `${effect.pull} ${effect.head}`
    const before = refused.get(key)
    if (before !== undefined && ports.now() < before.until) return refusal(before.why)
    const outcome = await mergePull(ports, effect)
    if (outcome.is === 'refused') refused.set(key, { until: ports.now() + askAgainAfter, why: outcome.why })
    else refused.delete(key)
    return outcome
  }
}

const refusal = (why: string | undefined): Omit<Outcome, 'effect'> => ({
  is: 'refused',
  ...(why === undefined ? {} : { why }),
})

/** The forge makes one message of title and body, so the seal is made over both. */
function sealedWords(effect: EffectOf<'merge-pull'>, { repository, stateKeys }: Ports) {
  const title = mergeTitle(effect)
  const message = `${title}\n\n${writeTrailers(effect.trailers)}`
  const whole = seal(message, { repository: repository.id, merges: effect.head }, stateKeys)
  return { title, message: whole.slice(title.length + 2) }
}
