import { inRepository, listOf, numberAt, type Operations, ok, textAt } from '../api/operation.ts'
import { notFound } from '../api/refusal.ts'
import { atLeast, roleOf } from '../model/accounts.ts'
import { permits } from '../model/installations.ts'
import { fullName } from '../model/repositories.ts'
import type { Actor, Repository, World } from '../model/world.ts'
import { activeRules } from '../rules/active-rules.ts'
import { bypassOf } from '../rules/bypass.ts'
import type { Ruleset } from '../rules/ruleset.ts'
import type { Json } from '../views/account.ts'
import { apiOfRepository, nodeId, pageOf, timeOf } from '../views/urls.ts'

export const rulesetOperations = {
  'repos/get-branch-rules': inRepository('metadata:read', 'read', ({ repository, path }) =>
    listOf(activeRules(repository, `refs/heads/${textAt(path, 'branch')}`), ({ rule, ruleset }) => ({
      ...rule,
      ruleset_source_type: 'Repository',
      ruleset_source: fullName(repository),
      ruleset_id: ruleset.id,
    })),
  ),
  'repos/get-repo-rulesets': inRepository('metadata:read', 'read', ({ world, repository }) =>
    listOf(repository.rulesets, (ruleset) => summary(world, repository, ruleset)),
  ),
  'repos/get-repo-ruleset': inRepository('metadata:read', 'read', ({ world, repository, path, actor }) => {
    const ruleset = repository.rulesets.find(({ id }) => id === numberAt(path, 'ruleset_id'))
    if (ruleset === undefined) throw notFound()
    return ok({
      ...summary(world, repository, ruleset),
      conditions: ruleset.conditions ?? {},
      rules: ruleset.rules ?? [],
      current_user_can_bypass: bypassOf(world, ruleset, repository, actor),
      // Who may bypass is shown to those only who may edit the ruleset.
      ...(maySeeBypass(world, repository, actor) ? { bypass_actors: ruleset.bypass_actors ?? [] } : {}),
    })
  }),
} satisfies Operations

function summary(world: World, repository: Repository, ruleset: Ruleset): Json {
  const self = `${apiOfRepository(world, repository)}/rulesets/${ruleset.id}`
  return {
    id: ruleset.id,
    name: ruleset.name,
    target: ruleset.target ?? 'branch',
    source_type: 'Repository',
    source: fullName(repository),
    enforcement: ruleset.enforcement,
    node_id: nodeId('RepositoryRuleset', ruleset.id),
    _links: { self: { href: self }, html: { href: `${pageOf(world, repository)}/rules/${ruleset.id}` } },
    created_at: timeOf(ruleset.createdAt),
    updated_at: timeOf(ruleset.createdAt),
  }
}

function maySeeBypass(world: World, repository: Repository, actor: Actor): boolean {
  if (actor.kind === 'installation') return permits(actor.permissions, 'administration', 'write')
  return actor.kind === 'person' && atLeast(roleOf(world, repository, actor.account), 'admin')
}
