import type { Sha } from '../domain/ids.ts'
import type { GitRepository } from './git.ts'

/**
 * A person's local repository, read and never written: commits that a command makes to look at uncommitted files lie in a
 * temporary store that `close` deletes.
 */
export interface Checkout {
  readonly git: GitRepository
  /** The folder that holds `.git`. */
  readonly root: string
  /** Of `origin`, as it is written there; null where there is none. */
  readonly remoteUrl: string | null
  readonly defaultBranch: string
  /** The default branch as `origin` had it at the last fetch; the local one where there is no `origin`. */
  readonly base: Sha
  /** The checked-out branch; null where a commit is checked out. */
  readonly branch: string | null
  /** What is checked out, with everything that is not committed yet. */
  readonly head: Sha
  /** Paths whose content is not committed. */
  readonly uncommitted: readonly string[]
  /** The state branch as far as this checkout knows it. */
  readonly state: Sha | null
  close(): Promise<void>
}
