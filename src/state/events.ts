import { z } from 'zod'
import type { CommandOf } from '../domain/command.ts'
import { digestOfValue } from '../domain/hash.ts'
import { type OrderVerb, type Resolutions, takenOf, takenSchema } from './taken.ts'
import { by, count, digest, instant, name, part, parts, releaseId, sha, slot, text } from './words.ts'

const base = { v: z.literal(1), id: z.string(), at: instant }

export const eventSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...base,
    kind: z.literal('command'),
    by,
    pull: count,
    comment: count,
    /** Of the command within its comment, from 0. */
    index: count.max(4),
    taken: takenSchema,
  }),
  z.strictObject({
    ...base,
    kind: z.literal('witness'),
    slot,
    release: releaseId,
    parts,
    inputs: digest,
    is: z.enum(['healthy', 'failed']),
    /** When the stretch began that `at` ends: seen so from the first look to the last. */
    from: instant,
    /** What people call the release: the tags beside its digests. */
    alias: text.exactOptional(),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('quarantine'),
    slot,
    release: releaseId,
    /** The release that was to be brought there; absent where no promotion of ours brought one. */
    brings: releaseId.exactOptional(),
    parts: z.array(part),
    /** Who took it back by a revert of their own; absent where Sluice found that it failed. */
    by: by.exactOptional(),
    why: text,
    evidence: z.array(text),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('ungated'),
    commit: sha,
    slots: z.array(slot),
    /** The pull request that it merged, where one is known. */
    pull: count.exactOptional(),
    why: text,
  }),
  z.strictObject({ ...base, kind: z.literal('audited'), commit: sha }),
  z.strictObject({ ...base, kind: z.literal('closed'), pull: count, because: text }),
  z.strictObject({ ...base, kind: z.literal('decline'), slot, release: releaseId, pull: count, by }),
  z.strictObject({
    ...base,
    kind: z.literal('reverted'),
    slot,
    release: releaseId,
    pull: count,
    automatic: z.boolean(),
  }),
  /** Somebody let the forge merge it as soon as nothing blocks it: an order to merge that head. */
  z.strictObject({ ...base, kind: z.literal('auto-merge'), by, pull: count, head: sha }),
  z.strictObject({ ...base, kind: z.literal('breaker'), environment: name, why: text }),
  z.strictObject({ ...base, kind: z.literal('notified'), key: text }),
  z.strictObject({
    ...base,
    kind: z.literal('repair'),
    /** The head that an operator read and accepted; null where the branch was gone. */
    accepts: sha.nullable(),
    /** The state that is lost, as the newest promotion names it; null where nothing is. */
    inPlaceOf: sha.nullable(),
    why: text,
  }),
  z.strictObject({ ...base, kind: z.literal('genesis'), base: sha }),
])

/** One immutable file of the state branch. No event says "done": what is still true is what they fold to. */
export type StateEvent = z.infer<typeof eventSchema>
export type StateEventKind = StateEvent['kind']
export type StateEventOf<K extends StateEventKind> = Extract<StateEvent, { kind: K }>

type Unnamed<E> = E extends StateEvent ? Omit<E, 'v' | 'id'> : never
export type NewEvent = Unnamed<StateEvent>

/** Names an event by what it says, so that writing it again changes nothing. */
export const stateEvent = <E extends NewEvent>(event: E): E & { readonly v: 1; readonly id: string } => ({
  v: 1,
  id: idOf(event),
  ...event,
})

/** A command as it is taken: by its comment's id, with what it meant at that time. `at` is when the comment was written. */
export const takenCommand = <V extends OrderVerb>(
  command: CommandOf<V> & { readonly verb: V },
  comment: Omit<NewEventOf<'command'>, 'kind' | 'taken'>,
  resolved: Resolutions[V],
): StateEventOf<'command'> =>
  stateEvent({ kind: 'command', ...comment, taken: takenOf(command.verb, command, resolved, comment) })

type NewEventOf<K extends StateEventKind> = Extract<NewEvent, { kind: K }>

/** The id of the event of one line of a comment. */
export const commandId = (comment: number, index: number): string => `command-${comment}-${index}`

export const idOf = (event: NewEvent): string => {
  const names: readonly unknown[] = namesOf(event)
  return [event.kind, ...names].join('-')
}

/** What makes two events of a kind the same one. Names of people's making are hashed: ids are file names. */
function namesOf(event: NewEvent): readonly (string | number)[] {
  switch (event.kind) {
    case 'command':
      return [event.comment, event.index]
    case 'witness':
      return [hashed(event.slot, event.release, event.inputs, event.is), event.from, event.at]
    case 'quarantine':
      return [hashed(event.slot, event.release), event.at]
    case 'ungated':
      return [event.commit.slice(0, 12), hashed(event.commit, ...event.slots)]
    case 'audited':
      return [event.commit, event.at]
    case 'closed':
      return [event.pull]
    case 'decline':
    case 'reverted':
      return [event.pull, hashed(event.slot, event.release)]
    case 'auto-merge':
      return [event.pull, event.head.slice(0, 12), event.by.id]
    case 'breaker':
      return [hashed(event.environment), event.at]
    case 'notified':
      return [hashed(event.key)]
    case 'repair':
      return [event.at]
    case 'genesis':
      return [event.base]
  }
}

const hashed = (...values: readonly string[]): string =>
  digestOfValue(values).slice('sha256:'.length, 'sha256:'.length + 16)
