import type { Sha } from '../../domain/ids.ts'
import type { UnmetRule } from '../../gates/evidence.ts'
import { roleGroups } from '../../gates/people.ts'
import { listed } from '../../gates/say.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import type { Snapshot } from '../snapshot.ts'
import { weighReviews } from './weigh-reviews.ts'

/**
 * What the branch's own rules still ask of us. With our bypass nothing is, since gates judge in their place; what no gate
 * judges (a workflow that rides along with an overlay) meets the rules all the same. Without it Sluice waits like anybody.
 */
export async function unmetRules(
  { forge, git, us, repository }: RepositoryPorts,
  snapshot: Snapshot,
  pull: number,
  head: Sha,
): Promise<readonly UnmetRule[]> {
  const [beside] = snapshot.pulls.find((one) => one.pull.number === pull)?.beside ?? []
  // Nobody else holds a merge by us to them, so what they were at the last sweep is not enough (T16).
  const rules = beside === undefined ? snapshot.rules : await forge.rules.ofBranch(repository.defaultBranch)
  const isBypassed = rules.bypass !== 'never'
  const behind = await whereBehind()
  if (isBypassed && beside === undefined) return behind
  const why = beside === undefined ? '' : `; no gate judges ${beside}, which it changes as well`
  return [...(await unmetReviews()), ...(await unmetChecks()), ...unmetOthers(), ...behind]

  /** The forge would refuse each try. What is ours is not brought up to date: each time it would lose its approvals. */
  async function whereBehind(): Promise<readonly UnmetRule[]> {
    if (!rules.upToDate || (await git.isAncestor(snapshot.base, head))) return []
    const detail = `the newest commit of ${repository.defaultBranch} is not in it; Sluice judges the merge result itself, so the ruleset need not ask for that`
    return [{ rule: 'up to date', detail, who: ['an administrator'] }]
  }

  async function unmetReviews(): Promise<readonly UnmetRule[]> {
    if (rules.requiredApprovals === 0 && !rules.lastPushApproval) return []
    const reviews = (await weighReviews(forge, pull, [roleGroups.write])).filter(({ groups }) => groups.length > 0)
    const against = reviews.filter(({ is }) => is === 'changes-requested').map(({ by }) => `@${by.login}`)
    const objection = { rule: 'change requests', detail: `of ${listed(against)}${why}`, who: against }
    const have = reviews.filter((one) => one.is === 'approved' && one.head === head).length
    const few = { rule: 'approvals', detail: `${have} of ${wantedApprovals()}${why}`, who: ['anybody with write'] }
    return [...(against.length > 0 ? [objection] : []), ...(have < wantedApprovals() ? [few] : [])]
  }

  /** Nobody tells us who pushed last, and their own approval does not count: of two people one is somebody else. */
  function wantedApprovals(): number {
    return isBypassed && rules.lastPushApproval ? Math.max(2, rules.requiredApprovals) : rules.requiredApprovals
  }

  /** Without a bypass the forge itself holds to them. */
  function unmetOthers(): readonly UnmetRule[] {
    if (!isBypassed) return []
    const detail = `Sluice cannot see whether it is met${why}: put that into a pull request of its own`
    return rules.otherDemands.map((rule) => ({ rule, detail, who: [] }))
  }

  async function unmetChecks(): Promise<readonly UnmetRule[]> {
    const others = rules.requiredChecks.filter((one) => one.app !== us.appId)
    if (others.length === 0) return []
    const results = await forge.checks.list(head)
    return others.flatMap(({ name, app }) => {
      const found = results.find((one) => one.name === name && (app === null || one.app === app))
      const isMet = found !== undefined && ['success', 'neutral', 'skipped'].includes(found.is)
      return isMet ? [] : [{ rule: `check ${name}`, detail: `${found?.is ?? 'absent'}${why}`, who: [] }]
    })
  }
}
