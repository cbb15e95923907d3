import type { HealthSettings, Sighting } from '../../../src/domain/health.ts'
import { type Instant, type Sha, toDigest } from '../../../src/domain/ids.ts'
import { revisionsOf, seenOfSighting } from '../../../src/promotion/observe/seen-of-sighting.ts'
import { type HealthTrack, trackHealth } from '../../../src/promotion/observe/track-health.ts'

/** What Sluice saw at one time. */
export interface Look {
  readonly at: Instant
  readonly sighting: Sighting
}

/** A content, by the revisions that hold it; every other revision holds another one. */
export type Content = readonly string[]

/** Of an environment that says nothing else. */
export const defaultHealth: HealthSettings = { settle: 30_000, confirm: 120_000, deadline: 900_000, watch: 1_800_000 }

/** After each look what Sluice makes of the health of a content, as its rounds do: one track, taken further by every look. */
export function foldHealth(looks: readonly Look[], content: Content, settings: HealthSettings): readonly HealthTrack[] {
  const tracks: HealthTrack[] = []
  for (const { at, sighting } of looks) {
    const there = (revision: Sha) => (content.includes(revision) ? wanted : another)
    const contents = new Map(revisionsOf(sighting).map((revision) => [revision, there(revision)]))
    const seen = seenOfSighting('it', sighting, { inputs: wanted, contents })
    tracks.push(trackHealth(tracks.at(-1), wanted, seen, settings, at))
  }
  return tracks
}

const wanted = toDigest(`sha256:${'1'.repeat(64)}`)
const another = toDigest(`sha256:${'2'.repeat(64)}`)
