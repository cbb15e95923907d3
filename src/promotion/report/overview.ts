import type { Directive } from '../../domain/directive.ts'
import type { Sha } from '../../domain/ids.ts'
import type { Considered } from '../considered.ts'
import type { Plan } from '../plan/plan.ts'
import { iso } from './clock.ts'
import { type EffectView, wouldDo } from './effect-view.ts'
import { type PullView, pullView } from './pull-view.ts'
import { type SlotView, slotView } from './slot-view.ts'

/**
 * One look at a repository as plain data: what `/status`, `sluice status`, `explain` and `plan` show. Its texts hold words of
 * strangers, unescaped: whoever shows them escapes them.
 */
export interface Overview {
  readonly repository: string
  readonly defaultBranch: string
  readonly base: Sha
  /** ISO 8601. */
  readonly at: string
  readonly state: { readonly head: Sha | null; readonly trusted: boolean; readonly detail: string | null }
  /** What is wrong with the newest manifests; null where nothing is. */
  readonly broken: string | null
  /** Whether there are none before either that parse: then nothing is governed. */
  readonly neverParsed: boolean
  readonly slots: readonly SlotView[]
  readonly pulls: readonly PullView[]
  readonly inForce: readonly DirectiveView[]
  readonly setAside: readonly { readonly what: string; readonly why: string }[]
  /** What a round would do now, in its order. Where it first puts something on record, the rest follows in the next round. */
  readonly wouldDo: readonly EffectView[]
}

export interface DirectiveView {
  readonly kind: string
  readonly where: string
  readonly by: string
  readonly why: string
  readonly at: string
  readonly until: string | null
}

export function overviewOf(considered: Considered, plan: Plan): Overview {
  const { snapshot } = considered
  const { owner, name, defaultBranch } = snapshot.repository
  const { trusted, head } = snapshot.state
  return {
    repository: `${owner}/${name}`,
    defaultBranch,
    base: snapshot.base,
    at: iso(snapshot.at),
    state: { head, trusted: trusted === true, detail: trusted === true ? null : trusted.untrusted },
    broken: snapshot.config.broken,
    neverParsed: snapshot.config.neverParsed,
    slots: [...snapshot.slots.values()].map((slot) => slotView(considered, plan, slot)),
    pulls: snapshot.pulls.map((pull) => pullView(considered, plan, pull)),
    inForce: inForce(considered),
    setAside: snapshot.unread.map(({ pull, why }) => ({ what: `#${pull.number}`, why })),
    wouldDo: wouldDo(considered, plan),
  }
}

/** What a person may want to lift; answers, orders and merges are part of what they speak of. */
const lasting = ['lock', 'freeze', 'hold', 'decline', 'quarantine', 'ungated', 'breaker']

const inForce = ({ snapshot }: Considered): readonly DirectiveView[] =>
  snapshot.state.folded.directives
    .filter((one) => lasting.includes(one.kind))
    .map((one) => ({
      kind: one.kind,
      where: whereOf(one),
      by: one.by === 0 ? 'Sluice' : one.byLogin,
      why: one.why,
      at: iso(one.at),
      until: 'until' in one && one.until !== undefined ? iso(one.until) : null,
    }))

function whereOf(directive: Directive): string {
  if ('scope' in directive) {
    const { scope } = directive
    return scope === 'all' ? 'all' : [scope.application, scope.environment].filter((one) => one !== undefined).join('/')
  }
  if ('slot' in directive) return directive.slot
  return 'pull' in directive ? `#${directive.pull}` : 'environment' in directive ? directive.environment : ''
}
