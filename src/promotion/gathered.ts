import type { Asker } from '../commands/rights.ts'
import type { ObjectRef } from '../domain/health.ts'
import type { SlotKey } from '../domain/ids.ts'
import type { Evidence } from '../gates/evidence.ts'
import type { Derived } from './derive.ts'

/** What one round fetched beyond the snapshot, because something named it. */
export interface Gathered {
  readonly evidence: Evidence
  /** The edits that would fulfil what each slot is wanted to get. */
  readonly proposals: ReadonlyMap<SlotKey, Derived>
  /** Who asked, by comment. */
  readonly askers: ReadonlyMap<number, Asker>
  /** The objects that the last promotion of a failing slot changed; null where they could not be rendered. */
  readonly promoted: ReadonlyMap<SlotKey, readonly ObjectRef[] | null>
}
