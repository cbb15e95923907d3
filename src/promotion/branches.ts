import { partsOfSlot, type SlotKey } from '../domain/ids.ts'

export const stateBranch = 'sluice/state'

/** One branch per slot and kind, so that creating it is the mutex (I4). */
export function branchOf(kind: 'promotion' | 'rollback', slot: SlotKey): string {
  const { application, environment } = partsOfSlot(slot)
  return `sluice/${kind === 'promotion' ? 'promote' : 'rollback'}/${environment}/${application}`
}

/** Whether it is one that `branchOf` names. Others that begin like ours may be somebody's work. */
export const isChangeBranch = (branch: string): boolean => /^sluice\/(?:promote|rollback)\//.test(branch)

export const isOurBranch = (branch: string): boolean => branch.startsWith('sluice/')
