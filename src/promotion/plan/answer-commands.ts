import { lockHolders } from '../../commands/lock-holders.ts'
import { isRefusal } from '../../commands/parse-command.ts'
import { refusalText } from '../../commands/refusals.ts'
import { mayRun, noFacts, type RightsFacts, rightText } from '../../commands/rights.ts'
import type { Command, CommandOf, Question } from '../../domain/command.ts'
import { isEdited } from '../../ports/forge/comments.ts'
import { commandId, type StateEvent, type StateEventOf, takenCommand } from '../../state/events.ts'
import type { Gathered } from '../gathered.ts'
import { groupsIn, mergeFacts, rollbackFacts } from '../rights-facts.ts'
import type { Asked, Snapshot } from '../snapshot.ts'
import { answerAll, manualGates } from './manual-gates.ts'
import { isUnresolved, resolvers, slotsMeant, type Unresolved } from './resolve-commands.ts'

/** What becomes of one comment: events for what is taken, one reply for what is refused or asked. */
export interface Answer {
  readonly asked: Asked
  readonly events: readonly StateEvent[]
  readonly refusal: string | null
  readonly questions: readonly Question[]
}

/** Commands in order, stopping at the first refusal. Rights are judged by what the forge said in this round. */
export function answerCommands(snapshot: Snapshot, gathered: Gathered): readonly Answer[] {
  return snapshot.asked.map((asked) => answer(snapshot, gathered, asked))
}

function answer(snapshot: Snapshot, gathered: Gathered, asked: Asked): Answer {
  const events: StateEvent[] = []
  const questions: Question[] = []
  for (const [index, line] of asked.lines.entries()) {
    // Taken by a process that ended before it could reply to the lines that follow.
    if (!isEdited(asked.comment) && snapshot.state.folded.recorded.has(commandId(asked.comment.id, index))) continue
    const settled = settle(snapshot, gathered, asked, line, index)
    if (settled.is === 'refused') return { asked, events, questions, refusal: settled.text }
    if (settled.is === 'taken') events.push(settled.event)
    else questions.push(settled.question)
  }
  return { asked, events, questions, refusal: null }
}

type Settled =
  | { readonly is: 'refused'; readonly text: string }
  | { readonly is: 'taken'; readonly event: StateEvent }
  | { readonly is: 'asked'; readonly question: Question }

function settle(
  snapshot: Snapshot,
  gathered: Gathered,
  asked: Asked,
  line: Asked['lines'][number],
  index: number,
): Settled {
  if (isRefusal(line)) return { is: 'refused', text: refusalText(line) }
  const asker = gathered.askers.get(asked.comment.id)
  if (asker === undefined) return { is: 'refused', text: unknownAsker }
  const right = mayRun(line, asker, rightsFacts(snapshot, asked, line))
  if (!right.may) return { is: 'refused', text: rightText(right) }
  if (isQuestion(line)) return { is: 'asked', question: line }
  if (snapshot.state.trusted !== true) {
    return { is: 'refused', text: `${snapshot.state.trusted.untrusted} (\`state.untrusted\`)` }
  }
  const event = take(snapshot, asked, line, index)
  return 'is' in event ? { is: 'refused', text: event.text } : { is: 'taken', event }
}

const unknownAsker = 'The forge did not tell who asks, so nothing is allowed. Try again. (`rights.role-unknown`)'

const isQuestion = (command: Command): command is Question =>
  command.verb === 'diff' || command.verb === 'status' || command.verb === 'explain' || command.verb === 'help'

type Order = Exclude<Command, Question>

/** The one generic that the table of resolvers needs. */
function takeVerb<V extends Order['verb']>(
  snapshot: Snapshot,
  asked: Asked,
  command: CommandOf<V> & { readonly verb: V },
  index: number,
): StateEventOf<'command'> | Unresolved {
  const resolved = resolvers[command.verb]({ snapshot, asked }, command)
  if (isUnresolved(resolved)) return resolved
  const { comment } = asked
  const by = { id: comment.by.id, login: comment.by.login }
  return takenCommand(command, { by, pull: comment.pull, comment: comment.id, index, at: comment.createdAt }, resolved)
}

const take = (snapshot: Snapshot, asked: Asked, command: Order, index: number): StateEventOf<'command'> | Unresolved =>
  takeVerb(snapshot, asked, command, index)

/** The groups whose membership the forge is asked for before these commands are judged. */
export function groupsNamed(snapshot: Snapshot, asked: Asked): readonly string[] {
  const groups = asked.lines.flatMap((line) => {
    if (isRefusal(line)) return []
    const facts = rightsFacts(snapshot, asked, line)
    return groupsIn(facts)
  })
  return [...new Set(groups)]
}

export function rightsFacts(snapshot: Snapshot, asked: Asked, command: Command): RightsFacts {
  const { checked } = snapshot.config
  const pull = snapshot.pulls.find((one) => one.pull.number === asked.pull?.number)
  const facts = { ...noFacts, bots: checked.repository.bots }
  switch (command.verb) {
    case 'rollback': {
      const slots = slotsMeant({ snapshot, asked }, command).map((slot) => slot.key)
      return rollbackFacts(checked, command.environment, slots)
    }
    case 'merge':
      return mergeFacts(checked, pull?.takesBack ?? null)
    case 'lock':
    case 'unlock':
      return { ...facts, lockHolders: lockHolders(command, snapshot.state.folded.directives) }
    case 'gate':
      return {
        ...facts,
        gateFrom: pull === undefined ? [] : answerAll(manualGates(snapshot, pull, command.gate)),
      }
    default:
      return facts
  }
}
