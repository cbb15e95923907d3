export interface ClockWatch {
  /** How often the wall's clock has jumped so far: another number than before, and what was measured by it is worth nothing. */
  jumps(): number
}

/** Further apart than this the two clocks do not drift: somebody set one, or the machine slept. */
const jumpMs = 30_000

/**
 * Compares the wall's clock with one that only runs. What is measured across a jump is not time that passed: a rollout would
 * be overdue, a soak over, a wait an hour longer.
 */
export function clockWatch(wall: () => number, elapsed: () => number): ClockWatch {
  let apart = wall() - elapsed()
  let jumps = 0
  return {
    jumps() {
      const now = wall() - elapsed()
      if (Math.abs(now - apart) > jumpMs) jumps += 1
      apart = now
      return jumps
    },
  }
}
