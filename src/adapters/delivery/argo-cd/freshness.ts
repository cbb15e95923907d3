import { timeOf } from '../kube-object.ts'
import type { Application } from './application.ts'

/** Whether sync and health were computed for the spec as it is now: an older comparison is about something else. */
export function isComparedToSpec({ spec, status }: Application): boolean {
  const compared = status.sync?.comparedTo
  if (compared === undefined) return false
  const sources =
    spec.sources.length > 0 ? includes(compared.sources, spec.sources) : includes(compared.source, spec.source)
  return sources && includes(compared.destination, spec.destination)
}

/**
 * Whether the same was compared since the other's last sync began, which has perhaps just changed it: all that it says must
 * be what was compared, and all that was compared what it says, or the comparison be from after that.
 */
export function isComparedSinceSyncOf(parent: Application, child: Application): boolean {
  if (isSourceOf(child.status.sync?.comparedTo ?? {}, child)) return true
  const started = timeOf(parent.status.operationState?.startedAt)
  const reconciled = timeOf(child.status.reconciledAt)
  return started === undefined || (reconciled !== undefined && reconciled >= started)
}

/** Whether it names the sources of the Application's spec as it is now, and nothing more. */
export function isSourceOf(
  of: { readonly source?: unknown; readonly sources?: unknown },
  { spec }: Application,
): boolean {
  const [found, wanted] = spec.sources.length > 0 ? [of.sources, spec.sources] : [of.source, spec.source]
  return includes(found, wanted) && includes(wanted, found)
}

/**
 * Sync and health come from two loops: right after an operation the health is that of what ran before (Kargo refuses to
 * trust it for the same reason, `internal/health/checker/builtin/argocd.go`). Both are whole seconds, and the end of an
 * operation sets off a comparison at once, mostly within the same one; the next may be minutes away. So the same second
 * is fresh: where that is said too early, by one that began just before the end, it is put right long before it settles.
 */
export function isHealthStale({ status }: Application): boolean {
  const finished = timeOf(status.operationState?.finishedAt)
  const reconciled = timeOf(status.reconciledAt)
  return finished !== undefined && (reconciled === undefined || reconciled < finished)
}

/**
 * Whether it was compared after the last operation for certain: a comparison of the same second may be of before its end,
 * when what it brought was still to come.
 */
export function isComparedSince({ status }: Application): boolean {
  const finished = timeOf(status.operationState?.finishedAt)
  const reconciled = timeOf(status.reconciledAt)
  return finished !== undefined && reconciled !== undefined && reconciled > finished
}

/** Whether all that is wanted is there; what the controller fills in by itself, and empty defaults, do not matter. */
function includes(found: unknown, wanted: unknown): boolean {
  if (isEmpty(wanted)) return isEmpty(found)
  if (Array.isArray(wanted))
    return (
      Array.isArray(found) &&
      found.length === wanted.length &&
      wanted.every((part, index) => includes(found[index], part))
    )
  if (typeof wanted !== 'object' || wanted === null) return found === wanted
  if (typeof found !== 'object' || found === null) return false
  return Object.entries(wanted).every(([key, part]) => includes((found as Record<string, unknown>)[key], part))
}

/** What Argo CD leaves out where it writes down what it compared (`omitempty`), and the API server keeps as it was written. */
const isEmpty = (value: unknown): boolean =>
  !value ||
  (Array.isArray(value) ? value.length === 0 : typeof value === 'object' && Object.values(value).every(isEmpty))
