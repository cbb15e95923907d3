import { announce } from '../hooks/announce.ts'
import type { Pull } from '../model/repository.ts'
import type { Account, Repository, World } from '../model/world.ts'
import type { Json } from '../views/account.ts'
import { fullPullView } from '../views/pull.ts'
import { countOf } from './pull-numbers.ts'

type PullAction =
  | 'opened'
  | 'synchronize'
  | 'closed'
  | 'reopened'
  | 'edited'
  | 'ready_for_review'
  | 'converted_to_draft'
  | 'auto_merge_enabled'
  | 'auto_merge_disabled'

/** The `pull_request` webhook. */
export async function announcePull(
  world: World,
  repository: Repository,
  pull: Pull,
  what: { readonly action: PullAction; readonly sender: Account; readonly facts?: Json },
): Promise<void> {
  const numbers = { ...(await countOf(repository, pull)), mergeable: null, mergeableState: 'unknown' }
  announce(
    world,
    { repository, sender: what.sender, event: 'pull_request', action: what.action },
    { number: pull.number, pull_request: fullPullView(world, repository, pull, numbers), ...what.facts },
  )
}
