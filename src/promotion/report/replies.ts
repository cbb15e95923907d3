import { helpText } from '../../commands/help-text.ts'
import type { CommandOf, Question } from '../../domain/command.ts'
import type { Health } from '../../domain/health.ts'
import { short } from '../../domain/ids.ts'
import type { Considered } from '../considered.ts'
import type { Answer } from '../plan/answer-commands.ts'
import { whyNotTakenBack } from '../plan/not-taken-back.ts'
import type { Plan } from '../plan/plan.ts'
import type { Standing } from '../plan/standing.ts'
import { nothingReasons, type Wanted } from '../plan/wanted.ts'
import type { Slot } from '../snapshot.ts'
import { checkFor } from './check-text.ts'
import { clock } from './clock.ts'
import { differenceText } from './difference-text.ts'
import { cutAt, fenced, inline, quotedText, table } from './markdown.ts'
import { releaseName } from './messages.ts'
import { pullReport, reportFacts } from './pull-report.ts'

/** GitHub refuses comments over 65,536 characters. */
const longestReply = 60_000

/** One reply a comment: what was refused, and the answers to what was asked; null where there is nothing to say. */
export function answerText(considered: Considered, plan: Plan, answer: Answer): string | null {
  const answers = answer.questions.map((question) => reply(considered, plan, answer, question))
  const parts = [...answers, ...(answer.refusal === null ? [] : [`**Not done.** ${answer.refusal}`])]
  return parts.length === 0 ? null : cutAt(parts.join('\n\n'), longestReply)
}

function reply(considered: Considered, plan: Plan, answer: Answer, question: Question): string {
  switch (question.verb) {
    case 'help':
      return help(considered, question)
    case 'status':
      return status(considered, plan, question)
    case 'explain':
      return explain(considered, plan, answer, question)
    case 'diff':
      return diff(considered, answer)
  }
}

function help({ snapshot: { config } }: Considered, { about }: CommandOf<'help'>): string {
  const { environments, repository } = config.checked
  return helpText({
    about,
    shortVerbs: repository.shortCommands,
    rollbackBy: [...environments.values()].map(({ name, rollback }) => ({ environment: name, by: rollback.by })),
    bots: repository.bots,
  })
}

const headings = ['application', 'environment', 'release', 'health', 'next']

function status(considered: Considered, plan: Plan, { environment }: CommandOf<'status'>): string {
  const slots = [...considered.snapshot.slots.values()].filter(
    (slot) => environment === null || slot.environment === environment,
  )
  const rows = slots
    .slice(0, 100)
    .map((slot) => [
      inline(slot.application),
      inline(slot.environment),
      releaseOf(slot),
      healthWords(slot.health),
      wantedWords(plan.wanted.get(slot.key)),
    ])
  const more = slots.length > 100 ? `\n\n${slots.length - 100} more are not shown; name an environment.` : ''
  const shown = rows.length === 0 ? 'No overlay is there.' : table(headings, rows)
  return `${shown}${more}${directives(considered)}`
}

function explain(considered: Considered, plan: Plan, answer: Answer, command: CommandOf<'explain'>): string {
  const pull = considered.snapshot.pulls.find((one) => one.pull.number === answer.asked.comment.pull)
  const standing = pull === undefined ? undefined : plan.standings.get(pull.pull.number)
  if (pull !== undefined && standing !== undefined && command.environment === null) {
    return pullReport(reportFacts(considered, pull, standing))
  }
  const slots = [...considered.snapshot.slots.values()].filter(
    (slot) =>
      (command.environment === null || slot.environment === command.environment) &&
      (command.application === null || slot.application === command.application),
  )
  if (slots.length === 0) return 'No overlay of it is there.'
  const more =
    slots.length > 40 ? [`${slots.length - 40} more are not shown; name an environment or an application.`] : []
  return [...slots.slice(0, 40).map((slot) => explainSlot(considered, plan, slot)), ...more].join('\n\n')
}

/** Everything that is known of why a slot is as it is, in sentences. */
export function explainSlot({ snapshot, gathered }: Considered, plan: Plan, slot: Slot): string {
  const open = snapshot.pulls.filter((pull) => pull.changes.some((change) => change.slot === slot.key))
  const proposal = gathered.proposals.get(slot.key)
  const problem =
    proposal?.is === 'problem'
      ? [`It cannot be written: ${quotedText(proposal.problem.detail)} (${inline(proposal.problem.reason)}).`]
      : []
  const failure = plan.notTakenBack.find((one) => one.slot.key === slot.key)
  return [
    `**${inline(slot.application)} in ${inline(slot.environment)}** runs ${releaseOf(slot)}; ${healthWords(slot.health)}.`,
    `- Next: ${wantedWords(plan.wanted.get(slot.key))}`,
    ...problem.map((line) => `- ${line}`),
    ...(failure === undefined
      ? []
      : [`- Not taken back by itself (${inline(failure.reason)}): ${whyNotTakenBack(failure, quotedText)}`]),
    ...open.map((pull) => `- Open: #${pull.pull.number}, ${standingTitle(plan.standings.get(pull.pull.number))}`),
  ].join('\n')
}

const standingTitle = (standing: Standing | undefined): string =>
  standing === undefined ? 'not judged yet' : quotedText(checkFor(standing, '').title)

const releaseOf = ({ release }: Slot): string =>
  release.is === 'pinned'
    ? `${inline(releaseName(release.release))} (${inline(short(release.release.id))})`
    : release.is

export function healthWords(health: Health): string {
  const since = 'since' in health ? ` since ${clock(health.since)}` : ''
  const why = 'detail' in health ? `: ${quotedText(health.detail)} (${inline(health.reason)})` : ''
  return `${health.is}${since}${why}`
}

export function wantedWords(wanted: Wanted | undefined): string {
  if (wanted === undefined) return 'nothing'
  if (wanted.is === 'nothing') {
    return `nothing; ${nothingReasons[wanted.reason].replace('{detail}', () => quotedText(wanted.detail))} (${inline(wanted.reason)})`
  }
  return `${wanted.is} of ${inline(releaseName(wanted.release))}`
}

function directives({ snapshot: { state } }: Considered): string {
  const rows = state.folded.directives
    .filter((one) => !['merge', 'answer', 'order'].includes(one.kind))
    .slice(0, 40)
    .map((one) => [
      one.kind,
      'slot' in one ? inline(one.slot) : scopeWords(one),
      one.by === 0 ? 'Sluice' : inline(one.byLogin),
      quotedText(one.why),
    ])
  const trust =
    state.trusted === true ? '' : `\n\n**The state branch is not trusted**: ${quotedText(state.trusted.untrusted)}`
  return rows.length === 0 ? trust : `\n\n${table(['in force', 'where', 'by', 'why'], rows)}${trust}`
}

function scopeWords(directive: object): string {
  if ('scope' in directive)
    return inline(
      typeof directive.scope === 'string' ? directive.scope : Object.values(directive.scope as object).join(' '),
    )
  if ('pull' in directive) return `#${String(directive.pull)}`
  return 'environment' in directive ? inline(String(directive.environment)) : ''
}

function diff({ snapshot }: Considered, answer: Answer): string {
  const pull = snapshot.pulls.find((one) => one.pull.number === answer.asked.comment.pull)
  if (pull === undefined)
    return 'It takes an open pull request to the default branch, and this is none. (`orders.no-pull`)'
  const texts = pull.changes.map((change) =>
    change.difference.is === 'rendered'
      ? `${inline(change.slot)}\n\n${fenced('diff', differenceText(change.difference.changed, 20_000))}`
      : `${inline(change.slot)} cannot be rendered: ${quotedText(change.difference.problem.detail)}`,
  )
  return texts.length === 0 ? 'Nothing that an environment runs changes here.' : texts.join('\n\n').slice(0, 60_000)
}
