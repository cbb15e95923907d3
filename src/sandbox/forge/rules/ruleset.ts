/** A ruleset as GitHub's REST API takes and gives it; ids and times are the forge's. */
export interface RulesetFile {
  readonly name: string
  readonly target?: 'branch' | 'tag' | 'push'
  readonly enforcement: 'active' | 'evaluate' | 'disabled'
  readonly bypass_actors?: readonly BypassActor[]
  readonly conditions?: {
    readonly ref_name?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] }
  }
  readonly rules?: readonly Rule[]
}
export interface Ruleset extends RulesetFile {
  readonly id: number
  readonly createdAt: number
}
export interface BypassActor {
  readonly actor_id?: number | null
  readonly actor_type: 'Integration' | 'OrganizationAdmin' | 'RepositoryRole' | 'Team' | 'DeployKey' | 'User'
  readonly bypass_mode?: 'always' | 'pull_request' | 'exempt'
}
export interface PullRequestParameters {
  readonly required_approving_review_count?: number
  readonly require_code_owner_review?: boolean
  readonly dismiss_stale_reviews_on_push?: boolean
  readonly require_last_push_approval?: boolean
  readonly required_review_thread_resolution?: boolean
  readonly allowed_merge_methods?: readonly string[]
}
export interface StatusCheckParameters {
  readonly strict_required_status_checks_policy?: boolean
  readonly do_not_enforce_on_create?: boolean
  readonly required_status_checks: readonly { readonly context: string; readonly integration_id?: number }[]
}
export type Rule =
  | { readonly type: 'pull_request'; readonly parameters?: PullRequestParameters }
  | { readonly type: 'required_status_checks'; readonly parameters: StatusCheckParameters }
  | { readonly type: BareRule; readonly parameters?: Readonly<Record<string, unknown>> }
type BareRule =
  | 'creation'
  | 'update'
  | 'deletion'
  | 'non_fast_forward'
  | 'required_linear_history'
  | 'required_signatures'

export const enforcedRules = [
  'pull_request',
  'required_status_checks',
  'creation',
  'update',
  'deletion',
  'non_fast_forward',
  'required_linear_history',
  'required_signatures',
] as const satisfies readonly Rule['type'][]

/** The ruleset as the sandbox keeps it; refuses rules that it could not enforce, since a rule nobody enforces would lie. */
export function checkRuleset(file: RulesetFile): RulesetFile {
  const known: readonly string[] = enforcedRules
  const strange = (file.rules ?? []).filter((rule) => !known.includes(rule.type)).map((rule) => rule.type)
  if (strange.length === 0) return file
  throw new Error(
    `Ruleset "${file.name}": the sandbox cannot enforce ${strange.join(', ')}; it enforces ${known.join(', ')}.`,
  )
}
