import type { Objects } from '../git/objects.ts'
import type { Ruleset } from '../rules/ruleset.ts'
import type { Account, RoleName } from './account.ts'
import type { CheckRun, CheckSuite, CommitStatus } from './checks.ts'

export interface Repository {
  readonly id: number
  readonly owner: Account
  name: string
  /** The bare repository. */
  readonly dir: string
  readonly objects: Objects
  readonly defaultBranch: string
  readonly isPrivate: boolean
  allowsMergeCommits: boolean
  readonly parent: Repository | undefined
  readonly roles: Map<number, RoleName>
  readonly teamRoles: Map<number, RoleName>
  rulesets: readonly Ruleset[]
  readonly pulls: Map<number, Pull>
  readonly comments: Map<number, Comment>
  readonly checkRuns: Map<number, CheckRun>
  readonly checkSuites: Map<number, CheckSuite>
  readonly statuses: CommitStatus[]
  /** Commits that the forge signed: made through the API by the App, or by the forge itself. */
  readonly verified: Set<string>
  lastNumber: number
  readonly createdAt: number
  pushedAt: number
  /** Writes to a repository happen one after another. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
}
export interface Review {
  readonly id: number
  readonly by: Account
  body: string
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED'
  /** The head that was reviewed. */
  readonly commit: string
  readonly at: number
}
export interface Reaction {
  readonly id: number
  readonly by: Account
  readonly content: string
  readonly at: number
}
export interface Comment {
  readonly id: number
  readonly number: number
  readonly by: Account
  /** Whether the App wrote it. */
  readonly byApp: boolean
  body: string
  readonly reactions: Reaction[]
  readonly createdAt: number
  updatedAt: number
}
export interface Merged {
  readonly by: Account
  readonly at: number
  readonly commit: string
}
/** Known for one pair of commits only; asked again for another. */
export interface Mergeability {
  readonly base: string
  readonly head: string
  readonly mergeable: boolean
  /** The commit that a merge would make now; null on a conflict. */
  readonly testMerge: string | null
}
/** It asked for another branch before: somebody edited it, or the forge did it when that branch was merged and deleted. */
export interface Retarget {
  readonly id: number
  readonly event: 'base_ref_changed' | 'automatic_base_change_succeeded'
  readonly by: Account
  readonly at: number
}

export interface Pull {
  readonly id: number
  readonly number: number
  readonly by: Account
  title: string
  body: string | null
  state: 'open' | 'closed'
  draft: boolean
  base: string
  baseSha: string
  readonly headRepository: Repository
  readonly headBranch: string
  head: string
  readonly reviews: Review[]
  readonly retargets: Retarget[]
  mergeability: Mergeability | undefined
  autoMerge: { readonly by: Account; readonly method: MergeMethod } | null
  merged: Merged | null
  readonly createdAt: number
  updatedAt: number
  closedAt: number | null
  closedBy: Account | null
}
export type MergeMethod = 'merge' | 'squash' | 'rebase'

export const openPulls = (repository: Repository): readonly Pull[] =>
  [...repository.pulls.values()].filter((pull) => pull.state === 'open')
