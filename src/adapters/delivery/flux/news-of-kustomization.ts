import { conditionOf, isTrue, type RawObject } from '../kube-object.ts'
import { kustomizationSchema } from './kustomization.ts'

/**
 * What somebody who waits for a Kustomization would want to be woken for, as text to compare; undefined while Flux only
 * checks again what it has applied, which it does at every interval and is no news.
 */
export function newsOfKustomization(object: RawObject): string | undefined {
  const parsed = kustomizationSchema.safeParse(object)
  if (!parsed.success) return 'malformed'
  const { metadata, spec, status } = parsed.data
  const ready = conditionOf(status.conditions, 'Ready')
  const { lastAppliedRevision: applied, lastAttemptedRevision: attempted } = status
  if (ready?.status === 'Unknown' && applied !== undefined && applied === attempted) return undefined
  const stalled = isTrue(status.conditions, 'Stalled')
  return JSON.stringify([metadata.generation, spec.suspend, applied, attempted, ready?.status, ready?.reason, stalled])
}
