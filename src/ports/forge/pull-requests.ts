import type { Instant, Sha } from '../../domain/ids.ts'
import type { Initiators, Person } from '../../domain/person.ts'

export interface PullRequest {
  readonly number: number
  readonly nodeId: string
  readonly title: string
  readonly body: string
  readonly url: string
  readonly author: Person
  /** Whether our App created it: the author is our App's bot user, by id. */
  readonly ours: boolean
  readonly state: 'open' | 'closed'
  readonly draft: boolean
  readonly base: string
  readonly headBranch: string
  readonly head: Sha
  /** False for a pull request from a fork. */
  readonly sameRepository: boolean
  readonly autoMerge: { readonly by: Person } | null
  readonly createdAt: Instant
  readonly updatedAt: Instant
  /** When it was closed, merged or not; null while it is open. */
  readonly closedAt: Instant | null
  readonly mergedAt: Instant | null
  /** Only meaningful once merged. */
  readonly mergeCommit: Sha | null
}

export type MergeAnswer =
  | { readonly is: 'merged'; readonly commit: Sha }
  /** The head moved, or somebody else merged (`merged`) or closed it first. */
  | { readonly is: 'lost-race'; readonly why: string; readonly merged?: true }
  /** The branch's rules refuse it. */
  | { readonly is: 'refused'; readonly why: string }

/** Pull requests of one repository. Every write finds before it creates, and reads back after a 5xx (T13). */
export interface PullRequests {
  /** All open ones to the branch. */
  open(base: string): Promise<readonly PullRequest[]>
  /** Those of them, whoever opened them, whose head is this branch of the repository itself: one at most. */
  openFrom(base: string, headBranch: string): Promise<readonly PullRequest[]>
  /** The latest closed ones to the branch, newest update first, at most `limit`. */
  closed(base: string, limit: number): Promise<readonly PullRequest[]>
  get(number: number): Promise<PullRequest>
  /** Null while it is open or was closed unmerged. */
  mergedBy(number: number): Promise<Person | null>
  /** The people who made its commits, as the forge attributes them; not complete where it does not attribute every one. */
  contributors(number: number): Promise<Initiators>
  /** Finds the open one of our App's with that head branch, else creates it. Throws UserError where somebody else's is open. */
  ensureOpen(wanted: {
    readonly base: string
    readonly headBranch: string
    readonly title: string
    readonly body: string
  }): Promise<PullRequest>
  update(number: number, wanted: { readonly title?: string; readonly body?: string }): Promise<void>
  close(number: number): Promise<void>
  /** So that the forge merges it no more by itself; fine where it would not. Throws UserError where the forge refuses. */
  disableAutoMerge(pull: Pick<PullRequest, 'number' | 'nodeId'>): Promise<void>
  /** A merge commit of exactly this head (T11). */
  merge(
    number: number,
    wanted: { readonly head: Sha; readonly title: string; readonly message: string },
  ): Promise<MergeAnswer>
  /** The pull requests that a commit of the default branch came from, as the forge recorded it. */
  ofCommit(commit: Sha): Promise<readonly PullRequest[]>
}
