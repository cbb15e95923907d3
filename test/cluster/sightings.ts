import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import type { Sighting } from '../../src/domain/health.ts'
import { toInstant } from '../../src/domain/ids.ts'
import type { Look } from '../adapters/delivery/fold-health.ts'

export interface Seen {
  readonly atMs: number
  readonly sighting: Sighting
}

export interface Sightings {
  /** What was seen so far, without repetitions. */
  all(): readonly Seen[]
  /** How many there are so far: where a story begins. */
  mark(): number
  /** Waits until one is as wanted, counted from `from` on; rejects with everything that was seen instead. */
  until(wanted: object, options?: { readonly from?: number; readonly withinMs?: number }): Promise<Seen>
  /** Every look, also where it saw what the one before saw. */
  looks(): readonly Look[]
  /** Those that speak of a commit, in whatever field. */
  naming(commit: string): readonly Sighting[]
  /** Asserts that none since `from` was of these kinds. */
  never(kinds: readonly Sighting['is'][], from?: number): void
  stop(): Promise<void>
}

const betweenLooks = 250

/** Looks again and again, as Sluice's rounds do, and keeps what differs from the look before. */
export function watchSightings(look: () => Promise<Sighting>): Sightings {
  const seen: Seen[] = []
  const looks: Look[] = []
  const stopping = new AbortController()
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      const sighting = await look()
      looks.push({ at: toInstant(Date.now()), sighting })
      if (!isDeepStrictEqual(seen.at(-1)?.sighting, sighting)) seen.push({ atMs: performance.now(), sighting })
      await pause(betweenLooks)
    }
  })()
  return {
    all: () => [...seen],
    mark: () => seen.length,
    looks: () => [...looks],
    naming: (commit) => seen.map(({ sighting }) => sighting).filter((sighting) => text(sighting).includes(commit)),
    until: async (wanted, { from = 0, withinMs = 90_000 } = {}) => {
      const deadline = performance.now() + withinMs
      for (;;) {
        const found = seen.slice(Math.max(0, from)).find(({ sighting }) => isLike(sighting, wanted))
        if (found !== undefined) return found
        if (performance.now() > deadline)
          throw new Error(`never seen: ${text(wanted)}; seen:\n${seen.slice(from).map(line).join('\n')}`)
        await pause(100)
      }
    },
    never: (kinds, from = 0) =>
      expect(seen.slice(from).filter(({ sighting }) => kinds.includes(sighting.is))).toEqual([]),
    stop: async () => {
      stopping.abort()
      await watching
    },
  }
}

function isLike(sighting: Sighting, wanted: object): boolean {
  try {
    expect(sighting).toMatchObject(wanted)
    return true
  } catch {
    return false // only asked whether it is
  }
}

const text = (value: object): string => JSON.stringify(value)
const line = ({ atMs, sighting }: Seen): string => `${(atMs / 1000).toFixed(1)} ${text(sighting)}`
