import { readCommit } from '../git/commits.ts'
import type { RefWrite } from '../git/refs.ts'
import { announce } from '../hooks/announce.ts'
import type { Checker, CheckSuite } from '../model/checks.ts'
import type { Account, Repository, World } from '../model/world.ts'
import type { Json } from '../views/account.ts'
import { checkSuiteView } from '../views/check.ts'
import { simpleCommitView } from '../views/commit.ts'

/** The App's suite for a commit that was pushed, with its webhook. */
export async function requestSuite(
  world: World,
  repository: Repository,
  by: Account,
  { ref, after }: RefWrite,
): Promise<void> {
  const branch = ref.replace(/^refs\/heads\//, '')
  const suite = suiteOf(world, repository, after, { id: world.app.id, slug: world.app.slug }, branch)
  const view = await suiteView(world, repository, suite)
  announce(world, { repository, sender: by, event: 'check_suite', action: 'requested' }, { check_suite: view })
}

/** Finds or makes the one suite of an App and commit. */
export function suiteOf(
  world: World,
  repository: Repository,
  head: string,
  app: Checker,
  branch: string | null,
): CheckSuite {
  const known = [...repository.checkSuites.values()].find((suite) => suite.head === head && suite.app.id === app.id)
  if (known !== undefined) return known
  const now = world.now()
  const suite = { id: world.nextId(), head, branch, app, createdAt: now, updatedAt: now }
  repository.checkSuites.set(suite.id, suite)
  return suite
}

export async function suiteView(world: World, repository: Repository, suite: CheckSuite): Promise<Json> {
  const commit = await readCommit(repository.objects, suite.head)
  return checkSuiteView(world, repository, suite, commit === undefined ? {} : simpleCommitView(commit))
}
