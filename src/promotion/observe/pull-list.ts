import { failureReason } from '../../domain/failures.ts'
import type { Forge } from '../../ports/forge/forge.ts'
import type { PullRequest } from '../../ports/forge/pull-requests.ts'
import { concerns, type Stale } from '../../ports/stale.ts'
import { isChangeBranch } from '../branches.ts'
import { tellsMerged } from '../merged-report.ts'

export interface PullList {
  readonly open: readonly PullRequest[]
  /** The latest closed ones, newest first. */
  readonly closed: readonly PullRequest[]
}

/** How many closed pull requests one look sees: enough for an hour of a busy repository. */
const closedSeen = 100

/** One pull request that became stale is read alone; everything else reads the two lists. */
export async function observePullList(
  forge: Forge,
  base: string,
  stale: readonly Stale[],
  previous: PullList | null,
): Promise<PullList> {
  if (previous === null || concerns(stale, 'pulls')) return readLists(forge, base)
  const numbers = [...new Set(stale.flatMap((item) => (item.is === 'pull' ? [item.pull] : [])))]
  if (numbers.length > 3) return readLists(forge, base)
  let list = previous
  for (const number of numbers) {
    const pull = await pullOrNone(forge, number)
    if (pull !== undefined) list = place(list, pull, base)
  }
  return list
}

/** Issues and pull requests are counted together, and a comment may be on either. */
async function pullOrNone(forge: Forge, number: number): Promise<PullRequest | undefined> {
  try {
    return await forge.pulls.get(number)
  } catch (error) {
    if (failureReason(error) === 'forge.not-found') return undefined
    throw error
  }
}

/** How many of the last merges are looked after: a process that ended had hardly more of them in hand. */
const lastMerges = 5

/** Those of ours that were merged last and whose report does not tell it: the process ended in between, or the write failed. */
export const untoldMerges = ({ closed }: PullList): readonly PullRequest[] =>
  closed
    .filter((pull) => pull.ours && pull.mergedAt !== null && pull.sameRepository && isChangeBranch(pull.headBranch))
    .slice(0, lastMerges)
    .filter(({ body }) => !tellsMerged(body))

/** Pull requests that the list knows nothing of: opened after it was read, closed long ago, to another branch, or issues. */
export const unlisted = ({ open, closed }: PullList, numbers: readonly number[]): readonly number[] => {
  const known = new Set([...open, ...closed].map((pull) => pull.number))
  return [...new Set(numbers)].filter((number) => !known.has(number))
}

async function readLists(forge: Forge, base: string): Promise<PullList> {
  const [open, closed] = await Promise.all([forge.pulls.open(base), forge.pulls.closed(base, closedSeen)])
  return { open, closed }
}

function place(list: PullList, pull: PullRequest, base: string): PullList {
  const others = (pulls: readonly PullRequest[]) => pulls.filter((other) => other.number !== pull.number)
  if (pull.base !== base) return { open: others(list.open), closed: others(list.closed) }
  return pull.state === 'open'
    ? { open: [...others(list.open), pull].toSorted((a, b) => a.number - b.number), closed: others(list.closed) }
    : { open: others(list.open), closed: [pull, ...others(list.closed)] }
}
