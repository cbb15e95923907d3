import type { EffectOf, Outcome } from '../effects.ts'
import { mergedCheck, waitingCheck } from '../report/check-text.ts'
import { mergeTitle } from '../report/messages.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import { seal } from '../seal.ts'
import { writeTrailers } from '../trailers.ts'

type Ports = Pick<RepositoryPorts, 'forge' | 'repository' | 'stateKeys'>

/**
 * Turns the check green last and merges at once, exactly the head that was judged (T11). Refused, lost or failed: the
 * check goes back, since a green check is a verdict that somebody else could spend later.
 */
async function mergePull(ports: Ports, effect: EffectOf<'merge-pull'>): Promise<Omit<Outcome, 'effect'>> {
  const { forge } = ports
  await forge.checks.show(effect.head, mergedCheck(effect.slots))
  try {
    const answer = await forge.pulls.merge(effect.pull, { head: effect.head, ...sealedWords(effect, ports) })
    if (answer.is === 'merged') return { is: 'done', why: answer.commit }
    await forge.checks.show(effect.head, notMerged)
    return { is: answer.is, why: answer.why }
  } catch (error) {
    await forge.checks.show(effect.head, notMerged)
    throw error
  }
}

const notMerged = waitingCheck('the merge did not happen; judged again')

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
