import { LRUCache } from 'lru-cache'
import type { Sha } from '../domain/ids.ts'
import type { Checks, OwnCheck } from '../ports/forge/checks.ts'

/**
 * Our check of a head is written by us alone, so what was read or written once need not be asked for again. After a restart,
 * or where a write failed, it is read.
 */
export function rememberOwnChecks(checks: Checks): Checks {
  const known = new LRUCache<Sha, { readonly check: OwnCheck | undefined }>({ max: 5_000 })
  return {
    list: (head) => checks.list(head),
    own: async (head, fresh = false) => {
      const before = fresh ? undefined : known.get(head)
      const remembered = before ?? { check: await checks.own(head) }
      known.set(head, remembered)
      return remembered.check
    },
    show: async (head, wanted) => {
      known.delete(head)
      const check = await checks.show(head, wanted)
      known.set(head, { check })
      return check
    },
  }
}
