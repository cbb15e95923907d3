import { createHash } from 'node:crypto'
import type { CommandOf } from '../../src/domain/command.ts'
import { digestOf } from '../../src/domain/hash.ts'
import {
  type Digest,
  type Instant,
  type ReleaseId,
  type Sha,
  type SlotKey,
  toInstant,
  toSha,
} from '../../src/domain/ids.ts'
import type { ReleaseParts } from '../../src/domain/release.ts'
import { releaseOf } from '../../src/domain/release.ts'
import { type NewEvent, type StateEvent, type StateEventOf, stateEvent, takenCommand } from '../../src/state/events.ts'
import type { OrderVerb, Resolutions } from '../../src/state/taken.ts'

/** Small valid things to tell stories of the state branch with. */
export const at = (minutes: number): Instant => toInstant(Date.UTC(2026, 0, 2) + minutes * 60_000)
export const aSha = (name: string): Sha => toSha(createHash('sha1').update(name).digest('hex'))
export const aDigest = (name: string): Digest => digestOf(name)
export const api: SlotKey = 'api/production'

export const partsNamed = (name: string): ReleaseParts => ({
  images: { 'ghcr.io/acme/api': aDigest(name) },
  trees: {},
  files: {},
  fields: {},
})
export const aRelease = (name: string): ReleaseId => releaseOf(partsNamed(name)).id

let newest = 0

/** A command of ann (7) unless another is named, each in a comment of its own. */
export function taken<V extends OrderVerb>(
  minutes: number,
  command: CommandOf<V> & { readonly verb: V },
  resolved: Resolutions[V],
  more: { readonly by?: number; readonly comment?: number; readonly index?: number } = {},
): StateEvent {
  newest += 1
  const id = more.by ?? 7
  return takenCommand(
    command,
    {
      at: at(minutes),
      by: { id, login: `person-${id}` },
      pull: 12,
      comment: more.comment ?? newest,
      index: more.index ?? 0,
    },
    resolved,
  )
}

/** A stretch of health, or of failure, that was seen from one look to another. */
export const witness = (
  from: number,
  until: number,
  release: string,
  is: 'healthy' | 'failed' = 'healthy',
  inputs: string = release,
): StateEventOf<'witness'> =>
  stateEvent({
    kind: 'witness',
    at: at(until),
    from: at(from),
    slot: api,
    release: aRelease(release),
    parts: partsNamed(release),
    inputs: aDigest(inputs),
    is,
  })

export const event = (of: NewEvent): StateEvent => stateEvent(of)
