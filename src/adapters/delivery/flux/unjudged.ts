import { isSame, refText } from '../workloads/diagnose.ts'
import { rolloutState } from '../workloads/rollout-state.ts'
import { unreadOf } from '../workloads/unread.ts'
import { isWorkload } from '../workloads/workload.ts'
import type { InventoryEntry } from './kustomization.ts'
import type { KustomizationFacts } from './kustomization-facts.ts'
import { isUnseenByFlux, needsHealth } from './needs-health.ts'

/** Why nobody knows whether all that was applied is well, in words that say what to set; undefined where it is known. */
export function unjudgedBecause(facts: KustomizationFacts): string | undefined {
  const { object, inventory, unchecked } = facts
  const workloads = unchecked.filter(isWorkload)
  const others = unchecked.filter((entry) => !isWorkload(entry) && needsHealth(entry))
  const unseen = others.filter(isUnseenByFlux)
  const unasked = others.filter((entry) => !isUnseenByFlux(entry))
  const words = [
    ...namedAs(unasked, 'not health checked: set `wait: true` or healthChecks'),
    ...namedAs(unseen, 'called well by Flux whatever happens: set healthCheckExprs for that kind'),
    ...[...Map.groupBy(workloads, (entry) => unknownBecause(entry, facts) ?? '')]
      .filter(([because]) => because !== '')
      .flatMap(([because, entries]) => namedAs(entries, because)),
  ]
  if (words.length > 0) return words.join('; ')
  const isAnyLookedAt = object.spec.wait || workloads.length > 0 || unchecked.length < inventory.length
  return isAnyLookedAt
    ? undefined
    : 'neither `wait: true` nor healthChecks cover anything, and no workload was applied to judge'
}

/** Why a workload that Flux does not look at cannot be called well by Sluice either. */
function unknownBecause(entry: InventoryEntry, { workloads }: KustomizationFacts): string | undefined {
  const live = workloads?.workloads.find((one) => isSame(entry, one))
  if (live !== undefined) return rolloutState(live).is === 'current' ? undefined : 'not rolled out'
  const unread = workloads === undefined ? undefined : unreadOf([entry], workloads)
  if (workloads === undefined || unread !== undefined)
    return `not health checked, and cannot be judged${unread === undefined ? '' : `, for ${unread}`}`
  // Flux knows by what it applied that one deletes itself (ssa `manager_wait.go`, JobsWithTTL); from outside nobody can tell.
  return entry.kind === 'Job'
    ? 'not there any more, as after ttlSecondsAfterFinished: set `wait: true`, by which Flux takes it for done'
    : 'not there'
}

function namedAs(entries: readonly InventoryEntry[], what: string): readonly string[] {
  const [first, second, ...others] = entries.map(refText)
  if (first === undefined) return []
  if (second === undefined) return [`${first} is ${what}`]
  return [
    others.length === 0
      ? `${first} and ${second} are ${what}`
      : `${first}, ${second} and ${others.length} more are ${what}`,
  ]
}
