import { isSame, refText } from '../workloads/diagnose.ts'
import { rolloutState } from '../workloads/rollout-state.ts'
import { unreadOf } from '../workloads/unread.ts'
import type { InventoryEntry } from './kustomization.ts'
import type { KustomizationFacts } from './kustomization-facts.ts'
import { isUnseenByFlux, isWorkload, needsHealth } from './needs-health.ts'

/** Why nobody knows whether all that was applied is well, in words that say what to set; undefined where it is known. */
export function unjudgedBecause(facts: KustomizationFacts): string | undefined {
  const { object, inventory, unchecked } = facts
  const workloads = unchecked.filter(isWorkload)
  const isAnyLookedAt = object.spec.wait || workloads.length > 0 || unchecked.length < inventory.length
  if (!isAnyLookedAt)
    return 'neither `wait: true` nor healthChecks cover anything, and no workload was applied to judge'
  const others = unchecked.filter((entry) => !isWorkload(entry) && needsHealth(entry))
  const unseen = others.filter(isUnseenByFlux)
  const unasked = others.filter((entry) => !isUnseenByFlux(entry))
  const words = [
    ...namedAs(unasked, 'not health checked: set `wait: true` or healthChecks'),
    ...namedAs(unseen, 'called well by Flux whatever happens: set healthCheckExprs for that kind'),
    ...namedAs(workloads.filter(isUnknown(facts)), unknownBecause(facts, workloads)),
  ]
  return words.length === 0 ? undefined : words.join('; ')
}

const isUnknown =
  ({ workloads }: KustomizationFacts) =>
  (entry: InventoryEntry): boolean =>
    workloads?.workloads.some((one) => isSame(entry, one) && rolloutState(one).is === 'current') !== true

function unknownBecause({ workloads }: KustomizationFacts, own: readonly InventoryEntry[]): string {
  const unread = workloads === undefined ? undefined : unreadOf(own, workloads)
  return `not health checked, and cannot be judged${unread === undefined ? '' : `, for ${unread}`}`
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
