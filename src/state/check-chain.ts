import type { Sha } from '../domain/ids.ts'
import { type Keys, type Repair, repairOf, verifyMac } from './mac.ts'

/** A commit of the state branch, as Git holds it. */
export interface StateCommit {
  readonly oid: Sha
  readonly tree: Sha
  readonly parents: readonly Sha[]
  readonly message: string
}

export interface ChainFacts {
  readonly repository: number
  readonly keys: Keys
  /** The state that the newest promotion or revert of ours on the default branch names. */
  readonly mustDescendFrom?: Sha
  /** `verified` of an earlier check of the branch on which the last commit stands: what needs not be read again. */
  readonly verified?: readonly Sha[]
}

/** `new`: there is no branch, and nothing says that there ever was one. */
export type ChainTrust =
  /** `verified`: the branch's ids, newest first, and those that a repair stands for. */
  | { readonly is: 'trusted'; readonly verified: readonly Sha[] }
  | { readonly is: 'new' }
  | { readonly is: 'untrusted'; readonly reason: ChainReason; readonly commit: Sha | null; readonly detail: string }

export const chainReasons = {
  'state.missing': 'The branch sluice/state is gone, though promotions were made with it.',
  'state.rewound': 'The branch sluice/state does not hold the state that the newest promotion was made with.',
  'state.foreign-commit': 'The branch sluice/state holds a commit that Sluice did not write.',
  'state.incomplete': 'The branch sluice/state could not be read down to its beginning.',
} as const

export type ChainReason = keyof typeof chainReasons

/**
 * Whether the state branch may be believed: each commit ours, in one line, and holding what was known before. `commits`
 * newest first, down to the root or to what is `verified`; empty where there is no branch.
 */
export function checkChain(commits: readonly StateCommit[], facts: ChainFacts): ChainTrust {
  const { mustDescendFrom, verified = [] } = facts
  if (commits.length === 0 && verified.length === 0) {
    return mustDescendFrom === undefined ? { is: 'new' } : untrusted('state.missing', mustDescendFrom)
  }
  const walked = walk(commits, facts)
  if ('is' in walked) return walked
  const isHeld = mustDescendFrom === undefined || walked.holds.has(mustDescendFrom)
  return isHeld ? { is: 'trusted', verified: [...walked.holds] } : untrusted('state.rewound', mustDescendFrom)
}

/** The ids that the branch holds or stands for; what lies below a repair was accepted as it is. */
function walk(commits: readonly StateCommit[], facts: ChainFacts): { readonly holds: ReadonlySet<Sha> } | ChainTrust {
  const verified = facts.verified ?? []
  const holds = new Set<Sha>()
  const standsFor: Sha[] = []
  let expected: Sha | undefined = commits[0]?.oid
  let isAccepted = false
  for (const { oid, tree, parents, message } of commits) {
    if (oid !== expected) return untrusted('state.incomplete', expected ?? oid)
    holds.add(oid)
    expected = parents[0]
    if (isAccepted) continue
    const repair = repairOf(message)
    const isOurs = verifyMac(message, facts.keys, { repository: facts.repository, tree, parents, repair })
    if (!isOurs || parents.length > 1) return untrusted('state.foreign-commit', oid)
    if (repair !== null) isAccepted = accept(repair, parents, standsFor)
  }
  const isWhole = expected === undefined || isAccepted || commits.length === 0 || expected === verified[0]
  return isWhole
    ? { holds: new Set([...holds, ...verified, ...standsFor]) }
    : untrusted('state.incomplete', expected ?? null)
}

function accept(repair: Repair, parents: readonly Sha[], standsFor: Sha[]): boolean {
  if (repair.inPlaceOf !== null) standsFor.push(repair.inPlaceOf)
  return repair.accepts !== null && repair.accepts === parents[0]
}

const untrusted = (reason: ChainReason, commit: Sha | null): ChainTrust => ({
  is: 'untrusted',
  reason,
  commit,
  detail: `${chainReasons[reason]}${commit === null ? '' : ` (${commit})`} Automation waits until an operator has read it and run \`sluice state repair\`.`,
})
