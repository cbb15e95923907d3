import type { Sha } from '../domain/ids.ts'
import type { TreeEdit } from '../ports/forge/commits.ts'
import type { GitWriter } from '../ports/git.ts'

/** The tree that a base has with the edits made, as loose objects that nobody sees: for comparing and for rendering. */
export async function treeWith(git: GitWriter, base: Sha, edits: readonly TreeEdit[]): Promise<Sha> {
  const changes = new Map<string, { readonly oid: Sha; readonly mode?: string } | null>()
  for (const edit of edits) {
    if ('removed' in edit) changes.set(edit.path, null)
    else if ('oid' in edit) changes.set(edit.path, { oid: edit.oid, mode: edit.mode })
    else changes.set(edit.path, { oid: await git.writeBlob(new TextEncoder().encode(edit.text)), mode: edit.mode })
  }
  return git.writeTree(base, changes)
}
