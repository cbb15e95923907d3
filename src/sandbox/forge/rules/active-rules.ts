import type { Actor, Repository, World } from '../model/world.ts'
import { type Door, maySkip } from './bypass.ts'
import { coversRef } from './ref-patterns.ts'
import type { Rule, Ruleset } from './ruleset.ts'

export interface ActiveRule {
  readonly rule: Rule
  readonly ruleset: Ruleset
}

/** Every rule that is active for a ref, whoever may skip it. */
export const activeRules = (repository: Repository, ref: string): readonly ActiveRule[] =>
  repository.rulesets
    .filter((ruleset) => ruleset.enforcement === 'active' && coversRef(ruleset, repository, ref))
    .flatMap((ruleset) => (ruleset.rules ?? []).map((rule) => ({ rule, ruleset })))

/** Those that bind this actor by this door. */
export const bindingRules = (
  world: World,
  wanted: { readonly repository: Repository; readonly ref: string; readonly actor: Actor; readonly door: Door },
): readonly Rule[] =>
  activeRules(wanted.repository, wanted.ref)
    .filter(({ ruleset }) => !maySkip(world, ruleset, wanted.repository, wanted.actor, wanted.door))
    .map(({ rule }) => rule)
