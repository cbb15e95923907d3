import picomatch from 'picomatch'
import { readCommit } from '../git/commits.ts'
import { changedFiles, mergeBase } from '../git/history.ts'
import { readRef } from '../git/refs.ts'
import { entryAt } from '../git/trees.ts'
import { findTeam } from '../model/accounts.ts'
import type { Pull } from '../model/repository.ts'
import type { Repository, World } from '../model/world.ts'

const places = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']

/** Whether somebody who owns it has approved every changed file that has owners. */
export async function ownersApproved(
  world: World,
  repository: Repository,
  pull: Pull,
  approvers: readonly number[],
): Promise<boolean> {
  const base = await readRef(repository.dir, `refs/heads/${pull.base}`)
  if (base === undefined) return true
  const rules = await readCodeOwners(repository, base)
  if (rules.length === 0) return true
  const files = await changedFiles(repository.dir, await mergeBase(repository.dir, base, pull.head), pull.head)
  const paths = files.flatMap(({ path, previousPath }) => (previousPath === undefined ? [path] : [path, previousPath]))
  return paths.every((path) => {
    const owners = rules.findLast((rule) => rule.matches(path))?.owners ?? []
    return owners.length === 0 || owners.some((owner) => approvers.some((id) => isOwner(world, owner, id)))
  })
}

interface OwnerRule {
  readonly matches: (path: string) => boolean
  readonly owners: readonly string[]
}

async function readCodeOwners(repository: Repository, base: string): Promise<readonly OwnerRule[]> {
  const commit = await readCommit(repository.objects, base)
  for (const place of places) {
    const entry = commit && (await entryAt(repository.objects, commit.tree, place))
    const file = entry && (await repository.objects.read(entry.oid))
    if (file !== undefined) return file.content.toString().split('\n').flatMap(parseLine)
  }
  return []
}

function parseLine(line: string): readonly OwnerRule[] {
  const [pattern, ...owners] = line.replace(/#.*/, '').trim().split(/\s+/)
  if (pattern === undefined || pattern === '') return []
  return [{ matches: ownedBy(pattern), owners }]
}

/** Patterns are gitignore's: unanchored without an inner slash, a folder owns what is below it. */
function ownedBy(pattern: string): (path: string) => boolean {
  const anchored = pattern.replace(/\/$/, '').includes('/')
  const bare = pattern.replace(/^\//, '').replace(/\/$/, '')
  const root = anchored ? bare : `**/${bare}`
  const globs = pattern.endsWith('/*') ? [root] : pattern.endsWith('/') ? [`${root}/**`] : [root, `${root}/**`]
  return picomatch(globs, { dot: true })
}

function isOwner(world: World, owner: string, id: number): boolean {
  const [organization = '', slug] = owner.replace(/^@/, '').split('/')
  if (slug !== undefined) return findTeam(world, organization, slug)?.members.has(id) ?? false
  return world.accounts.get(id)?.login.toLowerCase() === organization.toLowerCase()
}
