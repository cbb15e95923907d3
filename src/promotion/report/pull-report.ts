import type { CheckedConfig } from '../../config/checked-config.ts'
import { misnamedIn, misnamedWords } from '../../config/overlay-paths.ts'
import type { Change } from '../../domain/change.ts'
import type { DirectiveOf } from '../../domain/directive.ts'
import { digestOfValue } from '../../domain/hash.ts'
import { partsOfSlot, type SlotKey, short } from '../../domain/ids.ts'
import type { OverlayRelease } from '../../domain/release.ts'
import type { Verdict } from '../../domain/verdict.ts'
import { sentenceOf } from '../../gates/sentences.ts'
import { quarantineOf } from '../../state/in-force.ts'
import { takesOurBranch } from '../branches.ts'
import type { Considered } from '../considered.ts'
import { isPassed, type Judgement } from '../judgement.ts'
import { mergedWord } from '../merged-report.ts'
import type { Standing } from '../plan/standing.ts'
import type { Pull } from '../snapshot.ts'
import { clock } from './clock.ts'
import { differenceText } from './difference-text.ts'
import { cutAt, details, fenced, inline, quotedText, shortDigests, tableOfWhatIsThere } from './markdown.ts'
import { releaseName } from './messages.ts'
import { movedTagWords } from './moved-tags.ts'
import { nextCommand } from './next-command.ts'

/** GitHub refuses bodies over 65,536 characters; differences are condensed to stay below. */
const longestBody = 60_000

export interface ReportFacts {
  readonly pull: Pull
  readonly standing: Standing
  readonly judgements: readonly Judgement[]
  /** What a rollback is there for; null where nothing asks for it, and for everything else. */
  readonly because: DirectiveOf<'quarantine'> | null
  /** Whether `/sluice merge` is the way on for somebody. */
  readonly nextCommand: string | null
  /** Names that no application may have, by the changes that are guarded for them. */
  readonly misnamed: ReadonlyMap<SlotKey, string>
}

/** Of a pull request that stands so. */
export function reportFacts({ snapshot, judgements }: Considered, pull: Pull, standing: Standing): ReportFacts {
  const { intent } = pull
  const because =
    intent?.kind === 'rollback' ? quarantineOf(snapshot.state.folded, intent.slot, intent.replaces.id) : undefined
  return {
    pull,
    standing,
    judgements: judgements.get(pull.pull.number) ?? [],
    because: because ?? null,
    nextCommand: nextCommand(standing),
    misnamed: misnamedBySlot(snapshot.config.checked, pull.changes),
  }
}

function misnamedBySlot({ environments }: CheckedConfig, changes: readonly Change[]): ReadonlyMap<SlotKey, string> {
  const found = changes.flatMap(({ slot, guardPaths }): [SlotKey, string][] => {
    const overlay = environments.get(partsOfSlot(slot).environment)?.overlay ?? ''
    const name = guardPaths.map((path) => misnamedIn(overlay, path)).find((one) => one !== undefined)
    return name === undefined ? [] : [[slot, name]]
  })
  return new Map(found)
}

/**
 * Tells one report from the next by what is news: where it stands and what each gate says. Times that run on (a soak
 * that grows) are not, else every look would write to the forge.
 */
export function reportVersion({ standing, judgements, pull }: ReportFacts): string {
  const verdicts = judgements.map((judgement) => [
    judgement.change.slot,
    judgement.change.inputs,
    judgement.verdicts.map((verdict) => [
      verdict.gate,
      verdict.is,
      verdict.reason,
      verdict.who,
      lastingValues(verdict),
    ]),
  ])
  const open = standing.is === 'gated' ? { is: 'gated' } : standing
  return digestOfValue([open, verdicts, pull.pull.head]).slice('sha256:'.length, 'sha256:'.length + 16)
}

/** The values of a verdict that time alone does not change. */
const lastingValues = ({ reason, values, nextLook }: Verdict): Verdict['values'] | null =>
  growing.includes(reason) || nextLook !== undefined ? null : values

/** They tell how long something has been healthy, which is more at every look, also after the gate has passed. */
const growing: readonly string[] = ['upstream.soaking', 'upstream.soaked']

export const versionMarker = (version: string): string => `<!-- sluice:version:${version} -->`

/** What a person reads on a pull request: where it stands, what changes in the cluster, each gate, and the next command. */
export function pullReport(facts: ReportFacts): string {
  const parts = [standingWords(facts), takenWords(facts), rollbackWords(facts), gateSections(facts)]
  const head = parts.filter((part) => part !== '').join('\n\n')
  const tail = `\n\n---\n${footer(facts)}`
  const room = longestBody - head.length - tail.length
  return `${head}\n\n${differences(facts.pull.changes, room)}${tail}\n${versionMarker(reportVersion(facts))}`.trim()
}

/** Who merged it, as far as the history tells: what neither tells is not guessed. */
export type Merger = 'sluice' | 'another' | 'unknown'

/** Over what stood in a pull request that was merged, and whose report does not tell so. */
export const lateReport = (body: string, by: Merger): string =>
  `${mergedWord}${mergerWords[by]} This is how it stood before:\n\n${cutAt(body, longestBody)}`

const mergerWords: Readonly<Record<Merger, string>> = {
  sluice: '. Sluice was interrupted before it could tell so here.',
  another: ' by somebody else than Sluice, around its gates; what follows from that is told in the notice below.',
  unknown: '.',
}

/** What does not pass comes first; of hundreds of slots some are only counted. */
function gateSections({ judgements, misnamed }: ReportFacts): string {
  const sections: string[] = []
  let left = longestBody / 2
  for (const judgement of judgements.toSorted((a, b) => Number(isPassed(a)) - Number(isPassed(b)))) {
    const section = gateSection(judgement, misnamed.get(judgement.change.slot))
    left -= section.length
    if (left < 0) break
    sections.push(section)
  }
  const rest = judgements.length - sections.length
  return [...sections, ...(rest === 0 ? [] : [`${rest} more are judged, and not shown here for want of room.`])].join(
    '\n\n',
  )
}

function standingWords({ standing, nextCommand }: ReportFacts): string {
  const next = nextCommand === null ? '' : ` Next: ${inline(nextCommand)}.`
  switch (standing.is) {
    case 'clear':
      return '**Touches no environment.** Sluice has nothing to judge here.'
    case 'conflict':
      return `**Conflicts with the default branch** in ${standing.paths
        .slice(0, 10)
        .map((path) => inline(path))
        .join(', ')}. It is judged once the conflict is resolved.`
    case 'broken-config':
      return `**Its manifests do not parse**, so the merge would leave the environments without rules.\n\n${fenced('', cutAt(standing.diagnostics, longestBody / 2))}`
    case 'ungoverned':
      return `**The manifests of the default branch do not parse**, and never did, so nobody knows what this touches. A pull request that mends them passes by the rules that it brings.\n\n${fenced('', cutAt(standing.diagnostics, longestBody / 2))}`
    case 'gated':
      return gatedWords(standing.open, next)
    case 'twin':
      return `**Waits.** #${standing.of} has the same head commit and does not pass; a verdict of a commit holds for both.`
    case 'needs-order':
      return `**Every gate passes.** Waits for ${standing.who} to say ${inline('/sluice merge')}; Sluice then merges it at once.`
    case 'limited':
      return `**Every gate passes.** Waits for its turn: ${quotedText(standing.detail)}.`
    case 'outdated':
      return `**Outdated**: ${quotedText(standing.because)}. Sluice makes it anew, or closes it.`
    case 'closing':
      return `**Sluice closes this**: ${quotedText(standing.because)}.`
    case 'look-again':
    case 'ready':
      return '**Every gate passes.** Sluice is about to merge it.'
    case 'merged':
      return `${mergedWord} by Sluice: every gate passed.`
  }
}

/** Nobody looks for it elsewhere: why nothing is promoted there. */
function takenWords({ pull: { pull } }: ReportFacts): string {
  if (!takesOurBranch(pull)) return ''
  return `**Open from a branch of Sluice's**, ${inline(pull.headBranch)}. While it is, Sluice commits nothing to that branch and can open nothing of its own from there: close this pull request, or merge it, and Sluice goes on.`
}

/** The first question of whoever finds it in the morning. The commit stands outside of code, where GitHub links it. */
function rollbackWords({ pull: { intent }, because }: ReportFacts): string {
  if (intent?.kind !== 'rollback') return ''
  const what =
    intent.takesBack === null ? 'Goes back to an older release' : `Takes back what ${short(intent.takesBack)} brought`
  if (because === null) return `${what}.`
  const { environment } = partsOfSlot(because.slot)
  return `${what}. ${inline(releaseName(intent.replaces))} was quarantined in ${inline(environment)} at ${clock(because.at)}: ${quotedText(because.why)}`
}

function gatedWords(open: readonly Verdict[], next: string): string {
  const failed = open.filter((verdict) => verdict.is === 'fail')
  const names = (verdicts: readonly Verdict[]): string =>
    [...new Set(verdicts.map((verdict) => inline(verdict.gate)))].join(', ')
  if (failed.length > 0) return `**Refused** by ${names(failed)}.${next}`
  const who = [...new Set(open.flatMap((verdict) => verdict.who))].slice(0, 6)
  const unblock = who.length === 0 ? '' : ` Can be unblocked by ${who.map((one) => inline(one)).join(', ')}.`
  return `**Waits** for ${names(open)}.${unblock}${next}`
}

const marks = { pass: '✅', wait: '⏳', fail: '❌' } as const

function gateSection({ change, verdicts }: Judgement, misnamed: string | undefined): string {
  const { application, environment } = partsOfSlot(change.slot)
  const title =
    application === '*'
      ? `### ${inline(environment)}: what decides about it`
      : `### ${inline(application)} in ${inline(environment)}`
  const rows = verdicts.map((verdict) => [
    `${marks[verdict.is]} ${inline(verdict.gate)}`,
    `${quotedText(shortDigests(sentenceOf(verdict)))} (${inline(verdict.reason)})`,
    verdict.who.map((one) => inline(one)).join(', '),
    verdict.nextLook === undefined ? '' : clock(verdict.nextLook),
  ])
  return [
    title,
    releaseLine(change),
    movedTagWords(change),
    guardLine(change),
    misnamed === undefined ? '' : `It is guarded because of its name: ${quotedText(misnamedWords(misnamed))}.`,
    tableOfWhatIsThere(['gate', 'verdict', 'who can unblock it', 'next look'], rows),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** `2026-11-20 23:43:18 UTC` */
function releaseLine(change: Change): string {
  if (change.guardPaths.length > 0) return ''
  const before = releaseWords(change.replaces)
  const after = releaseWords(change.release)
  return before === after ? `Release ${after}, unchanged.` : `Release ${before} → ${after}.`
}

function releaseWords(release: OverlayRelease): string {
  switch (release.is) {
    case 'pinned':
      return release.release.alias === undefined
        ? inline(short(release.release.id))
        : `${inline(releaseName(release.release))} (${inline(short(release.release.id))})`
    case 'unpinned':
      return `by tag, ${release.images.map((image) => inline(image.name)).join(', ')}`
    case 'absent':
      return 'nothing'
    case 'unreadable':
      return `unreadable (${inline(release.problem.reason)})`
  }
}

const guardLine = (change: Change): string =>
  change.guardPaths.length === 0
    ? ''
    : `Changes what decides about this environment: ${change.guardPaths
        .slice(0, 10)
        .map((path) => inline(path))
        .join(', ')}.`

function differences(changes: readonly Change[], room: number): string {
  const rendered = changes.filter((change) => change.guardPaths.length === 0)
  const each = Math.max(500, Math.floor(room / Math.max(1, rendered.length)) - 300)
  const shown: string[] = []
  let left = room - 200
  for (const change of rendered) {
    const text = difference(change, each)
    left -= text.length + 2
    if (left < 0) break
    shown.push(text)
  }
  const rest = rendered.length - shown.length
  return [...shown, ...(rest === 0 ? [] : [`What changes in ${rest} more is not shown here for want of room.`])].join(
    '\n\n',
  )
}

function difference({ slot, difference: found }: Change, room: number): string {
  if (found.is === 'unsupported') {
    const { reason, file, line, detail } = found.problem
    return `**${inline(slot)} cannot be rendered** (${inline(reason)}): ${inline(`${file}${line === undefined ? '' : `:${line}`}`)}: ${quotedText(detail)}`
  }
  if (found.changed.length === 0) return `${inline(slot)}: no rendered object changes.`
  const described = cutAt(differenceText(found.changed, room), room)
  const name = slot.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
  const summary = `What changes in the cluster: <code>${name}</code>, ${found.changed.length} object${found.changed.length === 1 ? '' : 's'}`
  return details(summary, fenced('diff', described))
}

function footer({ pull, nextCommand }: ReportFacts): string {
  const command = nextCommand === null ? '' : `Next: ${inline(nextCommand)} · `
  return `${command}Judged for ${inline(short(pull.pull.head))} · ${inline('/sluice explain')} says more, ${inline('/sluice help')} lists what you can say`
}
