import type { Attempt, Halt, Sighting } from '../../domain/health.ts'
import type { Digest, Sha } from '../../domain/ids.ts'
import type { Seen } from './track-health.ts'

/** What an overlay held at a revision; null where nothing was there, unknown where the repository does not hold that one. */
export type ContentThere = Digest | null | 'unknown'

/** The revisions of which a sighting speaks. */
export function revisionsOf(sighting: Sighting): readonly Sha[] {
  if (sighting.is === 'unknown') return []
  const attempt = sighting.is === 'progressing' ? sighting.attempt : undefined
  const before = attempt?.after?.is === 'failed' ? attempt.after.revision : undefined
  return [sighting.revision, attempt?.revision, before].filter((revision) => revision !== undefined)
}

/** What one look at the delivery object of this name says of the inputs, given what its revisions held. */
export function seenOfSighting(
  name: string,
  sighting: Sighting,
  { inputs, contents }: { readonly inputs: Digest; readonly contents: ReadonlyMap<Sha, ContentThere> },
): Seen {
  const holds = (revision: Sha): boolean => contents.get(revision) === inputs
  // Null is known as well: nothing was there.
  const isKnown = (revision: Sha): boolean => contents.has(revision) && contents.get(revision) !== 'unknown'
  if (sighting.is === 'progressing' && sighting.attempt !== undefined) {
    const seen = ofAttempt(sighting, sighting.attempt, holds)
    if (seen !== undefined) return seen
    // What runs meanwhile is what it brings, and not what it brought before. Of what nobody knows yet, nobody can tell.
    if (isKnown(sighting.attempt.revision)) return ofAnother(name, sighting)
  }
  if (sighting.is === 'unknown' || sighting.revision === undefined) return withoutRevision(sighting)
  if (!isKnown(sighting.revision)) {
    const detail = `${name} is at ${sighting.revision.slice(0, 12)}, which this repository does not hold`
    return { is: 'unknown', reason: 'delivery.unknown-revision', detail }
  }
  return holds(sighting.revision) ? ofThisContent(sighting) : ofAnother(name, sighting)
}

type Progress = Extract<Sighting, { is: 'progressing' }>

/** Of what the controller is about to bring, where that is this content, or failed with it before. */
function ofAttempt(
  sighting: Progress,
  { revision, after }: Attempt,
  holds: (revision: Sha) => boolean,
): Seen | undefined {
  // A revision of ours that changes nothing here follows one that failed: what failed is what is tried again.
  if (after?.is === 'failed' && holds(after.revision)) return ofThisContent(after)
  if (!holds(revision)) return undefined
  const isNothingNew = after?.is === 'success' && sighting.revision !== undefined && holds(sighting.revision)
  return ofThisContent(isNothingNew ? { ...sighting, isRepeated: true } : sighting)
}

function withoutRevision(sighting: Sighting): Seen {
  switch (sighting.is) {
    case 'unknown':
    case 'waiting':
      return { is: sighting.is, reason: sighting.reason, detail: sighting.detail }
    default:
      if (sighting.halted !== undefined) return whereHalted(sighting.halted)
      return {
        is: 'behind',
        reason: 'delivery.no-revision',
        detail: 'the controller has not acted on any revision yet',
      }
  }
}

function ofAnother(name: string, sighting: Exclude<Sighting, { is: 'unknown' }>): Seen {
  if (sighting.is === 'waiting') return { is: 'waiting', reason: sighting.reason, detail: sighting.detail }
  if (sighting.halted !== undefined) return whereHalted(sighting.halted)
  return { is: 'behind', reason: 'delivery.behind', detail: `${name} has not applied this content yet` }
}

const whereHalted = ({ reason, detail, isForPeople }: Halt): Seen =>
  isForPeople ? { is: 'waiting', reason, detail } : { is: 'behind', reason, detail, isHalted: true }

function ofThisContent(sighting: Exclude<Sighting, { is: 'unknown' }>): Seen {
  switch (sighting.is) {
    case 'healthy':
      return {
        is: 'healthy',
        ...(sighting.restartedAt === undefined ? {} : { restartedAt: sighting.restartedAt }),
      }
    case 'waiting':
      return { is: 'waiting', reason: sighting.reason, detail: sighting.detail }
    case 'progressing': {
      const { reason, detail, isRepeated, objects, isCrashing, isUnseen, infrastructure } = sighting
      return {
        is: 'progressing',
        reason,
        detail,
        ...(isRepeated === undefined ? {} : { isRepeated }),
        ...(objects === undefined ? {} : { objects }),
        ...(isCrashing === undefined ? {} : { isCrashing }),
        ...(isUnseen === undefined ? {} : { isUnseen }),
        ...(infrastructure === undefined ? {} : { infrastructure }),
      }
    }
    case 'failed': {
      const { reason, detail, final, objects, infrastructure } = sighting
      return {
        is: 'failed',
        reason,
        detail,
        final,
        objects,
        ...(infrastructure === undefined ? {} : { infrastructure }),
      }
    }
  }
}
