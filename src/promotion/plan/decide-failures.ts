import { type DirectiveOf, ofKind } from '../../domain/directive.ts'
import type { ObjectRef } from '../../domain/health.ts'
import { partsOfSlot, type SlotKey } from '../../domain/ids.ts'
import { changedParts, pinnedIn } from '../../domain/release.ts'
import { type StateEventOf, stateEvent } from '../../state/events.ts'
import { breakerOf, quarantineOf } from '../../state/in-force.ts'
import type { Gathered } from '../gathered.ts'
import type { PromotionRecord, Slot, Snapshot } from '../snapshot.ts'
import { attribute } from './attribution.ts'
import type { NotTakenBack } from './not-taken-back.ts'
import { type Failing, whyBreaker } from './why-breaker.ts'

export interface Failures {
  readonly events: readonly StateEventOf<'quarantine' | 'breaker'>[]
  readonly notTakenBack: readonly NotTakenBack[]
}

/** What is put on record of slots that fail: what is taken back by itself is quarantined first, and the revert follows from it. */
export function decideFailures(snapshot: Snapshot, { promoted }: Gathered): Failures {
  const quarantines: Quarantine[] = []
  const notTakenBack: NotTakenBack[] = []
  for (const slot of snapshot.slots.values()) {
    const found = failureOf(snapshot, slot, promoted.get(slot.key) ?? null)
    if (found?.is === 'not-taken-back') notTakenBack.push(found.why)
    else if (found?.is === 'quarantined') quarantines.push(found.quarantine)
  }
  const passed = throughBreaker(snapshot, quarantines)
  return { events: passed.events, notTakenBack: [...notTakenBack, ...passed.notTakenBack] }
}

type Quarantine = StateEventOf<'quarantine'>
type Found =
  | { readonly is: 'not-taken-back'; readonly why: NotTakenBack }
  | { readonly is: 'quarantined'; readonly quarantine: Quarantine }

/** Undefined where the slot does not fail, or its release is quarantined already. */
function failureOf(snapshot: Snapshot, slot: Slot, changed: readonly ObjectRef[] | null): Found | undefined {
  const { health, release } = slot
  const environment = snapshot.config.checked.environments.get(slot.environment)
  if (health.is !== 'failed' || release.is !== 'pinned' || environment === undefined) return undefined
  const record = snapshot.records.find((one) => one.slot === slot.key)
  const attribution = attribute({ slot, health, environment, record, changed })
  const leave = (reason: NotTakenBack['reason'], detail = ''): Found => ({
    is: 'not-taken-back',
    why: { slot, reason, detail },
  })
  if (attribution.is === 'unattributed') return leave(attribution.reason, attribution.detail)
  if (isQuarantined(snapshot, slot)) return undefined
  if (environment.rollback.when === 'never') return leave('rollback.never')
  if (isKept(snapshot, record)) return leave('rollback.kept')
  if (snapshot.state.trusted !== true) return leave('rollback.untrusted')
  const quarantine = stateEvent({
    kind: 'quarantine',
    at: snapshot.at,
    slot: slot.key,
    release: release.release.id,
    ...(record === undefined ? {} : { brings: record.brings }),
    parts: [...changedParts(record?.replaces, release.release)],
    why: `${health.reason}: ${health.detail}`.slice(0, 500),
    evidence: [...attribution.evidence],
  })
  return { is: 'quarantined', quarantine }
}

/**
 * Automatic quarantines lead to reverts, so the breaker stands before them: what would exceed it is not quarantined, the
 * breaker opens instead. Failures of one round count together, so that five at once open it and none is taken back (T65).
 */
function throughBreaker(snapshot: Snapshot, quarantines: readonly Quarantine[]): Failures {
  const byEnvironment = Map.groupBy(quarantines, ({ slot }) => partsOfSlot(slot).environment)
  const passed = [...byEnvironment].map(([environment, here]): Failures => {
    const open = breakerOf(snapshot.state.folded, environment)
    if (open !== undefined) return { events: [], notTakenBack: heldBy(snapshot, open, here) }
    const breaker = snapshot.config.checked.environments.get(environment)?.rollback.breaker
    const recent = recentReverts(snapshot, environment, breaker?.within ?? 0)
    if (breaker === undefined || recent.length + here.length <= breaker.reverts)
      return { events: here, notTakenBack: [] }
    const why = whyBreaker(
      recent,
      here.map(({ slot, parts, why }) => ({ slot, release: { parts, why } })),
      breaker.reverts,
    )
    // Who fails is told by the next round, which finds it on record why nothing is done.
    const events = [stateEvent({ kind: 'breaker', at: snapshot.at, environment, why })]
    return { events, notTakenBack: [] }
  })
  return {
    events: passed.flatMap(({ events }) => events),
    notTakenBack: passed.flatMap(({ notTakenBack }) => notTakenBack),
  }
}

const heldBy = (
  { slots }: Snapshot,
  { why }: DirectiveOf<'breaker'>,
  quarantines: readonly Quarantine[],
): readonly NotTakenBack[] =>
  quarantines.flatMap(({ slot: key }) => {
    const slot = slots.get(key)
    return slot === undefined ? [] : [{ slot, reason: 'rollback.breaker', detail: why }]
  })

/** Those that are merged, and those that follow from what is quarantined already: else a slow failure passes the breaker. */
function recentReverts({ state, at, slots }: Snapshot, environment: string, within: number): readonly Failing[] {
  const since = Math.max(at - within, state.folded.resumed.get(environment) ?? 0)
  const isHere = (one: { readonly slot: SlotKey }) => partsOfSlot(one.slot).environment === environment
  const merged = state.folded.reverts.filter((one) => one.automatic && isHere(one) && one.at > since)
  const coming = ofKind(state.folded.directives, 'quarantine').filter(
    (one) => one.by === 0 && isHere(one) && pinnedIn(slots.get(one.slot)?.release)?.id === one.release,
  )
  const { directives, overtaken } = state.folded
  const known = [...ofKind(directives, 'quarantine'), ...overtaken]
  return [...merged, ...coming].map(({ slot, release }) => ({
    slot,
    release: known.find((one) => one.slot === slot && one.release === release) ?? null,
  }))
}

/** Somebody lifted the quarantine after it was brought there: they want it to stay, whatever it looks like. */
const isKept = ({ state }: Snapshot, record: PromotionRecord | undefined): boolean =>
  record !== undefined &&
  (state.folded.unquarantined.get(`${record.slot} ${record.release.id}`) ?? 0) >= record.mergedAt

const isQuarantined = ({ state }: Snapshot, { key, release }: Slot): boolean =>
  quarantineOf(state.folded, key, pinnedIn(release)?.id) !== undefined
