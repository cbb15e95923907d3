import { isAncestor } from '../git/history.ts'
import { readRef } from '../git/refs.ts'
import { atLeast, roleOf } from '../model/accounts.ts'
import type { MergeMethod, Pull, Review } from '../model/repository.ts'
import type { Account, Actor, Repository, World } from '../model/world.ts'
import { bindingRules } from './active-rules.ts'
import type { Door } from './bypass.ts'
import { ownersApproved } from './code-owners.ts'
import { missingChecks } from './required-checks.ts'
import type { PullRequestParameters, Rule, StatusCheckParameters } from './ruleset.ts'

export interface WantedMerge {
  readonly repository: Repository
  readonly pull: Pull
  readonly actor: Actor
  readonly door: Door
  readonly method: MergeMethod
}

/** Why the rules of the base branch refuse this merge; none where they allow it or the actor may skip them. */
export async function violationsOfMerge(world: World, wanted: WantedMerge): Promise<readonly string[]> {
  const ref = `refs/heads/${wanted.pull.base}`
  const found: string[] = []
  for (const rule of bindingRules(world, { ...wanted, ref })) found.push(...(await violationsOf(world, wanted, rule)))
  return [...new Set(found)]
}

async function violationsOf(world: World, wanted: WantedMerge, rule: Rule): Promise<readonly string[]> {
  switch (rule.type) {
    case 'update':
      return ['Cannot update this protected ref.']
    case 'required_linear_history':
      return wanted.method === 'merge' ? ['This branch must not contain merge commits.'] : []
    case 'required_status_checks':
      return [
        ...missingChecks(wanted.repository, wanted.pull.head, rule.parameters),
        ...(await behind(wanted, rule.parameters)),
      ]
    case 'pull_request':
      return reviewViolations(world, wanted, rule.parameters ?? {})
    default:
      return []
  }
}

async function behind({ repository, pull }: WantedMerge, rule: StatusCheckParameters): Promise<readonly string[]> {
  const base = await readRef(repository.dir, `refs/heads/${pull.base}`)
  if (!rule.strict_required_status_checks_policy || base === undefined) return []
  return (await isAncestor(repository.dir, base, pull.head))
    ? []
    : ['The head branch is not up to date with the base branch.']
}

async function reviewViolations(
  world: World,
  { repository, pull, method }: WantedMerge,
  rule: PullRequestParameters,
): Promise<readonly string[]> {
  const verdicts = deciding(world, repository, pull)
  const approvers = verdicts.filter(({ state }) => state === 'APPROVED').map(({ by }) => by.id)
  const count = rule.required_approving_review_count ?? 0
  const methods = rule.allowed_merge_methods ?? ['merge', 'squash', 'rebase']
  return [
    ...(methods.includes(method) ? [] : [`Merge method ${method} merging is not allowed on this repository`]),
    ...(approvers.length >= count
      ? []
      : [`At least ${count} approving review is required by reviewers with write access.`]),
    // Whose change request blocks is decided where reviews count at all.
    ...(count > 0 && verdicts.some(({ state }) => state === 'CHANGES_REQUESTED')
      ? ['Changes have been requested.']
      : []),
    ...(!rule.require_code_owner_review || (await ownersApproved(world, repository, pull, approvers))
      ? []
      : ['Waiting on code owner review.']),
  ]
}

/** The newest approval or change request of everybody who can write, the author left out. */
function deciding(world: World, repository: Repository, pull: Pull): readonly Review[] {
  // An App that may write counts as a reviewer here as on GitHub: not counting it is the rules' reader's own business.
  const counts = (by: Account) => by.type === 'Bot' || atLeast(roleOf(world, repository, by), 'write')
  const reviews = pull.reviews.filter(({ state, by }) => state !== 'COMMENTED' && by.id !== pull.by.id && counts(by))
  return [...new Map(reviews.map((review) => [review.by.id, review])).values()]
}
