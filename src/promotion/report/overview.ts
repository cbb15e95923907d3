import type { Health } from '../../domain/health.ts'
import type { Sha, SlotKey } from '../../domain/ids.ts'
import type { OverlayRelease, Release } from '../../domain/release.ts'
import type { Verdict } from '../../domain/verdict.ts'
import { sentenceOf } from '../../gates/sentences.ts'
import type { Considered } from '../considered.ts'
import type { Effect } from '../effects.ts'
import { mergeNext } from '../plan/merge-next.ts'
import { moveSlots } from '../plan/move-slots.ts'
import type { Plan } from '../plan/plan.ts'
import type { Standing } from '../plan/standing.ts'
import { nothingReasons, type Wanted } from '../plan/wanted.ts'
import type { Pull, Slot } from '../snapshot.ts'
import { openingTitle, releaseName } from './messages.ts'
import { nextCommand } from './next-command.ts'
import { notices } from './notices.ts'

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
  readonly slots: readonly SlotView[]
  readonly pulls: readonly PullView[]
  readonly inForce: readonly DirectiveView[]
  readonly setAside: readonly { readonly what: string; readonly why: string }[]
  /** What a round would do now, in its order. Where it first puts something on record, the rest follows in the next round. */
  readonly wouldDo: readonly EffectView[]
}

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

export interface DirectiveView {
  readonly kind: string
  readonly where: string
  readonly by: string
  readonly why: string
  readonly at: string
  readonly until: string | null
}

export interface EffectView {
  readonly does: 'record' | 'merge' | 'open' | 'close' | 'tidy' | 'notify'
  readonly what: string
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
    slots: [...snapshot.slots.values()].map((slot) => slotView(considered, plan, slot)),
    pulls: snapshot.pulls.map((pull) => pullView(considered, plan, pull)),
    inForce: inForce(considered),
    setAside: [...snapshot.setAside].map(([what, why]) => ({ what, why })),
    wouldDo: wouldDo(considered, plan),
  }
}

function slotView({ snapshot, gathered }: Considered, plan: Plan, slot: Slot): SlotView {
  const wanted = plan.wanted.get(slot.key)
  const proposal = gathered.proposals.get(slot.key)
  const failure = plan.unattributed.find((one) => one.slot.key === slot.key)
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
      proposal?.is === 'problem' ? `${proposal.problem.detail} (${proposal.problem.reason})` : null,
    ),
    notTakenBack: failure === undefined ? null : `${failure.attribution.detail} (${failure.attribution.reason})`,
    pulls: open.map((pull) => pull.pull.number),
  }
}

const releaseView = (release: Release): ReleaseView => ({ id: release.id, name: releaseName(release) })

export function unreadWords(release: Exclude<OverlayRelease, { is: 'pinned' }>): string {
  if (release.is === 'absent') return 'nothing is there'
  if (release.is === 'unpinned') {
    const [first] = release.images
    const place = first === undefined ? '' : ` at ${first.file}:${first.line}`
    return `images by tag, not by digest${place}: ${release.images.map((image) => image.name).join(', ')} (image.unpinned)`
  }
  const { file, line, detail, reason } = release.problem
  return `${file}${line === undefined ? '' : `:${line}`}: ${detail} (${reason})`
}

const healthView = (health: Health): SlotView['health'] => ({
  is: health.is,
  since: 'since' in health ? iso(health.since) : null,
  reason: 'reason' in health ? health.reason : null,
  detail: 'detail' in health ? health.detail : '',
})

function nextView(wanted: Wanted | undefined, problem: string | null): SlotView['next'] {
  if (wanted === undefined) return { is: 'nothing', release: null, reason: null, says: 'nothing' }
  if (wanted.is === 'nothing') {
    const says = nothingReasons[wanted.reason].replace('{detail}', () => wanted.detail)
    return { is: 'nothing', release: null, reason: wanted.reason, says }
  }
  const says = `${wanted.is} of ${releaseName(wanted.release)}`
  return {
    is: wanted.is,
    release: releaseView(wanted.release),
    reason: null,
    says: problem === null ? says : `${says}, which cannot be written: ${problem}`,
  }
}

function pullView({ judgements }: Considered, plan: Plan, pull: Pull): PullView {
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
    nextCommand: nextCommand(standing, pull),
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
    case 'gated':
      return gatedWords(standing.open)
    case 'twin':
      return `waits for #${standing.of}, which has the same head commit and does not pass`
    case 'needs-order':
      return `every gate passes; waits for ${standing.who} to say /sluice merge`
    case 'limited':
      return `every gate passes; waits for its turn: ${standing.detail}`
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

function whereOf(directive: Considered['snapshot']['state']['folded']['directives'][number]): string {
  if ('scope' in directive) {
    const { scope } = directive
    return scope === 'all' ? 'all' : [scope.application, scope.environment].filter((one) => one !== undefined).join('/')
  }
  if ('slot' in directive) return directive.slot
  return 'pull' in directive ? `#${directive.pull}` : 'environment' in directive ? directive.environment : ''
}

function wouldDo(considered: Considered, plan: Plan): readonly EffectView[] {
  const told = notices(considered.snapshot, plan.unattributed)
  const first = [...plan.effects, ...told].flatMap((effect) => effectView(considered, effect))
  if (!plan.effects.some((effect) => effect.kind === 'write-state')) return first
  const later = [...mergeNext(considered, plan.standings).effects, ...moveSlots(considered, plan.standings)]
  return [...first, ...later.flatMap((effect) => effectView(considered, effect))]
}

/** Decoration (checks, reports, reactions) is left out: it follows from the rest. */
function effectView({ snapshot }: Considered, effect: Effect): readonly EffectView[] {
  const titleOf = (number: number) => snapshot.pulls.find((one) => one.pull.number === number)?.pull.title ?? ''
  switch (effect.kind) {
    case 'write-state': {
      const kinds = [...Map.groupBy(effect.events, (event) => event.kind)].map(([kind, all]) => `${all.length} ${kind}`)
      return [{ does: 'record', what: `${kinds.join(', ')} on sluice/state` }]
    }
    case 'open-pull':
      return [
        { does: 'open', what: `${openingTitle(effect)}${effect.moves === null ? '' : ` (moves #${effect.moves})`}` },
      ]
    case 'merge-pull':
      return [{ does: 'merge', what: `#${effect.pull} ${titleOf(effect.pull)}` }]
    case 'close-pull':
      return [{ does: 'close', what: `#${effect.pull} ${titleOf(effect.pull)}` }]
    case 'delete-branch':
      return [{ does: 'tidy', what: `delete the branch ${effect.branch}` }]
    case 'notify':
      return [{ does: 'notify', what: effect.text }]
    default:
      return []
  }
}

const iso = (instant: number): string => `${new Date(instant).toISOString().slice(0, 19)}Z`
