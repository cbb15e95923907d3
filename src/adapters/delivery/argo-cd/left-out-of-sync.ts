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
  if (automation === undefined || !hasComeToDiffer(facts) || isHealing(facts)) return undefined
  const text = `differing from Git after its sync: ${namesOf(heldApart(facts.object)) || 'its namespace'}`
  return automation.selfHeal
    ? `${text}; ${healAttempts(facts.object)} attempts of selfHeal did not last`
    : `${text}; without selfHeal Argo CD does not sync the same commit again`
}

/**
 * The Jobs that are not there as their sync has left them, where nothing else has come to differ and Argo CD leaves it at
 * that. One with `ttlSecondsAfterFinished` deletes itself, whether it succeeded or not; a sync would only run it again.
 */
export function jobsGone(facts: ApplicationFacts): string | undefined {
  const differing = heldApart(facts.object)
  const areJobs = differing.length > 0 && differing.every(({ group, kind }) => group === 'batch' && kind === 'Job')
  return areJobs && hasComeToDiffer(facts) && !isHealing(facts) ? namesOf(differing) : undefined
}

/** Whether it did so after its sync, which is of what is compared. */
const hasComeToDiffer = (facts: ApplicationFacts): boolean =>
  syncStatus(facts) === 'OutOfSync' &&
  hasSucceeded(facts) &&
  isComparedSince(facts.object) &&
  (isOfCompared(facts) || isTakenForTheSame(facts))

const isHealing = ({ object }: ApplicationFacts): boolean =>
  automationOf(object)?.selfHeal === true && healAttempts(object) < attemptsInVain

const healAttempts = ({ status }: Application): number =>
  status.operationState?.operation?.sync?.autoHealAttemptsCount ?? 0

/** What differs, without what Git no longer holds where there is anything else. */
function heldApart({ status: { resources } }: Application): Application['status']['resources'] {
  const differing = resources.filter(isDifferent)
  const held = differing.filter(({ requiresPruning }) => !requiresPruning)
  return held.length > 0 ? held : differing
}

const namesOf = (resources: Application['status']['resources']): string =>
  resources.map(({ kind, name }) => `${kind} ${name}`).join(', ')

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
