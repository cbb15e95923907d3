import type { RawObject } from '../kube-object.ts'
import { applicationSchema } from './application.ts'
import { isHealthStale } from './freshness.ts'

/**
 * What somebody who waits for an Application would want to be woken for, as text to compare. Argo CD writes reconciledAt
 * at every comparison, and each write counts up the generation: neither is news.
 */
export function newsOfApplication(object: RawObject): string {
  const parsed = applicationSchema.safeParse(object)
  if (!parsed.success) return 'malformed'
  const { spec, status, operation } = parsed.data
  const conditions = status.conditions.map(({ type }) => type)
  const { phase, finishedAt } = status.operationState ?? {}
  const differing = status.resources.filter((one) => one.status === 'OutOfSync').map((one) => one.requiresPruning)
  const stale = isHealthStale(parsed.data)
  return JSON.stringify([
    spec,
    status.sync,
    status.health.status,
    phase,
    finishedAt,
    differing,
    stale,
    operation === undefined,
    conditions,
  ])
}
