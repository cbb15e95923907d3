import type { Change } from '../domain/change.ts'
import { digestOfValue } from '../domain/hash.ts'
import type { Digest } from '../domain/ids.ts'

/** What a merge is recorded to have been judged for: exactly these slots and guard paths with exactly these inputs. */
export const gatedDigest = (changes: readonly Pick<Change, 'slot' | 'inputs'>[]): Digest =>
  digestOfValue(Object.fromEntries(changes.map((change) => [change.slot, change.inputs])))
