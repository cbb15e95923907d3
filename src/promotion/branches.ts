import { partsOfSlot, type SlotKey } from '../domain/ids.ts'
import type { PullRequest } from '../ports/forge/pull-requests.ts'

export const stateBranch = 'sluice/state'

/** One branch per slot and kind, so that creating it is the mutex (I4). */
export function branchOf(kind: 'promotion' | 'rollback', slot: SlotKey): string {
  const { application, environment } = partsOfSlot(slot)
  return `sluice/${kind === 'promotion' ? 'promote' : 'rollback'}/${environment}/${application}`
}

/** Whether it is one that `branchOf` names. Others that begin like ours may be somebody's work. */
export const isChangeBranch = (branch: string): boolean => /^sluice\/(?:promote|rollback)\//.test(branch)

export const isOurBranch = (branch: string): boolean => branch.startsWith('sluice/')

/**
 * Whether somebody else's pull request is open from a branch that ours are opened from: the forge opens no second one from
 * there, and whatever we committed to it would change what people approved.
 */
export const takesOurBranch = ({ ours, sameRepository, headBranch }: PullRequest): boolean =>
  !ours && sameRepository && isChangeBranch(headBranch)
