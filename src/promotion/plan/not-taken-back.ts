import type { Slot } from '../snapshot.ts'
import { attributionReasons } from './attribution.ts'

/** A failure for which nothing is taken back by itself, and why. */
export interface NotTakenBack {
  readonly slot: Slot
  readonly reason: keyof typeof notTakenBackReasons
  readonly detail: string
}

/** Why Sluice does not take the last promotion back by itself. */
export const notTakenBackReasons = attributionReasons
