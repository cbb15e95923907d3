import { type Application, automationOf } from './application.ts'
import { type ApplicationFacts, isSynced, phase, syncStatus } from './application-facts.ts'
import { isComparedSince, isHealthStale } from './freshness.ts'
import { isOfCompared } from './last-sync.ts'

/**
 * Whether all that is out of sync is what Git no longer holds, and Argo CD leaves it there: without `prune` it does not
 * even begin a sync for that (argo-cd v3.5 `controller/appcontroller.go`, `autoSync`), and what a sync has left is kept
 * by an option of its own or by the one who synced. What Git does hold is then all there.
 */
function isOnlyUnpruned(facts: ApplicationFacts): boolean {
  const { resources } = facts.object.status
  const differing = resources.filter(isDifferent)
  return (
    syncStatus(facts) === 'OutOfSync' &&
    differing.length > 0 &&
    differing.every(({ requiresPruning }) => requiresPruning) &&
    resources.some(({ status }) => status === 'Synced') &&
    (automationOf(facts.object)?.prune === false || (hasSucceeded(facts) && isOfCompared(facts)))
  )
}

/** Whether all that Git holds is there. */
export const isApplied = (facts: ApplicationFacts): boolean => isSynced(facts) || isOnlyUnpruned(facts)

/** So many times Argo CD has healed the same commit in vain in half a minute; from then on it waits for minutes. */
const attemptsInVain = 3

/** Why Argo CD leaves it at what is out of sync although its sync succeeded; undefined where it does not. */
export function leftBecause(facts: ApplicationFacts): string | undefined {
  const automation = automationOf(facts.object)
  if (syncStatus(facts) !== 'OutOfSync' || automation === undefined || !hasSucceeded(facts)) return undefined
  if (!isComparedSince(facts.object)) return undefined
  if (!isOfCompared(facts) && !isTakenForTheSame(facts)) return undefined
  const text = `differing from Git after its sync: ${differingText(facts.object)}`
  if (!automation.selfHeal) return `${text}; without selfHeal Argo CD does not sync the same commit again`
  const attempts = facts.object.status.operationState?.operation?.sync?.autoHealAttemptsCount ?? 0
  return attempts < attemptsInVain ? undefined : `${text}; ${attempts} attempts of selfHeal did not last`
}

function differingText({ status: { resources } }: Application): string {
  const differing = resources.filter(isDifferent)
  const held = differing.filter(({ requiresPruning }) => !requiresPruning)
  return (held.length > 0 ? held : differing).map(({ kind, name }) => `${kind} ${name}`).join(', ') || 'its namespace'
}

const isDifferent = ({ status }: Application['status']['resources'][number]): boolean =>
  status !== '' && status !== 'Synced'

/** And it was compared since: what is out of sync is not what it was about to bring. */
const hasSucceeded = (facts: ApplicationFacts): boolean => phase(facts) === 'Succeeded' && !isHealthStale(facts.object)

/**
 * Argo CD does not tell newer commits without changes in these folders from the one that it synced. Where there are some,
 * it begins to sync before it tells that it is out of sync.
 */
const isTakenForTheSame = ({ object, synced }: ApplicationFacts): boolean =>
  synced !== undefined && object.metadata.annotations?.['argocd.argoproj.io/manifest-generate-paths'] !== undefined
