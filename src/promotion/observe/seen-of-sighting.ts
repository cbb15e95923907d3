import type { Sighting } from '../../domain/health.ts'
import type { Digest } from '../../domain/ids.ts'
import type { Seen } from './track-health.ts'

/** What an overlay held at a revision; null where nothing was there, unknown where the repository does not hold that one. */
export type ContentThere = Digest | null | 'unknown'

/** What one look at the delivery object of this name says of the inputs, given what the revision of the sighting held. */
export function seenOfSighting(
  name: string,
  sighting: Sighting,
  { inputs, content }: { readonly inputs: Digest; readonly content: ContentThere },
): Seen {
  if (sighting.is === 'unknown' || sighting.revision === undefined) return withoutRevision(sighting)
  if (content === 'unknown') {
    const detail = `${name} is at ${sighting.revision.slice(0, 12)}, which this repository does not hold`
    return { is: 'unknown', reason: 'delivery.unknown-revision', detail }
  }
  return content === inputs ? ofThisContent(sighting) : ofAnother(name, sighting)
}

function withoutRevision(sighting: Sighting): Seen {
  switch (sighting.is) {
    case 'unknown':
    case 'waiting':
      return { is: sighting.is, reason: sighting.reason, detail: sighting.detail }
    default:
      if (sighting.halted !== undefined) return { is: 'behind', ...sighting.halted, isHalted: true }
      return {
        is: 'behind',
        reason: 'delivery.no-revision',
        detail: 'the controller has not acted on any revision yet',
      }
  }
}

function ofAnother(name: string, sighting: Exclude<Sighting, { is: 'unknown' }>): Seen {
  if (sighting.is === 'waiting') return { is: 'waiting', reason: sighting.reason, detail: sighting.detail }
  if (sighting.halted !== undefined) return { is: 'behind', ...sighting.halted, isHalted: true }
  return { is: 'behind', reason: 'delivery.behind', detail: `${name} has not applied this content yet` }
}

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
      const { reason, detail, isRepeated, objects, isCrashing, infrastructure } = sighting
      return {
        is: 'progressing',
        reason,
        detail,
        ...(isRepeated === undefined ? {} : { isRepeated }),
        ...(objects === undefined ? {} : { objects }),
        ...(isCrashing === undefined ? {} : { isCrashing }),
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
