import type { ReleaseId } from '../../domain/ids.ts'
import { holdsParts, partsOf, type Release } from '../../domain/release.ts'
import { healthyFor, type Ran } from './witness.ts'

/** What one environment ran, oldest release first. */
export type Line = readonly Ran[]

/**
 * What came upstream after what runs here did, oldest first by when the last environment had it: after it in every environment
 * that had both, and by the clock where none had. Where environments had the two in different orders, or this slot itself had
 * the other before, nobody can tell that bringing it is a step forward: a person orders it.
 */
export function newerThan(running: Release, lines: readonly Line[], here: () => Line): readonly Release[] {
  const places = lines.map((line) => placeIn(line, running))
  const last = Math.max(...lines.map((line, at) => line[places[at] ?? -1]?.first ?? Number.NEGATIVE_INFINITY))
  const after = lines.flatMap((line, at) => {
    const place = places[at]
    return place === undefined ? line.filter(({ first }) => first > last) : line.slice(place + 1)
  })
  if (after.length === 0) return []
  const both = [...lines.map((line, at) => ({ line, since: places[at] })), sinceHere(here(), running)]
  return eachOnce(after).filter((release) =>
    both.every(({ line, since }) => since === undefined || (placeIn(line, release) ?? Infinity) > since),
  )
}

function eachOnce(ran: Line): readonly Release[] {
  const found = new Map<ReleaseId, Ran>()
  for (const one of ran) {
    const known = found.get(one.release.id)
    if (known === undefined || known.first < one.first) found.set(one.release.id, one)
  }
  return [...found.values()].toSorted((a, b) => a.first - b.first).map(({ release }) => release)
}

/** Only what was here by its own name counts: an edit of one part makes another release of the slot. */
const sinceHere = (line: Line, running: Release) => ({ line, since: indexIn(line, ({ id }) => id === running.id) })

/**
 * Which of those that an environment ran a release was there. Overlays may differ in shape, one having an image more than
 * another: there it is the first that holds all of this one, else the last of which this one holds all.
 */
function placeIn(line: Line, release: Release): number | undefined {
  const parts = partsOf(release)
  return (
    indexIn(line, ({ id }) => id === release.id) ??
    indexIn(line, (one) => holdsParts(one, parts)) ??
    indexIn(line, (one) => holdsParts(release, partsOf(one)), 'last')
  )
}

function indexIn(line: Line, isIt: (release: Release) => boolean, which: 'first' | 'last' = 'first') {
  const is = (ran: Ran) => isIt(ran.release)
  const at = which === 'first' ? line.findIndex(is) : line.findLastIndex(is)
  return at === -1 ? undefined : at
}

const holdersIn = (line: Line, release: Release): Line => {
  const parts = partsOf(release)
  return line.filter((one) => holdsParts(one.release, parts))
}

/** How a release stands in all the environments that it has to come through. */
export interface SeenUpstream {
  /** Whether each of them has had it. */
  readonly isEverywhere: boolean
  /** Milliseconds for which each of them has seen it healthy, at the least. */
  readonly healthy: number
  /** Whether any of them saw it fail, which stops it for good; a later stretch of health needs an order of a person. */
  readonly hasFailed: boolean
}

export function seenUpstream(lines: readonly Line[], release: Release, soak: number): SeenUpstream {
  const there = lines.map((line) => seenIn(line, release, soak))
  return {
    isEverywhere: there.every((one) => one !== undefined),
    healthy: Math.min(...there.map((one) => one?.healthy ?? 0)),
    hasFailed: there.some((one) => one?.hasFailed === true),
  }
}

function seenIn(line: Line, release: Release, soak: number): Omit<SeenUpstream, 'isEverywhere'> | undefined {
  const same = line.find((one) => one.release.id === release.id)
  if (same !== undefined) return { healthy: healthyFor(same), hasFailed: same.failedAt !== null }
  const holders = holdersIn(line, release)
  if (holders.length === 0) return undefined
  // As the gate counts: another release that holds it may have failed for what else it holds.
  const well = holders.filter(({ failedAt }) => failedAt === null)
  const healthy = healthyFor({ healthy: well.flatMap((one) => one.healthy) })
  return { healthy, hasFailed: well.length < holders.length && healthy < soak }
}
