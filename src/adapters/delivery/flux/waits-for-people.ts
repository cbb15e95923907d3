import { isHeldByPeople, isLeftToPeople } from '../workloads/diagnose.ts'
import { objectsIn } from '../workloads/message-causes.ts'
import type { KustomizationFacts as Facts } from './kustomization-facts.ts'
import { readyText } from './sighting-of.ts'

/**
 * Whether what is not rolled out is all paused, or else left to people. Flux knows no such thing: it waits for it, says
 * that its health check failed, and begins again. An attempt that failed otherwise did not get as far.
 */
export function waitsForPeople(facts: Facts): boolean {
  const { diagnosis, outcome = '' } = facts
  if (diagnosis.failing.length > 0) return false
  if (['BuildFailed', 'ReconciliationFailed', 'PruneFailed'].includes(outcome)) return false
  const named = objectsIn(readyText(facts))
  return named.length > 0 ? named.every((object) => isLeftToPeople(diagnosis, object)) : isHeldByPeople(diagnosis)
}
