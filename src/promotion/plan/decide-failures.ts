import { ofKind } from '../../domain/directive.ts'
import { partsOfSlot, type SlotKey } from '../../domain/ids.ts'
import { changedParts, pinnedIn } from '../../domain/release.ts'
import { type StateEventOf, stateEvent } from '../../state/events.ts'
import { breakerOf, quarantineOf } from '../../state/in-force.ts'
import type { Gathered } from '../gathered.ts'
import type { PromotionRecord, Slot, Snapshot } from '../snapshot.ts'
import { attribute } from './attribution.ts'
import type { NotTakenBack } from './not-taken-back.ts'

export interface Failures {
  readonly events: readonly StateEventOf<'quarantine' | 'breaker'>[]
  readonly notTakenBack: readonly NotTakenBack[]
}

/** What is put on record of slots that fail: what is taken back by itself is quarantined first, and the revert follows from it. */
export function decideFailures(snapshot: Snapshot, { promoted }: Gathered): Failures {
  const quarantines: StateEventOf<'quarantine'>[] = []
  const notTakenBack: NotTakenBack[] = []
  for (const slot of snapshot.slots.values()) {
    const environment = snapshot.config.checked.environments.get(slot.environment)
    if (slot.health.is !== 'failed' || slot.release.is !== 'pinned' || environment === undefined) continue
    const record = snapshot.records.find((one) => one.slot === slot.key)
    const changed = promoted.get(slot.key) ?? null
    const attribution = attribute({ slot, health: slot.health, environment, record, changed })
    if (attribution.is === 'unattributed')
      notTakenBack.push({ slot, reason: attribution.reason, detail: attribution.detail })
    else if (environment.rollback.when !== 'never' && !isQuarantined(snapshot, slot) && !isKept(snapshot, record)) {
      const { release } = slot.release
      quarantines.push(
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
  return { events: throughBreaker(snapshot, quarantines), notTakenBack }
}

/**
 * Automatic quarantines lead to reverts, so the breaker stands before them: what would exceed it is not quarantined, the
 * breaker opens instead. Failures of one round count together, so that five at once open it and none is taken back (T65).
 */
function throughBreaker(snapshot: Snapshot, quarantines: readonly StateEventOf<'quarantine'>[]): Failures['events'] {
  const byEnvironment = Map.groupBy(quarantines, ({ slot }) => partsOfSlot(slot).environment)
  return [...byEnvironment].flatMap(([environment, here]): Failures['events'] => {
    if (breakerOf(snapshot.state.folded, environment) !== undefined) return []
    const breaker = snapshot.config.checked.environments.get(environment)?.rollback.breaker
    const recent = recentReverts(snapshot, environment, breaker?.within ?? 0)
    if (breaker === undefined || recent + here.length <= breaker.reverts) return here
    const failing = here.map(({ slot }) => slot).join(', ')
    const why = `${recent} automatic reverts within the breaker's time, and ${failing} would follow (at most ${breaker.reverts})`
    return [stateEvent({ kind: 'breaker', at: snapshot.at, environment, why: why.slice(0, 1000) })]
  })
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
