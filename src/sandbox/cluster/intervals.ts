/** All in milliseconds. A real cluster takes minutes where this one takes seconds. */
export interface Intervals {
  /** Between two fetches of a GitRepository; a new commit sets its Kustomizations off at once. */
  readonly fetchMs: number
  /** Between two rounds of a Kustomization or Application at rest. */
  readonly reconcileMs: number
  /** How long such a round takes at least; for that long Ready is Unknown. */
  readonly roundMs: number
  /** From the start of a pod until it is ready. */
  readonly rolloutMs: number
  /** A Deployment that has not rolled out by then says ProgressDeadlineExceeded. */
  readonly progressDeadlineMs: number
  /** How long a Kustomization without `spec.timeout` waits for health. */
  readonly healthTimeoutMs: number
}

export const defaultIntervals: Intervals = {
  fetchMs: 1_000,
  reconcileMs: 1_500,
  roundMs: 150,
  rolloutMs: 700,
  progressDeadlineMs: 4_000,
  healthTimeoutMs: 3_000,
}

/** `1m30s`, `500ms`, `2h`, as Go writes durations; undefined for what is none. */
export function goDuration(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ''] ?? 0),
    0,
  )
}
