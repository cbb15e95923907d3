import { Refusal } from '../api/refusal.ts'
import { type Commit, readCommit } from '../git/commits.ts'
import { readRef } from '../git/refs.ts'
import { askGit } from '../git/run-git.ts'
import type { Repository } from '../model/world.ts'

/** The id of what a caller named: a branch, a tag, a full ref or an id, also shortened. */
export async function resolveCommit(repository: Repository, name: string): Promise<string | undefined> {
  for (const ref of [`refs/heads/${name}`, `refs/tags/${name}`, name.startsWith('refs/') ? name : `refs/${name}`]) {
    const oid = await readRef(repository.dir, ref)
    if (oid !== undefined) return oid
  }
  if (/^[0-9a-f]{40}$/.test(name)) return name
  if (!/^[0-9a-f]{7,39}$/.test(name)) return undefined
  const answer = await askGit(repository.dir, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`])
  return answer.code === 0 ? answer.stdout.trim() : undefined
}

export async function commitAt(repository: Repository, name: string): Promise<Commit> {
  const oid = await resolveCommit(repository, name)
  const commit = oid === undefined ? undefined : await readCommit(repository.objects, oid)
  if (commit === undefined) throw new Refusal(422, `No commit found for SHA: ${name}`)
  return commit
}
