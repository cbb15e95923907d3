import type { SlotKey } from '../domain/ids.ts'
import type { Gathered } from './gathered.ts'
import type { Judgement } from './judgement.ts'
import type { Wanted } from './plan/wanted.ts'
import type { Snapshot } from './snapshot.ts'

/** The facts and judgements of one round: everything that its plan is made from. */
export interface Considered {
  readonly snapshot: Snapshot
  readonly gathered: Gathered
  readonly wanted: ReadonlyMap<SlotKey, Wanted>
  /** By pull request. */
  readonly judgements: ReadonlyMap<number, readonly Judgement[]>
}
