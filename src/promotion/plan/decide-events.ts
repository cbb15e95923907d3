import { downstreamOf } from '../../config/promotion-order.ts'
import { ofKind } from '../../domain/directive.ts'
import { type Instant, partsOfSlot, type Sha, type SlotKey, slotKey } from '../../domain/ids.ts'
import { changedParts, pinnedIn, type ReleaseParts } from '../../domain/release.ts'
import { type StateEvent, stateEvent } from '../../state/events.ts'
import { breakerOf, quarantineOf } from '../../state/in-force.ts'
import type { Gathered } from '../gathered.ts'
import type { PromotionRecord, Slot, Snapshot } from '../snapshot.ts'
import { type Attribution, attribute } from './attribution.ts'
import { soakOf } from './soak.ts'
import { healthyFor } from './witness.ts'

/** A failure for which nothing is taken back by itself, and why. */
export interface Unattributed {
  readonly slot: Slot
  readonly attribution: Extract<Attribution, { is: 'unattributed' }>
}

export interface Decided {
  readonly events: readonly StateEvent[]
  readonly unattributed: readonly Unattributed[]
}

/** What this round has to put on record before anything may be done that stands on it. */
export function decideEvents(snapshot: Snapshot, gathered: Gathered): Decided {
  if (snapshot.state.trusted !== true) return { events: [], unattributed: [] }
  if (snapshot.state.missing) return { events: genesis(snapshot), unattributed: [] }
  const failures = failureEvents(snapshot, gathered)
  const events = [
    ...failures.events,
    ...ungatedEvents(snapshot),
    ...declineEvents(snapshot),
    ...revertEvents(snapshot),
    ...witnessEvents(snapshot),
  ]
  // A round that writes does nothing else, so what is on record already must not be written for ever.
  const news = events.filter(({ id }) => !snapshot.state.folded.recorded.has(id))
  return { events: [...news, ...auditMark(snapshot, news)], unattributed: failures.unattributed }
}

/** Moved along whenever something is written anyway, so that no audit after a restart begins at the very first commit. */
function auditMark({ at, audit, state }: Snapshot, events: readonly StateEvent[]): readonly StateEvent[] {
  const isDue = events.length > 0 && audit.ungated.length === 0 && !audit.rewritten
  return isDue && state.folded.audited !== audit.upTo ? [stateEvent({ kind: 'audited', at, commit: audit.upTo })] : []
}

const genesis = ({ at, base }: Snapshot): readonly StateEvent[] => [
  stateEvent({ kind: 'genesis', at, base }),
  stateEvent({ kind: 'audited', at, commit: base }),
]

function failureEvents(snapshot: Snapshot, { promoted }: Gathered): Decided {
  const events: StateEvent[] = []
  const unattributed: Unattributed[] = []
  for (const slot of snapshot.slots.values()) {
    const environment = snapshot.config.checked.environments.get(slot.environment)
    if (slot.health.is !== 'failed' || slot.release.is !== 'pinned' || environment === undefined) continue
    const record = snapshot.records.find((one) => one.slot === slot.key)
    const changed = promoted.get(slot.key) ?? null
    const attribution = attribute({ slot, health: slot.health, environment, record, changed })
    if (attribution.is === 'unattributed') unattributed.push({ slot, attribution })
    else if (environment.rollback.when !== 'never' && !isQuarantined(snapshot, slot) && !isKept(snapshot, record)) {
      const { release } = slot.release
      events.push(
        stateEvent({
          kind: 'quarantine',
          at: snapshot.at,
          slot: slot.key,
          release: release.id,
          parts: [...changedParts(record?.replaces, release)],
          why: `${slot.health.reason}: ${slot.health.detail}`.slice(0, 500),
          evidence: [...attribution.evidence],
        }),
      )
    }
  }
  return withBreaker(snapshot, events, unattributed)
}

/**
 * Automatic quarantines lead to reverts, so the breaker stands before them: what would exceed it is not quarantined, the
 * breaker opens instead. Failures of one round count together, so that five at once open it and none is taken back (T65).
 */
function withBreaker(
  snapshot: Snapshot,
  quarantines: readonly StateEvent[],
  unattributed: readonly Unattributed[],
): Decided {
  const events: StateEvent[] = []
  const environments = new Set(
    quarantines.flatMap((event) => (event.kind === 'quarantine' ? [partsOfSlot(event.slot).environment] : [])),
  )
  for (const name of environments) {
    const breaker = snapshot.config.checked.environments.get(name)?.rollback.breaker
    const here = quarantines.filter(
      (event) => event.kind === 'quarantine' && partsOfSlot(event.slot).environment === name,
    )
    if (breakerOf(snapshot.state.folded, name) !== undefined) continue
    const recent = recentReverts(snapshot, name, breaker?.within ?? 0)
    if (breaker === undefined || recent + here.length <= breaker.reverts) events.push(...here)
    else {
      const failing = here.flatMap((event) => (event.kind === 'quarantine' ? [event.slot] : []))
      const why = `${recent} automatic reverts within the breaker's time, and ${failing.join(', ')} would follow (at most ${breaker.reverts})`
      events.push(stateEvent({ kind: 'breaker', at: snapshot.at, environment: name, why: why.slice(0, 1000) }))
    }
  }
  return { events, unattributed }
}

/** Those that are merged, and those that follow from what is quarantined already: else a slow failure passes the breaker. */
function recentReverts({ state, at, slots }: Snapshot, environment: string, within: number): number {
  const since = Math.max(at - within, state.folded.resumed.get(environment) ?? 0)
  const isHere = (one: { readonly slot: SlotKey }) => partsOfSlot(one.slot).environment === environment
  const merged = state.folded.reverts.filter((one) => one.automatic && isHere(one) && one.at > since)
  const coming = ofKind(state.folded.directives, 'quarantine').filter(
    (one) => one.by === 0 && isHere(one) && pinnedIn(slots.get(one.slot)?.release)?.id === one.release,
  )
  return merged.length + coming.length
}

/** Somebody lifted the quarantine after it was brought there: they want it to stay, whatever it looks like. */
const isKept = ({ state }: Snapshot, record: PromotionRecord | undefined): boolean =>
  record !== undefined &&
  (state.folded.unquarantined.get(`${record.slot} ${record.release.id}`) ?? 0) >= record.mergedAt

const isQuarantined = ({ state }: Snapshot, { key, release }: Slot): boolean =>
  quarantineOf(state.folded, key, pinnedIn(release)?.id) !== undefined

/** What was found on the default branch; the mark moves with it, so that it is found once. */
function ungatedEvents(snapshot: Snapshot): readonly StateEvent[] {
  const { at, audit, state } = snapshot
  if (audit.rewritten || audit.ungated.length === 0) return []
  const events: readonly StateEvent[] = [
    ...audit.ungated.map(({ commit, slots, why }) =>
      stateEvent({ kind: 'ungated', at, commit, slots: [...slots, ...frozenBy(audit, commit)], why }),
    ),
    ...mismatchEvents(snapshot),
  ]
  return state.folded.audited === audit.upTo ? [] : [...events, stateEvent({ kind: 'audited', at, commit: audit.upTo })]
}

/** A merge that holds something else than was gated stops its whole environment (I3). */
const frozenBy = ({ mismatched }: Snapshot['audit'], commit: Sha): readonly SlotKey[] => [
  ...new Set(
    mismatched.flatMap((one) => (one.commit === commit ? [slotKey('*', partsOfSlot(one.slot).environment)] : [])),
  ),
]

/** The promotion that came out otherwise than it was gated is quarantined, from which its revert follows (I3). */
function mismatchEvents({ at, audit, records }: Snapshot): readonly StateEvent[] {
  return audit.mismatched.flatMap(({ commit, slot }) => {
    const record = records.find((one) => one.slot === slot && one.merge === commit && one.kind === 'promotion')
    if (record === undefined) return []
    const { id } = record.release
    const parts = [...changedParts(record.replaces, record.release)]
    const why = `${commit.slice(0, 12)} holds another content than was gated`
    return [stateEvent({ kind: 'quarantine', at, slot, release: id, parts, why, evidence: [commit] })]
  })
}

/** A pull request of ours that somebody closed is a decline of its release there. */
function declineEvents({ at, closed }: Snapshot): readonly StateEvent[] {
  return closed
    .filter(({ intent }) => intent.kind === 'promotion')
    .map(({ pull, intent }) =>
      stateEvent({
        kind: 'decline',
        // When it was done, not when it was seen: who orders it in between has the last word.
        at: pull.closedAt ?? at,
        slot: intent.slot,
        release: intent.release.id,
        pull: pull.number,
        by: { id: 0, login: '' },
      }),
    )
}

/** Merged rollbacks, for the breaker: written once, whoever merged them. */
function revertEvents({ at, records, state }: Snapshot): readonly StateEvent[] {
  const known = new Set(state.folded.reverts.map((one) => one.pull))
  return records
    .filter((record) => record.kind === 'rollback' && !known.has(record.pull))
    .map((record) => {
      const quarantine = quarantineOf(state.folded, record.slot, record.replaces.id)
      return stateEvent({
        kind: 'reverted',
        at,
        slot: record.slot,
        release: record.replaces.id,
        pull: record.pull,
        automatic: quarantine?.by === 0,
      })
    })
}

/**
 * Health as it was seen, in stretches from one look to another: when it begins to count, at least every five minutes
 * while something soaks, when a soak is complete, and when it fails. A restart loses what lies after the last one.
 */
function witnessEvents(snapshot: Snapshot): readonly StateEvent[] {
  return [...snapshot.slots.values()].flatMap((slot): readonly StateEvent[] => {
    if (slot.release.is !== 'pinned' || slot.inputs === null) return []
    const { id, parts } = slot.release.release
    const base = { kind: 'witness' as const, slot: slot.key, release: id, parts: copyOf(parts), inputs: slot.inputs }
    if (slot.health.is === 'failed') {
      const since = slot.health.since
      return isFailureKnown(snapshot, slot, since)
        ? []
        : [stateEvent({ ...base, at: snapshot.at, from: since, is: 'failed' as const })]
    }
    if (slot.health.is !== 'healthy' || slot.healthySpan === null) return []
    const { from, until } = slot.healthySpan
    return isDue(snapshot, slot, from, until) ? [stateEvent({ ...base, at: until, from, is: 'healthy' as const })] : []
  })
}

/** Events own their values. */
const copyOf = ({ images, trees, files, fields }: ReleaseParts) => ({
  images: { ...images },
  trees: { ...trees },
  files: { ...files },
  fields: { ...fields },
})

function isFailureKnown({ state }: Snapshot, slot: Slot, since: Instant): boolean {
  const known = state.folded.witnessed
    .get(slot.key)
    ?.find((one) => slot.release.is === 'pinned' && one.release === slot.release.release.id)
  return known?.failed === true && known.lastSeen >= since
}

/** What a restart may cost of a soak that is under way, at most. */
const recordedWithin = 5 * 60_000

function isDue(snapshot: Snapshot, slot: Slot, from: Instant, until: Instant): boolean {
  const known = snapshot.state.folded.witnessed
    .get(slot.key)
    ?.find((one) => slot.release.is === 'pinned' && one.release === slot.release.release.id)
  const spans = known?.healthy ?? []
  const recorded = Math.max(...spans.filter((span) => span.until >= from).map((span) => span.until), 0)
  // A restart begins another stretch of what is on record: no news of thousands of slots at rest.
  const isNews = known === undefined || known.failed || !spans.some((span) => span.inputs === slot.inputs)
  if (recorded === 0 && isNews) return true
  const soak = longestSoakBehind(snapshot, slot)
  const isSoaking = soak > 0 && (recorded === 0 ? healthyFor({ healthy: spans }) : recorded - from) < soak
  return isSoaking && (until - from >= soak || until - recorded >= Math.min(recordedWithin, soak / 4))
}

const longestSoakBehind = ({ config: { checked } }: Snapshot, { application, environment }: Slot): number =>
  Math.max(
    0,
    ...downstreamOf(checked, environment).map(({ name }) => soakOf(checked, { application, environment: name })),
  )
