import type { Instant, Sha } from '../../domain/ids.ts'
import type { Person } from '../../domain/person.ts'

export interface Review {
  readonly by: Person
  readonly is: 'approved' | 'changes-requested' | 'dismissed' | 'commented'
  /** The head that was reviewed. */
  readonly head: Sha
  readonly at: Instant
}

export interface Reviews {
  /** Oldest first, as the forge holds them. */
  list(pull: number): Promise<readonly Review[]>
  /** When the pull request last asked for another branch than it does now; null where it never did. In whole seconds. */
  retargetedAt(pull: number): Promise<Instant | null>
}
