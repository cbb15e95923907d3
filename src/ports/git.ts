import type { Instant, Sha } from '../domain/ids.ts'

export interface TreeEntry {
  /** `100644`, `100755`, `120000` (symlink), `040000` (tree), `160000` (submodule). */
  readonly mode: string
  readonly type: 'blob' | 'tree' | 'commit'
  readonly oid: Sha
  /** Relative to the tree that was listed. */
  readonly path: string
}

export interface Commit {
  readonly oid: Sha
  readonly tree: Sha
  readonly parents: readonly Sha[]
  readonly authorName: string
  readonly authorEmail: string
  /** Of the committer. */
  readonly at: Instant
  readonly message: string
}

export interface PathChange {
  readonly path: string
  /** Absent where the path was added. */
  readonly before?: Sha
  /** Absent where the path was removed. */
  readonly after?: Sha
}

/** Reads of one repository's object store. Objects never change, so answers may be kept for ever by id. */
export interface GitObjects {
  /** Throws UserError `git.missing-object` for an id that the store does not hold. */
  commit(oid: Sha): Promise<Commit>
  /** The entries of a tree or of a commit's tree, one level. */
  tree(treeish: Sha): Promise<readonly TreeEntry[]>
  /** Undefined where nothing lies at the path, or the path passes through something that is not a tree. */
  entry(treeish: Sha, path: string): Promise<TreeEntry | undefined>
  /** Bytes of a blob; refuses one over `maxBytes` (default 4 MiB) with UserError `git.blob-too-large`. */
  blob(oid: Sha, maxBytes?: number): Promise<Uint8Array>
  /**
   * The paths whose content differs, sorted; renames are a removal and an addition. Accepts commits and trees. Refuses more
   * than `most` with UserError `git.too-many-changes`: a dozen small trees can hold billions of paths.
   */
  changes(before: Sha, after: Sha, most?: number): Promise<readonly PathChange[]>
  isAncestor(ancestor: Sha, descendant: Sha): Promise<boolean>
  /** First-parent line from `head` back, newest first, `head` included, `until` and what lies behind it left out. */
  firstParents(head: Sha, options?: { readonly until?: Sha; readonly limit?: number }): Promise<readonly Commit[]>
  /** First-parent commits, newest first, that changed one of the paths; at most `limit`. */
  history(head: Sha, paths: readonly string[], limit: number): Promise<readonly Commit[]>
  /** What a merge of `head` into `base` gives, without a work tree. */
  mergeResult(base: Sha, head: Sha): Promise<MergeResult>
}

export type MergeResult =
  | { readonly is: 'clean'; readonly tree: Sha }
  | { readonly is: 'conflict'; readonly paths: readonly string[] }

/** Writes loose objects into the local store; nobody sees them until something is pushed. */
export interface GitWriter {
  writeBlob(bytes: Uint8Array): Promise<Sha>
  /**
   * The tree that differs from `base` (a commit, a tree, or null for an empty one) exactly by the edits: a path to a new
   * blob or tree, or to null for removal. Modes of existing files stay; new ones get 100644.
   */
  writeTree(
    base: Sha | null,
    edits: ReadonlyMap<string, { readonly oid: Sha; readonly mode?: string } | null>,
  ): Promise<Sha>
  /** Same arguments give the same id. */
  writeCommit(commit: {
    readonly tree: Sha
    readonly parents: readonly Sha[]
    readonly author: { readonly name: string; readonly email: string }
    readonly at: Instant
    readonly message: string
  }): Promise<Sha>
}

/** The repository at the forge. Throws TransientError `git.unreachable` and OperatorError `git.refused`. */
export interface GitRemote {
  /**
   * Brings branches and, where named, pull request heads into the local store, and answers the branch heads of the forge
   * (keyed by branch name) as of this call. Branches deleted there are gone from the answer.
   */
  fetch(options?: { readonly pulls?: readonly number[] }): Promise<ReadonlyMap<string, Sha>>
  /** Compare-and-swap of a branch; `expect` null creates it. */
  push(branch: string, commit: Sha, expect: Sha | null): Promise<'done' | 'lost-race'>
}

export type GitRepository = GitObjects & GitWriter & GitRemote
