import type { Digest, Instant } from './ids.ts'

/** What one gate says of one change. */
export interface Verdict {
  readonly gate: string
  readonly type: string
  readonly is: 'pass' | 'wait' | 'fail'
  /** A stable code such as `approvals.too-few`; its sentence stands beside the gate that gives it. */
  readonly reason: string
  /** The values that the reason's sentence is filled with. */
  readonly values: Readonly<Record<string, string>>
  readonly evidence: readonly Digest[]
  /** The oldest read of mutable evidence behind this verdict. */
  readonly asOf: Instant
  /** Who can unblock it, in words: `@ann`, `acme/sre`. */
  readonly who: readonly string[]
  readonly nextLook?: Instant
}
