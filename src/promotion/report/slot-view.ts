import type { Health } from '../../domain/health.ts'
import type { SlotKey } from '../../domain/ids.ts'
import type { Release } from '../../domain/release.ts'
import type { Considered } from '../considered.ts'
import { whyNotTakenBack } from '../plan/not-taken-back.ts'
import type { Plan } from '../plan/plan.ts'
import { nothingWords, type Wanted } from '../plan/wanted.ts'
import type { Slot } from '../snapshot.ts'
import { unreadWords } from '../unread-words.ts'
import { iso } from './clock.ts'
import { releaseName } from './messages.ts'

/** One slot of an overview. */
export interface SlotView {
  readonly slot: SlotKey
  readonly application: string
  readonly environment: string
  readonly release: ReleaseView | null
  /** Why there is no release to show. */
  readonly unread: string | null
  readonly health: {
    readonly is: Health['is']
    readonly since: string | null
    readonly reason: string | null
    readonly detail: string
  }
  readonly next: {
    readonly is: Wanted['is']
    readonly release: ReleaseView | null
    readonly reason: string | null
    readonly says: string
  }
  readonly notTakenBack: string | null
  /** Numbers of the open pull requests that change it. */
  readonly pulls: readonly number[]
}

export interface ReleaseView {
  readonly id: string
  readonly name: string
}

export function slotView({ snapshot, gathered }: Considered, plan: Plan, slot: Slot): SlotView {
  const wanted = plan.wanted.get(slot.key)
  const proposal = gathered.proposals.get(slot.key)
  const failure = plan.notTakenBack.find((one) => one.slot.key === slot.key)
  const open = snapshot.pulls.filter((pull) => pull.changes.some((change) => change.slot === slot.key))
  return {
    slot: slot.key,
    application: slot.application,
    environment: slot.environment,
    release: slot.release.is === 'pinned' ? releaseView(slot.release.release) : null,
    unread: slot.release.is === 'pinned' ? null : unreadWords(slot.release),
    health: healthView(slot.health),
    next: nextView(
      wanted,
      proposal?.is === 'problem' ? unreadWords({ is: 'unreadable', problem: proposal.problem }) : null,
    ),
    notTakenBack: failure === undefined ? null : `${whyNotTakenBack(failure)} (${failure.reason})`,
    pulls: open.map((pull) => pull.pull.number),
  }
}

const releaseView = (release: Release): ReleaseView => ({ id: release.id, name: releaseName(release) })

const healthView = (health: Health): SlotView['health'] => ({
  is: health.is,
  since: 'since' in health ? iso(health.since) : null,
  reason: 'reason' in health ? health.reason : null,
  detail: 'detail' in health ? health.detail : '',
})

function nextView(wanted: Wanted | undefined, problem: string | null): SlotView['next'] {
  if (wanted === undefined) return { is: 'nothing', release: null, reason: null, says: 'nothing' }
  if (wanted.is === 'nothing') {
    return { is: 'nothing', release: null, reason: wanted.reason, says: nothingWords(wanted) }
  }
  const says = `${wanted.is} of ${releaseName(wanted.release)}`
  return {
    is: wanted.is,
    release: releaseView(wanted.release),
    reason: null,
    says: problem === null ? says : `${says}, which cannot be written: ${problem}`,
  }
}
