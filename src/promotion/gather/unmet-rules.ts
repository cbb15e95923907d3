import type { Sha } from '../../domain/ids.ts'
import type { UnmetRule } from '../../gates/evidence.ts'
import { roleGroups } from '../../gates/people.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import type { Snapshot } from '../snapshot.ts'
import { weighReviews } from './weigh-reviews.ts'

/**
 * What the branch's own rules still ask of us. With our bypass nothing is, since gates judge in their place; what no gate
 * judges (a workflow that rides along with an overlay) meets the rules all the same. Without it Sluice waits like anybody.
 */
export async function unmetRules(
  { forge, us }: RepositoryPorts,
  { rules, pulls }: Snapshot,
  pull: number,
  head: Sha,
): Promise<readonly UnmetRule[]> {
  const [beside] = pulls.find((one) => one.pull.number === pull)?.beside ?? []
  if (rules.bypass !== 'never' && beside === undefined) return []
  const why = beside === undefined ? '' : `; no gate judges ${beside}, which it changes as well`
  return [...(await unmetApprovals()), ...(await unmetChecks())]

  async function unmetApprovals(): Promise<readonly UnmetRule[]> {
    if (rules.requiredApprovals === 0) return []
    const reviews = await weighReviews(forge, pull, [roleGroups.write])
    const have = reviews.filter((one) => one.is === 'approved' && one.head === head && one.groups.length > 0).length
    if (have >= rules.requiredApprovals) return []
    return [{ rule: 'approvals', detail: `${have} of ${rules.requiredApprovals}${why}`, who: ['anybody with write'] }]
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
