import { type DirectiveOf, ofKind, ofSlot } from '../../domain/directive.ts'
import { type Instant, type ReleaseId, type SlotKey, slotKey } from '../../domain/ids.ts'
import { includes, isEmpty, pinnedIn, type Release } from '../../domain/release.ts'
import { isShunned } from '../../state/in-force.ts'
import type { Wish } from '../derive.ts'
import type { Slot, Snapshot } from '../snapshot.ts'
import { unreadWords } from '../unread-words.ts'
import {
  type Here,
  type Line,
  mayStillSoak,
  newerThan,
  type SeenUpstream,
  seenUpstream,
  wasTakenBack,
} from './ran-upstream.ts'
import { soakOf } from './soak.ts'
import { nothing, orders, releaseOf, type Slice, type Wanted } from './wanted.ts'
import { ranIn } from './witness.ts'

/** The release that somebody ordered, for as long as it has not got there, and can. */
export function bringOrdered(slice: Slice): Wanted | undefined {
  const order = orders(slice).find((one) => one.does === 'promote')
  if (order === undefined || isHopeless(slice, order)) return undefined
  const sources = sourcesOf(slice)
  const known = ranUpstream(sources, order.release)
  if (known === undefined || isThere(slice, known)) return undefined
  return promotion(slice, sources, known, order)
}

/** An order that no gate would let through any more must not stand in the way of what comes after it. */
export const isHopeless = (slice: Slice, order: DirectiveOf<'order'>): boolean =>
  order.does === 'promote' && !mayStillCome(slice, order.release, order.at)

export const hopelessOrders = (snapshot: Snapshot): readonly DirectiveOf<'order'>[] =>
  ofKind(snapshot.state.folded.directives, 'order').filter((order) => {
    const slot = snapshot.slots.get(order.slot)
    const environment = snapshot.config.checked.environments.get(slot?.environment ?? '')
    if (slot === undefined || environment === undefined) return false
    const slice = { snapshot, slot, environment }
    return orders(slice).includes(order) && isHopeless(slice, order)
  })

/** Whether a release, ordered or open, can still pass: it soaked upstream, or may yet, and did not fail there since then. */
export function mayStillCome(slice: Slice, id: ReleaseId, since: Instant | null): boolean {
  const sources = sourcesOf(slice)
  const release = ranUpstream(sources, id)
  if (release === undefined) return true
  const soak = soakOf(slice.snapshot.config.checked, slice.slot)
  return sources.every(({ slot, line }) =>
    mayStillSoak({ line, current: pinnedIn(slot?.release) }, release, { soak, since }),
  )
}

const ranUpstream = (sources: readonly Source[], id: ReleaseId): Release | undefined =>
  sources.flatMap(({ line }) => line).find((ran) => ran.release.id === id)?.release

/**
 * The newest release that soaked in every environment upstream, also where one of them is ahead of it. Where none did, the
 * newest that came to all of them, else to any, whose pull request waits for the rest in the open.
 */
export function bringFromUpstream(slice: Slice): Wanted {
  const sources = sourcesOf(slice)
  const running = releaseOf(slice.slot)
  if (sources.every(({ slot }) => slot === undefined)) return nothing('upstream.absent')
  if (running === undefined) return nothing('slot.unreadable')
  const lines = sources.map(({ line }) => line)
  const soak = soakOf(slice.snapshot.config.checked, slice.slot)
  const here = hereIn(slice, running)
  const newer = newerThan(here, lines)
    .filter(({ id }) => !isBaseline(slice, sources, id))
    .map((release) => ({
      ...{ release, takenBackIn: takenBackIn(slice, sources, release, here) },
      ...seenUpstream(lines, release, soak),
    }))
  const allowed = newer.filter(
    (one) => !one.hasFailed && one.takenBackIn === undefined && !isRefused(slice, one.release.id),
  )
  const best =
    allowed.findLast((one) => one.isEverywhere && one.healthy >= soak) ??
    allowed.findLast((one) => one.isEverywhere && runsIn(sources, one.release.id)) ??
    allowed.findLast((one) => runsIn(sources, one.release.id))
  return best === undefined ? nothingNewer(slice, sources, newer) : promotion(slice, sources, best.release, null)
}

const emptyWords = (slots: readonly Slot[]): string =>
  `${slots.map(({ key }) => key).join(' and ')} ${slots.length === 1 ? 'holds' : 'hold'} nothing that is promoted`

function hereIn({ snapshot, slot: { key } }: Slice, running: Release): Here {
  const record = snapshot.records.find((one) => one.slot === key)
  const brought = record?.release.id === running.id ? record.mergedAt : undefined
  return { running, brought, here: () => ranIn(snapshot, key) }
}

/** An environment that the slot promotes from: what it holds now, where it holds the application, and all that it ran. */
interface Source {
  readonly key: SlotKey
  readonly slot: Slot | undefined
  readonly line: Line
}

type Newer = SeenUpstream & { readonly release: Release; readonly takenBackIn: SlotKey | undefined }

function nothingNewer(slice: Slice, sources: readonly Source[], newer: readonly Newer[]): Wanted {
  const slots = sources.flatMap(({ slot }) => slot ?? [])
  const current = slots.flatMap((slot) => releaseOf(slot) ?? [])
  const isSeen = ({ id }: Release) => sources.some(({ line }) => line.some((one) => one.release.id === id))
  const isOfBefore = ({ id }: Release) => isBaseline(slice, sources, id)
  const unread = slots.flatMap(({ key, release, unmatched: problem }) => {
    if (release.is !== 'pinned') return [`${key}: ${unreadWords(release)}`]
    return problem === undefined ? [] : [`${key}: ${unreadWords({ is: 'unreadable', problem })}`]
  })
  if (unread.length > 0) return nothing('upstream.unreadable', unread.join('; '))
  if (current.every(isEmpty)) return nothing('release.empty', emptyWords(slots))
  if (current.every((release) => isThere(slice, release))) return nothing('upstream.same')
  if (current.some((release) => !isSeen(release) && !isOfBefore(release))) return nothing('upstream.unseen')
  const last = newer.findLast(({ release }) => runsIn(sources, release.id)) ?? newer.at(-1)
  if (last === undefined) return nothing(current.some(isOfBefore) ? 'upstream.baseline' : 'upstream.older')
  if (last.hasFailed) return nothing('upstream.unhealthy', healthDetail(slots))
  if (isQuarantined(slice, last.release.id)) return nothing('release.quarantined')
  if (isDeclined(slice, last.release.id)) return nothing('release.declined')
  if (last.takenBackIn !== undefined) return nothing('release.taken-back', last.takenBackIn)
  return nothing('upstream.unhealthy', healthDetail(slots))
}

const healthDetail = (slots: readonly Slot[]): string =>
  slots
    .map((slot) => `${slot.key} is ${slot.health.is}${'detail' in slot.health ? `, ${slot.health.detail}` : ''}`)
    .join('; ')

/** Where people went back from it: upstream, or here, unless they lifted its quarantine since. */
function takenBackIn(
  { snapshot: { state }, slot }: Slice,
  sources: readonly Source[],
  release: Release,
  { running, here }: Here,
): SlotKey | undefined {
  const source = sources.find(({ slot: one, line }) => wasTakenBack(line, pinnedIn(one?.release), release))
  if (source !== undefined) return source.key
  // Named as it stood here, where the overlay holds more than the release brings.
  const names = here().flatMap((ran) => (includes(ran.release, release) ? [ran.release.id] : []))
  const lifted = names.flatMap((id) => state.folded.unquarantined.get(`${slot.key} ${id}`) ?? [])
  return wasTakenBack(here(), running, release, Math.max(...lifted)) ? slot.key : undefined
}

/** Bringing it would change nothing here. */
function isThere({ slot }: Slice, release: Release): boolean {
  const running = releaseOf(slot)
  return running !== undefined && includes(running, release)
}

const runsIn = (sources: readonly Source[], release: ReleaseId): boolean =>
  sources.some(({ slot }) => slot !== undefined && releaseOf(slot)?.id === release)

const isRefused = (slice: Slice, release: ReleaseId): boolean =>
  isQuarantined(slice, release) || isDeclined(slice, release)

/** Here, or in an environment that it would come from. */
const isQuarantined = ({ snapshot, slot, environment }: Slice, release: ReleaseId): boolean => {
  const keys = [slot.key, ...environment.promotesFrom.map((name) => slotKey(slot.application, name))]
  return keys.some((key) => isShunned(snapshot.state.folded, key, release))
}

const isDeclined = ({ snapshot, slot }: Slice, release: ReleaseId): boolean =>
  ofSlot(snapshot.state.folded.directives, 'decline', slot.key).some((one) => one.release === release)

/** What one environment held from the beginning may come to another later on, and is new then. */
function isBaseline({ slot }: Slice, sources: readonly Source[], release: ReleaseId): boolean {
  const had = sources.filter(
    (source) => runsIn([source], release) || source.line.some((ran) => ran.release.id === release),
  )
  return had.length > 0 && had.every((source) => source.slot?.baselines.get(slot.environment) === release)
}

const sourcesOf = ({ snapshot, slot, environment }: Slice): readonly Source[] =>
  environment.promotesFrom.map((name) => {
    const key = slotKey(slot.application, name)
    return { key, slot: snapshot.slots.get(key), line: ranIn(snapshot, key) }
  })

function promotion(
  { slot }: Slice,
  sources: readonly Source[],
  release: Release,
  ordered: DirectiveOf<'order'> | null,
): Wanted {
  const source = sources.find((one) => runsIn([one], release.id))
  const wish: Wish = { is: 'bring', slot: slot.key, release, from: source?.slot?.overlay ?? null }
  return { is: 'promotion', release, ordered, wish }
}
