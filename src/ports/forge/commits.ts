import type { Sha } from '../../domain/ids.ts'

/** Where a path's new content comes from: text, an object that the repository already holds, or nothing (removed). */
export type TreeEdit =
  | { readonly path: string; readonly text: string; readonly mode: string }
  | { readonly path: string; readonly oid: Sha; readonly mode: string }
  | { readonly path: string; readonly removed: true }

/** Commits that people see, made by the API, so that the forge verifies them as our App's. */
export interface Commits {
  create(wanted: {
    readonly baseTree: Sha
    readonly edits: readonly TreeEdit[]
    readonly parents: readonly Sha[]
    readonly message: string
  }): Promise<Sha>
  /** Create-ref is the mutex: `lost-race` where it exists with another commit. */
  createBranch(branch: string, commit: Sha): Promise<'done' | 'lost-race'>
  /** Fast-forward only: `lost-race` where somebody pushed in between. */
  moveBranch(branch: string, commit: Sha): Promise<'done' | 'lost-race'>
  /** Gone already is done. */
  deleteBranch(branch: string): Promise<void>
}
