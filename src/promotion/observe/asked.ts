import { parseCommand } from '../../commands/parse-command.ts'
import { refuse } from '../../commands/refusals.ts'
import { scanCommands } from '../../commands/scan-commands.ts'
import type { CheckedConfig } from '../../config/checked-config.ts'
import { type Instant, toInstant } from '../../domain/ids.ts'
import { type Comment, isEdited } from '../../ports/forge/comments.ts'
import type { Forge } from '../../ports/forge/forge.ts'
import type { PullRequest } from '../../ports/forge/pull-requests.ts'
import { concerns, type Stale } from '../../ports/stale.ts'
import { commandId } from '../../state/events.ts'
import type { Folded } from '../../state/fold.ts'
import type { Asked } from '../snapshot.ts'

export interface CommentFacts {
  readonly asked: readonly Asked[]
  /** Everything before was seen. */
  readonly mark: Instant
  /** When each comment was answered; by its marker, since an edit is answered apart. */
  readonly answered: ReadonlyMap<string, Instant>
}

/** Comments are listed from a little before the mark: two written in one second may come in two looks. */
const overlap = 60_000
/** After a restart: what was refused or asked while the last process ended leaves no trace but that nobody replied. */
const overlapAfterRestart = 24 * 60 * 60_000
const reply = /<!-- (sluice:(?:reply|edited):\d+) -->\s*$/

/**
 * The comments of people with command lines that are neither taken (the event of each line is in the state) nor answered (a reply of
 * ours names them), and those that were edited since. The mark comes from the state, so that a command written while nobody listened is found (T57).
 */
export async function observeAsked(
  forge: Forge,
  context: {
    readonly stale: readonly Stale[]
    readonly at: Instant
    readonly folded: Folded
    readonly since: Instant | null
    readonly config: CheckedConfig
    readonly applications: readonly string[]
    readonly open: readonly PullRequest[]
  },
  previous: CommentFacts | null,
): Promise<CommentFacts> {
  const isDue = previous === null || previous.asked.length > 0 || concerns(context.stale, 'comments')
  if (!isDue) return { ...previous, asked: [] }
  const mark = previous?.mark ?? context.folded.newestComment ?? context.since ?? context.at
  const since = mark - (previous === null ? overlapAfterRestart : overlap)
  const comments = await forge.comments.since(toInstant(Math.max(0, context.since ?? 0, since)))
  const answered = new Map([...(previous?.answered ?? []), ...comments.flatMap(answeredBy)])
  const asked = comments.flatMap((comment) => {
    if (comment.ours || isAnswered(comment, answered)) return []
    const lines = linesOf(comment, context)
    const isTaken = lines.every((_, index) => context.folded.recorded.has(commandId(comment.id, index)))
    return lines.length === 0 || (isTaken && !isEdited(comment))
      ? []
      : [{ comment, lines, pull: context.open.find((pull) => pull.number === comment.pull) ?? null }]
  })
  const newest = Math.max(mark, ...comments.map((comment) => comment.updatedAt))
  // Never past what waits for its answer: newer comments may come before that could be put on record.
  return { asked, answered, mark: toInstant(Math.min(newest, ...asked.map(({ comment }) => comment.updatedAt))) }
}

/** The marker counts only in comments of our own, and at their end: what stands above may quote anything. */
const answeredBy = (comment: Comment): readonly (readonly [string, Instant])[] => {
  const [, marker] = (comment.ours ? reply.exec(comment.body) : null) ?? []
  return marker === undefined ? [] : [[marker, comment.createdAt]]
}

/** Who edits what was taken or answered before is told once that nobody reads it again. */
function isAnswered(comment: Comment, answered: CommentFacts['answered']): boolean {
  const at = answered.get(`sluice:reply:${comment.id}`)
  if (!isEdited(comment)) return at !== undefined
  return answered.has(`sluice:edited:${comment.id}`) || (at !== undefined && at >= comment.updatedAt)
}

function linesOf(
  comment: Comment,
  { config, applications }: { readonly config: CheckedConfig; readonly applications: readonly string[] },
): Asked['lines'] {
  const scanned = scanCommands(comment.body, config.repository.shortCommands)
  if (scanned.length === 0) return []
  // What an edited comment says now is not what people saw when it was written.
  if (isEdited(comment)) return [refuse('commands.edited', scanned[0]?.text ?? '')]
  const environments = [...config.environments.values()]
  // Manual gates are not listed here: a pull request may bring one, which the manifests do not know yet.
  const context = {
    environments: environments.map((one) => one.name),
    applications,
  }
  return scanned.map((line) => parseCommand(line, context))
}
