export interface BackOff {
  /** How long to wait now, in milliseconds; longer each time, never the same for two clusters. */
  failed(): number
  succeeded(): void
}

/** Doubling with full jitter on the upper half, so that many watchers of one dead cluster do not come back at once. */
export function backOff(options: {
  readonly firstMs: number
  readonly mostMs: number
  readonly random: () => number
}): BackOff {
  let next = options.firstMs
  return {
    failed() {
      const wait = next / 2 + (next / 2) * options.random()
      next = Math.min(next * 2, options.mostMs)
      return wait
    },
    succeeded() {
      next = options.firstMs
    },
  }
}
