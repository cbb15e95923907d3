import type { Standing } from '../plan/standing.ts'

/** The command that takes a pull request one step on, where there is one that somebody could say. */
export function nextCommand(standing: Standing): string | null {
  if (standing.is === 'needs-order') return '/sluice merge'
  if (standing.is !== 'gated') return null
  const [open] = standing.open
  switch (open?.reason) {
    case 'manual.not-yet':
      return `/sluice gate ${quotedName(open.gate)}`
    case 'state.frozen':
    case 'state.locked':
    case 'state.foreign':
    case 'state.divergence':
    case 'state.declined':
      return open.values['command'] ?? null
    case 'state.held':
      return '/sluice unhold'
    default:
      return null
  }
}

const quotedName = (name: string): string => (name.includes(' ') ? `"${name}"` : name)
