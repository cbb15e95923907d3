import { type DirectiveOf, ofSlot } from '../../domain/directive.ts'
import { type ReleaseId, slotKey } from '../../domain/ids.ts'
import type { Release } from '../../domain/release.ts'
import { isShunned } from '../../state/in-force.ts'
import type { Wish } from '../derive.ts'
import type { Slot } from '../snapshot.ts'
import { soakOf } from './soak.ts'
import { nothing, orders, releaseOf, type Slice, type Wanted } from './wanted.ts'
import { healthyFor, type Ran, ranIn } from './witness.ts'

/** The release that somebody ordered, for as long as it has not got there. */
export function bringOrdered(slice: Slice): Wanted | undefined {
  const order = orders(slice).find((one) => one.does === 'promote')
  if (order === undefined || releaseOf(slice.slot)?.id === order.release) return undefined
  const known = upstreamRuns(slice).find((ran) => ran.release.id === order.release)
  if (known === undefined) return undefined
  return promotion(slice, known.release, order)
}

/** The newest release that soaked upstream; where none did, the newest that runs there, whose pull request waits for it. */
export function bringFromUpstream(slice: Slice): Wanted {
  const { slot } = slice
  const sources = sourcesOf(slice)
  if (sources.length === 0) return nothing('upstream.absent')
  const running = releaseOf(slot)
  const ran = upstreamRuns(slice)
  const isHere = (release: ReleaseId) => release === running?.id
  const atOrBefore = ran.findIndex((one) => isHere(one.release.id))
  const newer = ran.slice(atOrBefore + 1).filter((one) => !isBaseline(slice, sources, one.release.id))
  const soak = soakOf(slice.snapshot.config.checked, slot)
  const best =
    newer.findLast((one) => healthyFor(one) >= soak && isAllowed(slice, one)) ??
    newer.findLast((one) => isAllowed(slice, one) && runsIn(sources, one))
  if (best !== undefined) return promotion(slice, best.release, null)
  const isSeen = (release: Release) => ran.some((one) => one.release.id === release.id)
  return whyNothing(slice, sources, { newer, isSeen })
}

interface RanUpstream {
  readonly newer: readonly Ran[]
  readonly isSeen: (release: Release) => boolean
}

function whyNothing(slice: Slice, sources: readonly Slot[], { newer, isSeen }: RanUpstream): Wanted {
  const last = newer.at(-1)
  const current = sources.flatMap((source) => releaseOf(source) ?? [])
  const isOfBefore = (release: Release) => isBaseline(slice, sources, release.id)
  if (current.some((release) => release.id === releaseOf(slice.slot)?.id)) return nothing('upstream.same')
  if (current.some((release) => !isSeen(release) && !isOfBefore(release))) return nothing('upstream.unseen')
  if (last === undefined) return nothing(current.some(isOfBefore) ? 'upstream.baseline' : 'upstream.older')
  if (last.failedAt !== null) return nothing('upstream.unhealthy', healthDetail(sources))
  if (isQuarantined(slice, last.release.id)) return nothing('release.quarantined')
  if (isDeclined(slice, last.release.id)) return nothing('release.declined')
  return nothing('upstream.unhealthy', healthDetail(sources))
}

const healthDetail = (sources: readonly Slot[]): string =>
  sources
    .map(
      (source) => `${source.key} is ${source.health.is}${'detail' in source.health ? `, ${source.health.detail}` : ''}`,
    )
    .join('; ')

const runsIn = (sources: readonly Slot[], ran: Ran): boolean =>
  sources.some((source) => releaseOf(source)?.id === ran.release.id)

/** A failure upstream stops a release for good there; a later stretch of health needs an order of a person. */
const isAllowed = (slice: Slice, ran: Ran): boolean =>
  ran.failedAt === null && !isQuarantined(slice, ran.release.id) && !isDeclined(slice, ran.release.id)

/** Here, or in an environment that it would come from. */
const isQuarantined = ({ snapshot, slot, environment }: Slice, release: ReleaseId): boolean => {
  const keys = [slot.key, ...environment.promotesFrom.map((name) => slotKey(slot.application, name))]
  return keys.some((key) => isShunned(snapshot.state.folded, key, release))
}

const isDeclined = ({ snapshot, slot }: Slice, release: ReleaseId): boolean =>
  ofSlot(snapshot.state.folded.directives, 'decline', slot.key).some((one) => one.release === release)

const isBaseline = ({ slot }: Slice, sources: readonly Slot[], release: ReleaseId): boolean =>
  sources.some((source) => source.baselines.get(slot.environment) === release)

function upstreamRuns({ snapshot, slot, environment }: Slice): readonly Ran[] {
  return environment.promotesFrom
    .flatMap((name) => ranIn(snapshot, slotKey(slot.application, name)))
    .toSorted((a, b) => a.first - b.first)
}

function promotion(slice: Slice, release: Release, ordered: DirectiveOf<'order'> | null): Wanted {
  const source = sourcesOf(slice).find((one) => releaseOf(one)?.id === release.id)
  const wish: Wish = { is: 'bring', slot: slice.slot.key, release, from: source?.overlay ?? null }
  return { is: 'promotion', release, ordered, wish }
}

const sourcesOf = ({ snapshot, slot, environment }: Slice): readonly Slot[] =>
  environment.promotesFrom.flatMap((name) => snapshot.slots.get(slotKey(slot.application, name)) ?? [])
