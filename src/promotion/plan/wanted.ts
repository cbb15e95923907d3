import type { Environment } from '../../config/checked-config.ts'
import { type DirectiveOf, ofKind } from '../../domain/directive.ts'
import { type ReleaseId, type SlotKey, slotKey } from '../../domain/ids.ts'
import { pinnedIn, type Release } from '../../domain/release.ts'
import { breakerOf, quarantineOf } from '../../state/in-force.ts'
import { takeBackOf, type Wish } from '../derive.ts'
import type { PromotionRecord, Slot, Snapshot } from '../snapshot.ts'
import { soakOf } from './soak.ts'
import { healthyFor, type Ran, ranIn } from './witness.ts'

/** What a slot ought to get next, or why nothing. */
export type Wanted =
  | {
      readonly is: 'promotion'
      readonly release: Release
      readonly ordered: DirectiveOf<'order'> | null
      readonly wish: Wish
    }
  | {
      readonly is: 'rollback'
      readonly release: Release
      readonly because: DirectiveOf<'quarantine'>
      readonly takesBack: PromotionRecord | null
      readonly wish: Wish
    }
  | { readonly is: 'nothing'; readonly reason: WantedNothing; readonly detail: string }

export type WantedNothing = keyof typeof nothingReasons
/** Why a slot gets nothing, in the words of `explain`. */
export const nothingReasons = {
  'slot.unreadable': 'its overlay cannot be read: {detail}',
  'state.untrusted': 'the state branch is not trusted: {detail}',
  'rollback.nothing-to-take-back': 'its release is quarantined, and no promotion of ours brought it: {detail}',
  'rollback.once': 'it was taken back once already; no step further back is taken without an order: {detail}',
  'rollback.to-quarantined': 'what was there before is quarantined too: {detail}',
  'history.rewritten':
    'commits that were on record are no longer on the default branch; nothing is computed from lost history: {detail}',
  'config.broken': 'its manifests do not parse on the default branch; promotions wait: {detail}',
  'state.ungated': 'it changed around the gates and waits for `/sluice accept`: {detail}',
  'state.breaker': 'too many reverts; promotions wait for `/sluice resume`: {detail}',
  'slot.first': 'it is the first of its path: releases come by pull requests of people and CI',
  'upstream.absent': 'no environment upstream holds this application',
  'upstream.baseline': 'upstream holds what it held when it came under a manifest; only what comes after is promoted',
  'upstream.same': 'it runs what upstream runs',
  'upstream.older': 'what upstream runs was here before; nothing is taken back by a promotion',
  'upstream.unhealthy': 'the release upstream is not healthy: {detail}',
  'release.quarantined': 'the release upstream is quarantined here',
  'release.declined': 'the release upstream was declined here; `/sluice promote` brings it all the same',
} as const

interface Slice {
  readonly snapshot: Snapshot
  readonly slot: Slot
  readonly environment: Environment
}

/** For every slot, by the first rule of the list that has an answer. */
export function wantedBySlot(snapshot: Snapshot): ReadonlyMap<SlotKey, Wanted> {
  const wanted = new Map<SlotKey, Wanted>()
  for (const slot of snapshot.slots.values()) {
    const environment = snapshot.config.checked.environments.get(slot.environment)
    if (environment !== undefined) wanted.set(slot.key, wantedOf({ snapshot, slot, environment }))
  }
  return wanted
}

type Rule = (slice: Slice) => Wanted | undefined

/** Reverts come before everything that only promotions wait for. */
function wantedOf(slice: Slice): Wanted {
  const hindered = firstOf(hindrances, slice)
  if (hindered !== undefined) return hindered
  const back = takeBackQuarantined(slice)
  if (back?.is === 'rollback' && !isClosedByPerson(slice.snapshot, slice.slot.key, back)) return back
  const forward = firstOf(promotions, slice) ?? nothing('upstream.same')
  // What is not taken back may be mended by a newer release; where there is none, it is why nothing happens.
  return forward.is === 'nothing' ? (back ?? forward) : forward
}

function firstOf(rules: readonly Rule[], slice: Slice): Wanted | undefined {
  for (const rule of rules) {
    const answer = rule(slice)
    if (answer !== undefined) return answer
  }
  return undefined
}

/** The lists are the documentation. */
const hindrances: readonly Rule[] = [waitForTrustedState, waitForWholeHistory, waitForReadableOverlay]
const promotions: readonly Rule[] = [
  bringOrdered,
  leaveFirstEnvironment,
  waitForConfig,
  waitForAcceptance,
  waitForBreaker,
  bringFromUpstream,
]

/** A rollback that somebody closed stays closed: opening it again and again would be an argument with a person. */
export const isClosedByPerson = (
  { closed }: Snapshot,
  slot: SlotKey,
  wish: Extract<Wanted, { is: 'rollback' }>,
): boolean =>
  closed.some(
    ({ intent, pull }) =>
      intent.kind === 'rollback' &&
      intent.slot === slot &&
      intent.release.id === wish.release.id &&
      // Who orders it once more after it was closed wants it all the same; a comment there only updates it.
      wish.because.at <= (pull.closedAt ?? pull.updatedAt),
  )

const nothing = (reason: WantedNothing, detail = ''): Wanted => ({ is: 'nothing', reason, detail })

function waitForTrustedState({ snapshot: { state } }: Slice): Wanted | undefined {
  return state.trusted === true ? undefined : nothing('state.untrusted', state.trusted.untrusted)
}

function waitForWholeHistory({ snapshot: { audit } }: Slice): Wanted | undefined {
  return audit.rewritten ? nothing('history.rewritten', audit.upTo.slice(0, 12)) : undefined
}

function waitForReadableOverlay({ slot }: Slice): Wanted | undefined {
  if (slot.release.is === 'pinned') return undefined
  return nothing('slot.unreadable', slot.release.is === 'unreadable' ? slot.release.problem.detail : slot.release.is)
}

function takeBackQuarantined(slice: Slice): Wanted | undefined {
  const { snapshot, slot } = slice
  const running = releaseOf(slot)
  if (running === undefined) return undefined
  const because = quarantineOf(snapshot.state.folded, slot.key, running.id)
  if (because === undefined) return undefined
  const restore = restoreOrder(slice)
  // The order and its quarantine are of one command. One left over from before must not turn a later revert, which waits
  // for nothing, into a restore, which waits for gates.
  if (restore?.event === because.event) return restoreTo(slice, restore, because)
  const record = snapshot.records.find((one) => one.slot === slot.key)
  if (record === undefined || record.release.id !== running.id)
    return nothing('rollback.nothing-to-take-back', running.id.slice(0, 12))
  if (record.kind === 'rollback') return nothing('rollback.once', running.id.slice(0, 12))
  if (quarantineOf(snapshot.state.folded, slot.key, record.replaces.id) !== undefined) {
    return nothing('rollback.to-quarantined', record.replaces.id.slice(0, 12))
  }
  return { is: 'rollback', release: record.replaces, because, takesBack: record, wish: takeBackOf(record) }
}

function restoreTo(slice: Slice, order: DirectiveOf<'order'>, because: DirectiveOf<'quarantine'>): Wanted | undefined {
  const known = ranIn(slice.snapshot, slice.slot.key).find((ran) => ran.release.id === order.release)
  if (known === undefined) return nothing('rollback.nothing-to-take-back', order.release.slice(0, 12))
  if (quarantineOf(slice.snapshot.state.folded, slice.slot.key, order.release) !== undefined) {
    return nothing('rollback.to-quarantined', order.release.slice(0, 12))
  }
  const wish: Wish = { is: 'bring', slot: slice.slot.key, release: known.release, from: null }
  return { is: 'rollback', release: known.release, because, takesBack: null, wish }
}

function bringOrdered(slice: Slice): Wanted | undefined {
  const order = orders(slice).find((one) => one.does === 'promote')
  if (order === undefined || releaseOf(slice.slot)?.id === order.release) return undefined
  const known = upstreamRuns(slice).find((ran) => ran.release.id === order.release)
  if (known === undefined) return undefined
  return promotion(slice, known.release, order)
}

function leaveFirstEnvironment({ environment }: Slice): Wanted | undefined {
  return environment.promotesFrom.length === 0 ? nothing('slot.first') : undefined
}

function waitForConfig({ snapshot: { config } }: Slice): Wanted | undefined {
  return config.broken === null ? undefined : nothing('config.broken', config.broken.split('\n')[0])
}

function waitForAcceptance({ snapshot, slot }: Slice): Wanted | undefined {
  const ungated = snapshot.state.folded.directives.find(
    (one) => one.kind === 'ungated' && (one.slot === slot.key || one.slot === slotKey('*', slot.environment)),
  )
  return ungated?.kind === 'ungated' ? nothing('state.ungated', ungated.commit.slice(0, 12)) : undefined
}

function waitForBreaker({ snapshot, slot }: Slice): Wanted | undefined {
  const open = breakerOf(snapshot.state.folded, slot.environment)
  return open === undefined ? undefined : nothing('state.breaker', open.why)
}

function bringFromUpstream(slice: Slice): Wanted {
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
  return best === undefined ? whyNothing(slice, sources, newer) : promotion(slice, best.release, null)
}

function whyNothing(slice: Slice, sources: readonly Slot[], newer: readonly Ran[]): Wanted {
  const last = newer.at(-1)
  const current = sources.flatMap((source) => releaseOf(source) ?? [])
  if (current.some((release) => release.id === releaseOf(slice.slot)?.id)) return nothing('upstream.same')
  if (last === undefined) {
    return current.some((release) => isBaseline(slice, sources, release.id))
      ? nothing('upstream.baseline')
      : nothing('upstream.older')
  }
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

const releaseOf = (slot: Slot): Release | undefined => pinnedIn(slot.release)

const runsIn = (sources: readonly Slot[], ran: Ran): boolean =>
  sources.some((source) => releaseOf(source)?.id === ran.release.id)

/** A failure upstream stops a release for good there; a later stretch of health needs an order of a person. */
const isAllowed = (slice: Slice, ran: Ran): boolean =>
  ran.failedAt === null && !isQuarantined(slice, ran.release.id) && !isDeclined(slice, ran.release.id)

/** Here, or in an environment that it would come from. */
const isQuarantined = ({ snapshot, slot, environment }: Slice, release: ReleaseId): boolean => {
  const keys = [slot.key, ...environment.promotesFrom.map((name) => slotKey(slot.application, name))]
  return keys.some((key) => quarantineOf(snapshot.state.folded, key, release) !== undefined)
}

const isDeclined = ({ snapshot, slot }: Slice, release: ReleaseId): boolean =>
  snapshot.state.folded.directives.some(
    (one) => one.kind === 'decline' && one.slot === slot.key && one.release === release,
  )

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

const orders = ({ snapshot, slot }: Slice): readonly DirectiveOf<'order'>[] =>
  ofKind(snapshot.state.folded.directives, 'order').filter((one) => one.slot === slot.key && !isReached(snapshot, one))

/** An order ends when the slot got there: it must not bring its release back over a newer one for ever. */
export function isReached({ brought, state }: Snapshot, order: DirectiveOf<'order'>): boolean {
  const isThere = (one: { readonly slot: SlotKey; readonly release: ReleaseId }) =>
    one.slot === order.slot && one.release === order.release
  if (brought.some((one) => isThere(one) && one.at >= order.at)) return true
  const seen = state.folded.witnessed.get(order.slot)?.find((one) => one.release === order.release)
  return seen !== undefined && seen.lastSeen >= order.at
}

const restoreOrder = (slice: Slice): DirectiveOf<'order'> | undefined =>
  orders(slice).find((one) => one.does === 'restore')
