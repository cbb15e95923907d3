import type { Sha, SlotKey } from '../../domain/ids.ts'
import type { Verdict } from '../../domain/verdict.ts'
import { sentenceOf } from '../../gates/sentences.ts'
import type { Considered } from '../considered.ts'
import type { Plan } from '../plan/plan.ts'
import type { Standing } from '../plan/standing.ts'
import type { Pull } from '../snapshot.ts'
import { iso } from './clock.ts'
import { nextCommand } from './next-command.ts'

/** One open pull request of an overview. */
export interface PullView {
  readonly number: number
  readonly title: string
  readonly url: string
  readonly head: Sha
  readonly ours: boolean
  readonly standing: Standing['is']
  readonly says: string
  readonly nextCommand: string | null
  readonly changes: readonly {
    readonly slot: SlotKey
    readonly kind: string
    readonly verdicts: readonly VerdictView[]
  }[]
}

export interface VerdictView {
  readonly gate: string
  readonly is: Verdict['is']
  readonly reason: string
  readonly says: string
  readonly who: readonly string[]
  readonly nextLook: string | null
}

export function pullView({ judgements }: Considered, plan: Plan, pull: Pull): PullView {
  const standing = plan.standings.get(pull.pull.number) ?? { is: 'look-again' }
  const { number, title, url, head, ours } = pull.pull
  return {
    number,
    title,
    url,
    head,
    ours,
    standing: standing.is,
    says: standingWords(standing),
    nextCommand: nextCommand(standing),
    changes: (judgements.get(number) ?? []).map(({ change, verdicts }) => ({
      slot: change.slot,
      kind: change.kind,
      verdicts: verdicts.map(verdictView),
    })),
  }
}

const verdictView = (verdict: Verdict): VerdictView => ({
  gate: verdict.gate,
  is: verdict.is,
  reason: verdict.reason,
  says: sentenceOf(verdict),
  who: verdict.who,
  nextLook: verdict.nextLook === undefined ? null : iso(verdict.nextLook),
})

function standingWords(standing: Standing): string {
  switch (standing.is) {
    case 'clear':
      return 'touches no environment'
    case 'conflict':
      return `conflicts with the default branch in ${standing.paths.slice(0, 5).join(', ')}`
    case 'broken-config':
      return `its manifests do not parse: ${standing.diagnostics}`
    case 'ungoverned':
      return `waits until the manifests of the default branch parse: ${standing.diagnostics}`
    case 'gated':
      return gatedWords(standing.open)
    case 'twin':
      return `waits for #${standing.of}, which has the same head commit and does not pass`
    case 'needs-order':
      return `every gate passes; waits for ${standing.who} to say /sluice merge`
    case 'limited':
      return `every gate passes; waits for its turn: ${standing.detail}`
    case 'outdated':
      return `outdated: ${standing.because}`
    case 'closing':
      return `Sluice closes it: ${standing.because}`
    case 'look-again':
      return 'every gate passes; merges once its evidence was read again'
    case 'ready':
      return 'every gate passes; merges'
    case 'merged':
      return 'merged'
  }
}

function gatedWords(open: readonly Verdict[]): string {
  const failed = open.filter((verdict) => verdict.is === 'fail')
  const named = (verdicts: readonly Verdict[]) => [...new Set(verdicts.map((one) => one.gate))].join(', ')
  return failed.length > 0 ? `refused by ${named(failed)}` : `waits for ${named(open)}`
}
