import { ofKind } from '../../domain/directive.ts'
import { isEdited } from '../../ports/forge/comments.ts'
import { takesOurBranch } from '../branches.ts'
import type { Considered } from '../considered.ts'
import type { Effect, Outcome } from '../effects.ts'
import { urgency } from '../effects.ts'
import { forgeRefused } from '../forge-refusal.ts'
import type { Plan } from '../plan/plan.ts'
import type { Standing } from '../plan/standing.ts'
import type { Pull, Snapshot } from '../snapshot.ts'
import { alreadySent } from './already-sent.ts'
import { checkFor } from './check-text.ts'
import { notices } from './notices.ts'
import {
  lateReport,
  type Merger,
  pullReport,
  type ReportFacts,
  reportFacts,
  reportVersion,
  versionMarker,
} from './pull-report.ts'
import { answerText } from './replies.ts'

/** Where our comment on other people's pull requests is found again. It counts only in comments of our App. */
export const reportMarker = '<!-- sluice:report -->'
export const replyMarker = (comment: number): string => `<!-- sluice:reply:${comment} -->`
const editedMarker = (comment: number): string => `<!-- sluice:edited:${comment} -->`

/** What people are told of a round: replies, what needs them, bodies, checks, one comment each. Compares nothing: it only words. */
export function report(considered: Considered, plan: Plan, outcomes: readonly Outcome[]): readonly Effect[] {
  const told = considered.snapshot.pulls.flatMap((pull) => pullEffects(considered, plan, outcomes, pull))
  // Who asked is answered first: a round does only so much, and a command that was taken is not asked again.
  const needed = notices(considered.snapshot, plan.notTakenBack)
  const sent = alreadySent(considered.snapshot)
  return [...answerEffects(considered, plan, outcomes), ...sent, ...needed, ...told, ...lateReports(considered)]
}

const lateReports = ({ snapshot }: Considered): readonly Effect[] =>
  snapshot.untold.map(({ number, body }) => ({
    kind: 'update-pull',
    urgency: urgency.tell,
    pull: number,
    body: lateReport(body, mergerOf(snapshot, number)),
  }))

function mergerOf({ records, audit, state }: Snapshot, number: number): Merger {
  if (records.some(({ pull }) => pull === number)) return 'sluice'
  const ungated = [...audit.ungated, ...ofKind(state.folded.directives, 'ungated')]
  return ungated.some(({ pull }) => pull === number) ? 'another' : 'unknown'
}

function pullEffects(considered: Considered, plan: Plan, outcomes: readonly Outcome[], pull: Pull): readonly Effect[] {
  const standing = standingAfter(plan, outcomes, pull)
  if (standing === undefined) return []
  const facts = reportFacts(considered, pull, standing)
  const check = checkFor(standing, isOwn(pull) ? ownSummary : pullReport(facts))
  const isShown =
    !speaksForHead(considered, plan, pull) ||
    standing.is === 'merged' ||
    (pull.check?.is === check.is && pull.check.title === check.title)
  const shown: readonly Effect[] = isShown
    ? []
    : [{ kind: 'show-check', urgency: urgency.tell, head: pull.pull.head, ...check }]
  return [...shown, ...textEffects(facts)]
}

/** One commit has one check: of several pull requests with this head, the one that is furthest from passing words it (T62). */
function speaksForHead({ snapshot }: Considered, { standings }: Plan, { pull }: Pull): boolean {
  const twins = snapshot.pulls.filter((one) => one.pull.head === pull.head)
  const rank = (one: Pull) => checkFor(standings.get(one.pull.number) ?? { is: 'clear' }, '').is
  const order = ['failed', 'waiting', 'success']
  const isTwin = (one: Pull) => Number(standings.get(one.pull.number)?.is === 'twin')
  const [first] = twins.toSorted(
    (a, b) => order.indexOf(rank(a)) - order.indexOf(rank(b)) || isTwin(a) - isTwin(b) || a.pull.number - b.pull.number,
  )
  return first === undefined || first.pull.number === pull.number
}

const ownSummary = 'The report is the description of the pull request.'

/** Ours stays ours when somebody pushes onto it: what its body said before would stand above what is so now (T10). */
const isOwn = ({ intent, outdated, foreignCommit }: Pull): boolean =>
  intent !== null || outdated !== null || foreignCommit !== null

/** Our own pull requests carry the report as their body, others as one comment. */
function textEffects(facts: ReportFacts): readonly Effect[] {
  const { number, body } = facts.pull.pull
  const version = reportVersion(facts)
  if (!isOwn(facts.pull)) {
    // What concerns no environment, as far as anybody knows, gets its check and is otherwise left in peace.
    const concernsNone = facts.standing.is === 'clear' || facts.standing.is === 'ungoverned'
    if (concernsNone && !takesOurBranch(facts.pull.pull)) return []
    const text = pullReport(facts)
    return [{ kind: 'comment', urgency: urgency.tell, pull: number, marker: reportMarker, text, version }]
  }
  if (body.includes(versionMarker(version))) return []
  return [{ kind: 'update-pull', urgency: urgency.tell, pull: number, body: pullReport(facts) }]
}

/**
 * How a pull request stands once the round's effects are done. Undefined where there is nothing to tell yet: it was moved
 * and is judged anew, or it merges in the next moment.
 */
function standingAfter(plan: Plan, outcomes: readonly Outcome[], pull: Pull): Standing | undefined {
  const { number } = pull.pull
  if (outcomes.some(({ effect }) => effect.kind === 'open-pull' && effect.moves === number)) return undefined
  if (outcomes.some(({ effect, is }) => effect.kind === 'merge-pull' && effect.pull === number && is === 'done')) {
    return { is: 'merged' }
  }
  const standing = refusedBy(outcomes, pull) ?? plan.standings.get(number)
  const isAboutToMerge = standing?.is === 'ready' || standing?.is === 'look-again'
  return isAboutToMerge && pull.check !== undefined ? undefined : standing
}

/** What the forge itself would not merge waits for the forge, and says so. */
function refusedBy(outcomes: readonly Outcome[], { pull }: Pull): Standing | undefined {
  const refused = outcomes.find(
    ({ effect, is }) => effect.kind === 'merge-pull' && effect.pull === pull.number && is === 'refused',
  )
  return refused === undefined
    ? undefined
    : { is: 'limited', by: 'forge', detail: `${forgeRefused}: ${refused.why ?? 'no reason given'}` }
}

function answerEffects(considered: Considered, plan: Plan, outcomes: readonly Outcome[]): readonly Effect[] {
  const isWritten = outcomes.every(
    ({ effect, is }) => effect.kind !== 'write-state' || is === 'done' || is === 'already-so',
  )
  return plan.answers.flatMap((answer): readonly Effect[] => {
    const { comment } = answer.asked
    // Not on record means not taken: the comment is read again by the next round.
    if (answer.events.length > 0 && !isWritten) return []
    const text = answerText(considered, plan, answer)
    const reaction = answer.refusal !== null ? 'confused' : answer.events.length > 0 ? 'rocket' : '+1'
    const told: Effect[] = [{ kind: 'react', urgency: urgency.tell, comment: comment.id, reaction }]
    if (text !== null) {
      told.unshift({
        kind: 'comment',
        urgency: urgency.tell,
        pull: comment.pull,
        marker: isEdited(comment) ? editedMarker(comment.id) : replyMarker(comment.id),
        text,
        version: '',
      })
    }
    return told
  })
}
