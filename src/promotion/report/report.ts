import type { Considered } from '../considered.ts'
import type { Effect, Outcome } from '../effects.ts'
import { urgency } from '../effects.ts'
import type { Plan } from '../plan/plan.ts'
import type { Standing } from '../plan/standing.ts'
import type { Pull } from '../snapshot.ts'
import { checkFor } from './check-text.ts'
import { nextCommand } from './next-command.ts'
import { pullReport, reportVersion, versionMarker } from './pull-report.ts'
import { answerText } from './replies.ts'

/** Where our comment on other people's pull requests is found again. It counts only in comments of our App. */
export const reportMarker = '<!-- sluice:report -->'
export const replyMarker = (comment: number): string => `<!-- sluice:reply:${comment} -->`

/** What people are told of a round: bodies, checks, one comment each, replies. Compares nothing: it only words. */
export function report(considered: Considered, plan: Plan, outcomes: readonly Outcome[]): readonly Effect[] {
  const merged = new Set(
    outcomes.flatMap(({ effect, is }) => (effect.kind === 'merge-pull' && is === 'done' ? [effect.pull] : [])),
  )
  const moved = new Set(
    outcomes.flatMap(({ effect }) => (effect.kind === 'open-pull' && effect.moves !== null ? [effect.moves] : [])),
  )
  const told = considered.snapshot.pulls
    .filter((pull) => !merged.has(pull.pull.number) && !moved.has(pull.pull.number))
    .flatMap((pull) => pullEffects(considered, plan, outcomes, pull))
  return [...told, ...answerEffects(considered, plan, outcomes)]
}

function pullEffects(considered: Considered, plan: Plan, outcomes: readonly Outcome[], pull: Pull): readonly Effect[] {
  const standing = refusedBy(outcomes, pull) ?? plan.standings.get(pull.pull.number)
  if (standing === undefined) return []
  const judgements = considered.judgements.get(pull.pull.number) ?? []
  const facts = { pull, standing, judgements, nextCommand: nextCommand(standing, pull) }
  const text = pullReport(facts)
  const version = reportVersion(facts)
  const isOwn = pull.intent !== null
  const check = checkFor(standing, isOwn ? 'The report is the description of the pull request.' : text)
  const effects: Effect[] = []
  if (pull.check?.is !== check.is || pull.check.title !== check.title) {
    effects.push({ kind: 'show-check', urgency: urgency.tell, head: pull.pull.head, ...check })
  }
  if (isOwn && !pull.pull.body.includes(versionMarker(version)))
    effects.push({ kind: 'update-pull', urgency: urgency.tell, pull: pull.pull.number, body: text })
  // A pull request that concerns no environment gets its check and is otherwise left in peace.
  if (!isOwn && standing.is !== 'clear') {
    effects.push({
      kind: 'comment',
      urgency: urgency.tell,
      pull: pull.pull.number,
      marker: reportMarker,
      text,
      version,
    })
  }
  return effects
}

/** What the forge itself would not merge waits for the forge, and says so. */
function refusedBy(outcomes: readonly Outcome[], { pull }: Pull): Standing | undefined {
  const refused = outcomes.find(
    ({ effect, is }) => effect.kind === 'merge-pull' && effect.pull === pull.number && is === 'refused',
  )
  return refused === undefined
    ? undefined
    : { is: 'limited', by: 'forge', detail: `the forge refused the merge: ${refused.why ?? 'no reason given'}` }
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
        marker: replyMarker(comment.id),
        text,
        version: '',
      })
    }
    return told
  })
}
