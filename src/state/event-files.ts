import type { z } from 'zod'
import { OperatorError } from '../domain/failures.ts'
import type { Instant } from '../domain/ids.ts'
import { eventSchema, idOf, type StateEvent } from './events.ts'
import { inOrder } from './in-order.ts'

/** `events/<yyyy>/<mm>/<dd>/<hh>/<id>.json`: small folders, so that a commit rewrites few bytes of trees. */
export function eventPath(event: { readonly at: Instant; readonly id: string }): string {
  const [date = '', time = ''] = new Date(event.at).toISOString().split('T')
  return `events/${date.replaceAll('-', '/')}/${time.slice(0, 2)}/${event.id}.json`
}

/** Pretty, since people read the branch; what was decoded is encoded to the same bytes. */
export const encodeEvent = (event: StateEvent): string => `${JSON.stringify(eventSchema.parse(event), null, 2)}\n`

/**
 * Reads one file of the state branch. Throws OperatorError `state.event-unreadable`: an event that is not understood may be a
 * freeze, so the state must not be used without it.
 */
export function decodeEvent(content: string, path: string): StateEvent {
  const event = checkEvent(parseJson(content, path), path)
  if (path !== eventPath(event)) throw unreadable(path, `it belongs at ${eventPath(event)}`)
  return event
}

/** Where the one snapshot lies. */
export const snapshotPath = 'snapshot.jsonl'
/** A snapshot is due when so many events lie beside the last one. */
export const eventsPerSnapshot = 10_000

/**
 * The same events in one file, one a line, in one order whatever order they came in. A fold over `decodeSnapshot` of it and the
 * later events equals the fold over all, since nothing is left out: the commit that adds it may remove their files.
 */
export function snapshotOf(events: Iterable<StateEvent>): string {
  const lines = new Map<string, string>()
  for (const event of inOrder(events)) lines.set(event.id, JSON.stringify(eventSchema.parse(event)))
  return [JSON.stringify({ v: 1, kind: 'snapshot' }), ...lines.values(), ''].join('\n')
}

export function decodeSnapshot(content: string): readonly StateEvent[] {
  const [head = '', ...lines] = content.trimEnd().split('\n')
  if (head !== JSON.stringify({ v: 1, kind: 'snapshot' })) throw unreadable(snapshotPath, 'its first line is not ours')
  return lines.map((line, index) => {
    const where = `${snapshotPath} line ${index + 2}`
    return checkEvent(parseJson(line, where), where)
  })
}

/** One event out of parsed JSON, its id compared with what it says. */
function checkEvent(value: unknown, where: string): StateEvent {
  const checked = eventSchema.safeParse(value)
  if (!checked.success) throw unreadable(where, problemsOf(checked.error))
  const event = checked.data
  if (event.id !== idOf(event)) throw unreadable(where, `it is named ${event.id} and says ${idOf(event)}`)
  return event
}

function parseJson(content: string, where: string): unknown {
  try {
    return JSON.parse(content)
  } catch (cause) {
    throw unreadable(where, 'it is not JSON', cause)
  }
}

const problemsOf = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.length === 0 ? 'the event' : path.join('.')}: ${message}`).join('; ')

const unreadable = (where: string, problem: string, cause?: unknown): OperatorError =>
  new OperatorError(
    'state.event-unreadable',
    `The state branch holds ${where}, which this version cannot read: ${problem}. Was it written by a newer version of Sluice? Run that one, or read the branch and run \`sluice state repair\`.`,
    { cause },
  )
