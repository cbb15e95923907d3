import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HealthSettings, Sighting } from '../../../src/domain/health.ts'
import { toInstant } from '../../../src/domain/ids.ts'
import type { HealthTrack } from '../../../src/promotion/observe/track-health.ts'
import { foldHealth, type Look } from './fold-health.ts'
import { commitsIn, ownWordsIn, recordedFiles, recordingOf, stories } from './recorded-stories.ts'
import { replay } from './replay.ts'

/**
 * Rounds come when they come: of what the real controllers wrote they miss one state and meet another three times. Whichever they
 * meet, the health that they make of it must be one that these looks bear out.
 */
/** Milliseconds from each look to the next. */
const gaps = fc.array(fc.oneof(fc.integer({ max: 300, min: 0 }), fc.integer({ max: 9_000, min: 0 })), {
  maxLength: 60,
  minLength: 1,
})
const patience: fc.Arbitrary<HealthSettings> = fc.record({
  settle: fc.constantFrom(0, 1_000, 5_000),
  confirm: fc.constantFrom(2_000, 5_000, 20_000),
  deadline: fc.constant(120_000),
  watch: fc.constant(1_800_000),
})

/** What these looks see: the state that holds at their time. The last two see the last one, for as long as it takes to settle. */
function looksAt(states: readonly Look[], between: readonly number[]): readonly Look[] {
  const begins = states[0]?.at ?? 0
  const ends = states.at(-1)?.at ?? 0
  let time: number = begins
  const times = between.map((gap) => (time += gap))
  return [...times.filter((look) => look < ends), ends, ends + 5_000].flatMap((look) => {
    const state = states.findLast(({ at }) => at <= look)
    return state === undefined ? [] : [{ at: toInstant(look), sighting: state.sighting }]
  })
}

const revisionOf = (sighting: Sighting): string | undefined =>
  sighting.is === 'unknown' ? undefined : sighting.revision

describe.each(recordedFiles)('of %s, whichever states are missed and seen again,', async (file) => {
  const recording = recordingOf(file)
  const states = await replay(recording)
  const revisions = commitsIn(recording)
  const words = ownWordsIn(recording)
  const made = new Map(revisions.map((revision, index) => [revision, stories[file]?.commits[index]]))
  const everyFold = (claim: (folded: Folded) => void) =>
    fc.assert(
      fc.property(gaps, patience, (between, settings) => {
        const looks = looksAt(states, between)
        for (const revision of revisions)
          claim({ looks, revision, settings, tracks: foldHealth(looks, [revision], settings) })
      }),
    )

  test('no commit is called failed that no controller called so, and none at once, for each may heal', () => {
    everyFold(({ looks, revision, settings, tracks }) => {
      for (const [index, { health }] of tracks.entries()) {
        if (health.is !== 'failed') continue
        const since = looks.filter(({ at }, one) => at >= health.since && one <= index)
        expect(since.map(({ sighting }) => isWellAt(sighting, revision))).not.toContain(true)
        const failing = since.flatMap(({ at, sighting }) => {
          const word = failureIn(sighting)
          return word?.revision === revision ? [at] : []
        })
        const span = (failing.at(-1) ?? 0) - (failing[0] ?? 0)
        expect(failing.length > 1 && span >= settings.confirm).toBe(true)
      }
    })
  })

  test('a bad commit is never called healthy, and a good one never failed', () => {
    everyFold(({ revision, tracks }) => {
      const wrong = made.get(revision) === 'good' ? 'failed' : 'healthy'
      expect(tracks.map(({ health }) => health.is)).not.toContain(wrong)
    })
  })

  test('no health is credited but where the last that the controllers called well is this commit', () => {
    everyFold(({ revision, tracks }) => {
      for (const { healthy } of tracks)
        if (healthy !== null)
          expect(words.findLast(({ at, well }) => at <= healthy.until && well !== undefined)?.well).toBe(revision)
    })
  })

  test('one is called healthy for no longer than it was seen so, and nothing worse than a short check between', () => {
    everyFold(({ looks, revision, settings, tracks }) => {
      for (const [index, { health }] of tracks.entries()) {
        if (health.is !== 'healthy') continue
        const since = looks.filter(({ at }, one) => at >= health.since && one <= index)
        expect(since.filter(({ sighting }) => !isWellOrChecked(sighting, revision))).toEqual([])
        expect(longestWithout(since, revision)).toBeLessThan(settings.confirm)
      }
    })
  })

  test('one that is well at last, by the word of its controllers, is healthy once it has settled', () => {
    const last = words.at(-1)?.well
    everyFold(({ revision, tracks }) => {
      if (last === revision) expect(tracks.at(-1)?.health.is).toBe('healthy')
    })
  })
})

interface Folded {
  readonly looks: readonly Look[]
  readonly revision: string
  readonly settings: HealthSettings
  readonly tracks: readonly HealthTrack[]
}

const isWellAt = (sighting: Sighting, revision: string): boolean =>
  sighting.is === 'healthy' && sighting.revision === revision

/** Its own, or that of the attempt before the one that it speaks of. */
function failureIn(sighting: Sighting): Extract<Sighting, { is: 'failed' }> | undefined {
  if (sighting.is === 'failed') return sighting
  const after = sighting.is === 'progressing' ? sighting.attempt?.after : undefined
  return after?.is === 'failed' ? after : undefined
}

const isWellOrChecked = (sighting: Sighting, revision: string): boolean =>
  revisionOf(sighting) === revision &&
  (sighting.is === 'healthy' || (sighting.is === 'progressing' && sighting.isCrashing !== true))

/** From the first look that did not see it well to the last before the next that did. */
function longestWithout(looks: readonly Look[], revision: string): number {
  let [from, longest]: [number | undefined, number] = [undefined, 0]
  for (const { at, sighting } of looks) {
    from = isWellAt(sighting, revision) ? undefined : (from ?? at)
    longest = Math.max(longest, from === undefined ? 0 : at - from)
  }
  return longest
}
