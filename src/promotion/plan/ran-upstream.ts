import type { Instant, ReleaseId } from '../../domain/ids.ts'
import { includes, overwrittenParts, partsOf, type Release, type ReleasePart } from '../../domain/release.ts'
import { healthyFor, type Ran } from './witness.ts'

/** What one environment ran, oldest release first. */
export type Line = readonly Ran[]

/**
 * What came upstream after what runs here did, oldest first by when the last environment had it: after it in every environment
 * that had both, and by the clock where none had: after Sluice brought it here, if it did. Where environments had the two in
 * different orders, or this slot itself had the other before, nobody can tell that bringing it is a step forward: a person
 * orders it.
 */
export function newerThan({ running, brought, here }: Here, lines: readonly Line[]): readonly Release[] {
  const places = lines.map((line) => placeOfRunning(line, running))
  const had = lines.flatMap((line, at) => line[places[at] ?? -1]?.first ?? [])
  // It may have come by another path than the manifests describe now, on which all that is upstream is older (I12).
  const last = had.length > 0 ? Math.max(...had) : (brought ?? Number.NEGATIVE_INFINITY)
  const after = lines.flatMap((line, at) => {
    const place = places[at]
    return place === undefined ? line.filter(({ first }) => first > last) : line.slice(place + 1)
  })
  if (after.length === 0) return []
  const isAfter = (release: Release) =>
    lines.every(
      (line, at) => (placeIn(line, release, overwrittenParts(running, release)) ?? Infinity) > (places[at] ?? -1),
    )
  const line = here()
  return eachOnce(after).filter((release) => isAfter(release) && !wasBefore(line, release, running))
}

/** The slot that it is to come to. */
export interface Here {
  readonly running: Release
  /** When the newest merge of ours brought what runs here; undefined where none did. */
  readonly brought: Instant | undefined
  /** All that it ran, asked for only where it decides. */
  readonly here: () => Line
}

/** Only what was here by its own name counts as what runs here: an edit of one part makes another release of the slot. */
function wasBefore(here: Line, release: Release, running: Release): boolean {
  const since = indexIn(here, ({ id }) => id === running.id) ?? -1
  const overwritten = overwrittenParts(running, release)
  // What only adds to what runs here was here before as a whole, or never.
  const place = overwritten.length === 0 ? placeHeld(here, release) : placeIn(here, release, overwritten)
  return (place ?? Infinity) < since
}

function eachOnce(ran: Line): readonly Release[] {
  const once = new Map<ReleaseId, Ran>()
  for (const one of ran) {
    const known = once.get(one.release.id)
    if (known === undefined || known.first < one.first) once.set(one.release.id, one)
  }
  return [...once.values()].toSorted((a, b) => a.first - b.first).map(({ release }) => release)
}

/** Overlays differ in shape, one having an image more than another: what runs here is the last of which it holds all. */
const placeOfRunning = (line: Line, running: Release): number | undefined =>
  lastIn(line, (one) => includes(running, one)) ?? indexIn(line, (one) => includes(one, running))

/**
 * When an environment had a release: when it held all of it, else the last of which the release holds all. That one must say
 * something of what the release would overwrite, if it overwrites anything: what an overlay held before it got its entry for
 * an image is part of every release of that image, and tells of none whether it was there.
 */
const placeIn = (line: Line, release: Release, overwritten: readonly ReleasePart[]): number | undefined =>
  placeHeld(line, release) ??
  lastIn(line, (one) => includes(release, one) && (overwritten.length === 0 || namesAny(one, overwritten)))

function namesAny(release: Release, parts: readonly ReleasePart[]): boolean {
  const names = new Set(partsOf(release).map(({ part }) => part))
  return parts.some(({ part }) => names.has(part))
}

/** By its name, else the first that held all of it. */
const placeHeld = (line: Line, release: Release): number | undefined =>
  indexIn(line, ({ id }) => id === release.id) ?? indexIn(line, (one) => includes(one, release))

const indexIn = (line: Line, isIt: (release: Release) => boolean) => found(line.findIndex((ran) => isIt(ran.release)))
const lastIn = (line: Line, isIt: (release: Release) => boolean) =>
  found(line.findLastIndex((ran) => isIt(ran.release)))
const found = (at: number): number | undefined => (at === -1 ? undefined : at)

/**
 * Whether an environment had a release and went back from it to one that it had before: by a revert of people, by an edit or
 * by an order. Nothing brings it on by itself then, unless somebody lifted its quarantine after it was last seen there.
 */
export function wasTakenBack(
  line: Line,
  current: Release | undefined,
  release: Release,
  lifted = Number.NEGATIVE_INFINITY,
): boolean {
  if (current === undefined || includes(current, release)) return false
  const at = placeHeld(line, release)
  const ran = line[at ?? -1]
  if (at === undefined || ran === undefined || lifted >= lastSeen(ran)) return false
  return line.slice(0, at).some((one) => one.release.id === current.id || lastSeen(one) > lastSeen(ran))
}

const lastSeen = ({ first, healthy, failedAt }: Ran): number =>
  Math.max(first, failedAt ?? first, ...healthy.map(({ until }) => until))

/**
 * Whether a release may still soak in an environment, where it has not: it runs there now, or has yet to come there. What
 * failed there before `since` counts as mended.
 */
export function mayStillSoak(
  { line, current }: { readonly line: Line; readonly current: Release | undefined },
  release: Release,
  { soak, since }: { readonly soak: number; readonly since: Instant | null },
): boolean {
  const failedAt = line.find((one) => one.release.id === release.id)?.failedAt ?? null
  if (failedAt !== null && (since === null || failedAt > since)) return false
  const seen = seenIn(line, release, soak)
  return seen === undefined || seen.healthy >= soak || (current !== undefined && includes(current, release))
}

/** How a release stands in all the environments that it has to come through. */
export interface SeenUpstream {
  /** Whether each of them has had it. */
  readonly isEverywhere: boolean
  /** Milliseconds for which each of them has seen it healthy, at the least. */
  readonly healthy: number
  /** Whether any of them saw it fail, and not well since. */
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
  const holders = line.filter((one) => includes(one.release, release))
  if (holders.length === 0) return undefined
  // As the gate counts: another release that holds it may have failed for what else it holds.
  const well = holders.filter(({ failedAt }) => failedAt === null)
  const healthy = healthyFor({ healthy: well.flatMap((one) => one.healthy) })
  return { healthy, hasFailed: well.length < holders.length && healthy < soak }
}
