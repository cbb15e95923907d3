import type { Pull } from '../model/repository.ts'
import type { Account, Repository, World } from '../model/world.ts'
import { announcePull } from './announce-pull.ts'

export async function closePull(world: World, repository: Repository, pull: Pull, by: Account): Promise<void> {
  if (pull.state === 'closed') return
  markClosed(world, pull, by)
  await announcePull(world, repository, pull, { action: 'closed', sender: by })
}

/** Closed as merged by this commit of the base branch; nobody is told yet. */
export function markMerged(world: World, pull: Pull, by: Account, commit: string): void {
  markClosed(world, pull, by)
  pull.merged = { by, commit, at: world.now() }
}

function markClosed(world: World, pull: Pull, by: Account): void {
  const now = world.now()
  Object.assign(pull, { state: 'closed', closedAt: now, updatedAt: now, closedBy: by, autoMerge: null })
}
