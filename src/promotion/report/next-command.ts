import { partsOfSlot } from '../../domain/ids.ts'
import type { Standing } from '../plan/standing.ts'
import type { Pull } from '../snapshot.ts'

/** The command that takes a pull request one step on, where there is one that somebody could say. */
export function nextCommand(standing: Standing, pull: Pull): string | null {
  if (standing.is === 'needs-order') return '/sluice merge'
  if (standing.is !== 'gated') return null
  const [open] = standing.open
  const { application, environment } = partsOfSlot(pull.changes[0]?.slot ?? '/')
  switch (open?.reason) {
    case 'manual.not-yet':
      return `/sluice gate ${quotedName(open.gate)}`
    case 'state.frozen':
    case 'state.locked':
      return open.values['command'] ?? null
    case 'state.held':
      return '/sluice unhold'
    case 'state.foreign':
      return `/sluice promote ${environment} --app ${application}`
    default:
      return null
  }
}

const quotedName = (name: string): string => (name.includes(' ') ? `"${name}"` : name)
