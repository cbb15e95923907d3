import { failureReason } from '../../../domain/failures.ts'
import type { BranchRules, Rules } from '../../../ports/forge/rules.ts'
import { type Access, allPages } from './access.ts'
import { ownCheckName } from './checks.ts'
import { unlessRefused } from './failures.ts'
import type { Octokit } from './request-door.ts'

/** Rulesets only: classic branch protection cannot be read without admin rights, and shows when a merge is refused. */
export function githubRules({ octokit, owner, repo, identity }: Access): Rules {
  const bypassOf = async (ruleset: number): Promise<Bypass> => {
    const call = octokit.rest.repos.getRepoRuleset({ owner, repo, ruleset_id: ruleset, includes_parents: true })
    const answer = await readable(call)
    return bypassWords[answer?.data.current_user_can_bypass ?? ''] ?? 'unknown'
  }

  return {
    ofBranch: async (branch) => {
      const rules = await allPages(
        async (page) => (await octokit.rest.repos.getBranchRules({ owner, repo, branch, ...page })).data,
      )
      const { appId } = await identity()
      const [binding, strict] = [bindingRulesets(rules, appId), rulesetsOf(rules.filter(isStrict))]
      const asked = [...new Set([...binding, ...strict])]
      const bypasses = new Map(await Promise.all(asked.map(async (id) => [id, await bypassOf(id)] as const)))
      return {
        ...demandsOf(rules),
        upToDate: strict.some((id) => bypasses.get(id) === 'never'),
        bypass: weakest(binding.flatMap((id) => bypasses.get(id) ?? [])),
      }
    },
  }
}

type Bypass = BranchRules['bypass']
type Rule = Awaited<ReturnType<Octokit['rest']['repos']['getBranchRules']>>['data'][number]
type RuleOf<T extends Rule['type']> = Extract<Rule, { type: T }>

const bypassWords: Readonly<Record<string, Bypass>> = {
  always: 'always',
  exempt: 'always',
  pull_requests_only: 'pull-request',
  never: 'never',
}

/** The best that holds for every one of them. Without any there is nothing to bypass. */
const weakest = (found: readonly Bypass[]): Bypass =>
  (['unknown', 'never', 'pull-request'] as const).find((bypass) => found.includes(bypass)) ?? 'always'

/** Rulesets that demand what Sluice cannot bring by itself: people's approvals, other checks. Only their bypass matters. */
function bindingRulesets(rules: readonly Rule[], appId: number): readonly number[] {
  return rulesetsOf(rules.filter((rule) => !isMetByUs(rule, appId)))
}

const rulesetsOf = (rules: readonly Rule[]): readonly number[] => [
  ...new Set(rules.flatMap((rule) => rule.ruleset_id ?? [])),
]

/** Our check alone does not meet it: the pull request must hold the newest commit of the branch as well. */
const isStrict = (rule: Rule): boolean =>
  is(rule, 'required_status_checks') && rule.parameters?.strict_required_status_checks_policy === true

/** What a merge of a pull request whose check we show meets anyway. A kind that GitHub adds later is taken as binding. */
function isMetByUs(rule: Rule, appId: number): boolean {
  if (is(rule, 'pull_request')) return !demandsPeople(rule)
  if (!is(rule, 'required_status_checks')) return ['deletion', 'non_fast_forward', 'creation'].includes(rule.type)
  return checksOf(rule).every(({ name, app }) => name === ownCheckName && (app === null || app === appId))
}

function demandsPeople({ parameters: asks }: RuleOf<'pull_request'>): boolean {
  return (
    asks !== undefined &&
    (asks.required_approving_review_count > 0 ||
      asks.require_code_owner_review ||
      asks.require_last_push_approval ||
      asks.required_review_thread_resolution)
  )
}

function demandsOf(rules: readonly Rule[]): Omit<BranchRules, 'upToDate' | 'bypass'> {
  const pulls = rules.filter((rule) => is(rule, 'pull_request'))
  const has = (type: Rule['type']) => rules.some((rule) => rule.type === type)
  return {
    pullRequestRequired: pulls.length > 0,
    requiredApprovals: Math.max(0, ...pulls.map((rule) => rule.parameters?.required_approving_review_count ?? 0)),
    lastPushApproval: pulls.some((rule) => rule.parameters?.require_last_push_approval === true),
    otherDemands: [
      ...(pulls.some((rule) => rule.parameters?.required_review_thread_resolution === true)
        ? ['resolved threads']
        : []),
      ...new Set(rules.map((rule) => rule.type).filter((type) => !knownTypes.includes(type))),
    ],
    requiredChecks: rules.filter((rule) => is(rule, 'required_status_checks')).flatMap(checksOf),
    allowsForcePush: !has('non_fast_forward'),
    allowsDeletion: !has('deletion'),
    allowedMergeMethods: mergeMethods.filter(
      (method) =>
        !(method === 'merge' && has('required_linear_history')) &&
        pulls.every((rule) => rule.parameters?.allowed_merge_methods?.includes(method) !== false),
    ),
  }
}

/** What is told one by one, and what says nothing of a pull request that is merged by a merge commit. */
const knownTypes: readonly string[] = [
  ...['pull_request', 'required_status_checks', 'required_linear_history'],
  ...['creation', 'update', 'deletion', 'non_fast_forward'],
]

const mergeMethods = ['merge', 'squash', 'rebase'] as const

const checksOf = (rule: RuleOf<'required_status_checks'>) =>
  (rule.parameters?.required_status_checks ?? []).map(({ context, integration_id }) => ({
    name: context,
    app: integration_id ?? null,
  }))

const is = <T extends Rule['type']>(rule: Rule, type: T): rule is RuleOf<T> => rule.type === type

/** Rulesets of the organisation may be hidden from us: unknown, not open. */
async function readable<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await unlessRefused([404], call)
  } catch (error) {
    if (failureReason(error) === 'forge.permission') return undefined
    throw error
  }
}
