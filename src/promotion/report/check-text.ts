import type { SlotKey } from '../../domain/ids.ts'
import type { ShownCheck } from '../effects.ts'
import type { Standing } from '../plan/standing.ts'

const untouched: ShownCheck = {
  is: 'success',
  title: 'touches no environment',
  summary: 'Nothing that an environment runs, and nothing that decides about one, is changed by this pull request.',
}

export const mergedCheck = (slots: readonly SlotKey[]): ShownCheck => ({
  is: 'success',
  title: `every gate passed: ${slots.slice(0, 5).join(', ')}${slots.length > 5 ? ` and ${slots.length - 5} more` : ''}`,
  summary: 'Sluice merges this pull request now.',
})

export const waitingCheck = (why: string, summary = ''): ShownCheck => ({
  is: 'waiting',
  title: why.slice(0, 240),
  summary,
})

/** How the one check is shown while nothing merges: closed, but for what touches no environment. */
export function checkFor(standing: Standing, summary: string): ShownCheck {
  switch (standing.is) {
    case 'clear':
      return untouched
    case 'conflict':
      return waitingCheck('conflicts with the default branch', summary)
    case 'broken-config':
      return { is: 'failed', title: 'its manifests do not parse', summary }
    case 'ungoverned':
      return waitingCheck('the manifests of the default branch do not parse', summary)
    case 'gated': {
      const failed = standing.open.filter((verdict) => verdict.is === 'fail')
      const names = [...new Set((failed.length > 0 ? failed : standing.open).map((verdict) => verdict.gate))].join(', ')
      return failed.length > 0
        ? { is: 'failed', title: `refused by: ${names}`.slice(0, 240), summary }
        : waitingCheck(`waits for: ${names}`, summary)
    }
    case 'twin':
      return waitingCheck(`#${standing.of} has the same head and does not pass`, summary)
    case 'needs-order':
      return waitingCheck('every gate passes; waits for `/sluice merge`', summary)
    case 'limited':
      return waitingCheck(`waits: ${standing.detail}`, summary)
    case 'outdated':
      return waitingCheck(`outdated: ${standing.because}`, summary)
    case 'closing':
      return waitingCheck(`Sluice closes it: ${standing.because}`, summary)
    case 'look-again':
    case 'merged':
    case 'ready':
      return waitingCheck('every gate passes; about to merge', summary)
  }
}
