import { isAncestor } from '../git/history.ts'
import { noCommit, type RefWrite } from '../git/refs.ts'
import type { Actor, Repository, World } from '../model/world.ts'
import { bindingRules } from './active-rules.ts'
import { missingChecks } from './required-checks.ts'
import type { Rule } from './ruleset.ts'

export interface WriteVerdict {
  /** Sentences in the forge's own words; none means allowed. */
  readonly violations: readonly string[]
  /** Whether it still has to be a fast-forward, which only somebody who holds the new objects can tell. */
  readonly onlyForward: boolean
}

/** A ref write that is no merge of a pull request: by the API or by a push. */
export function judgeWrite(world: World, repository: Repository, actor: Actor, write: RefWrite): WriteVerdict {
  const rules = bindingRules(world, { repository, ref: write.ref, actor, door: 'write' })
  const violations = rules.flatMap((rule) => violationsOf(rule, repository, write))
  const replaces = write.before !== noCommit && write.after !== noCommit
  return {
    violations: [...new Set(violations)],
    onlyForward: replaces && rules.some(({ type }) => type === 'non_fast_forward'),
  }
}

/** As `judgeWrite`, where the new objects are already in the repository. */
export async function violationsOfWrite(
  world: World,
  repository: Repository,
  actor: Actor,
  write: RefWrite,
): Promise<readonly string[]> {
  const { violations, onlyForward } = judgeWrite(world, repository, actor, write)
  const rewinds = onlyForward && !(await isAncestor(repository.dir, write.before, write.after))
  return rewinds ? [...violations, 'Cannot force-push to this branch'] : violations
}

function violationsOf(rule: Rule, repository: Repository, { before, after }: RefWrite): readonly string[] {
  const kind = before === noCommit ? 'creation' : after === noCommit ? 'deletion' : 'update'
  switch (rule.type) {
    case 'creation':
      return kind === 'creation' ? ['Cannot create ref due to creations being restricted.'] : []
    case 'deletion':
      return kind === 'deletion' ? ['Cannot delete this branch'] : []
    case 'update':
      return kind === 'update' ? ['Cannot update this protected ref.'] : []
    case 'pull_request':
      return kind === 'deletion' ? [] : ['Changes must be made through a pull request.']
    case 'required_status_checks':
      if (kind === 'deletion' || (kind === 'creation' && rule.parameters.do_not_enforce_on_create)) return []
      return missingChecks(repository, after, rule.parameters)
    case 'required_signatures':
      return kind !== 'deletion' && !repository.verified.has(after) ? ['Commits must have verified signatures.'] : []
    default:
      return []
  }
}

/** What the forge says when rules refuse. */
export const refusalText = (violations: readonly string[]): string =>
  `Repository rule violations found\n\n${violations.join('\n\n')}\n\n`
