import { downstreamOf } from '../../config/promotion-order.ts'
import { type SlotKey, slotKey } from '../../domain/ids.ts'
import type { Slot } from '../snapshot.ts'
import { baselineKey } from './baselines.ts'
import type { DeliveryFacts } from './delivery.ts'
import type { GitFacts } from './git-facts.ts'
import type { OverlayFacts } from './overlays.ts'
import type { Unmatched } from './unmatched.ts'

/** Each slot: what Git says of it, and what was seen of it in its cluster. */
export function slotsOf(facts: GitFacts, delivery: DeliveryFacts, unmatched: Unmatched): ReadonlyMap<SlotKey, Slot> {
  return new Map(
    [...facts.overlays.bySlot.values()].map((overlay) => {
      const problem = unmatched.get(overlay.key)?.problem ?? null
      const slot = slotOf(facts, delivery, overlay)
      return [overlay.key, problem === null ? slot : { ...slot, unmatched: problem }]
    }),
  )
}

function slotOf(facts: GitFacts, { tracks, mayBeAsked }: DeliveryFacts, overlay: OverlayFacts): Slot {
  const { key, application, environment, inputs, release } = overlay
  const track = tracks.get(key)
  return {
    key,
    application,
    environment,
    overlay: overlay.overlay,
    inputs,
    release,
    baselines: baselinesFor(facts, overlay),
    original: facts.originals.get(key) ?? null,
    health: track?.health ?? { is: 'unknown', reason: 'health.unreadable', detail: 'its overlay cannot be read' },
    healthySpan: track?.healthy ?? null,
    appliedAt: track?.appliedAt ?? null,
    mayBeAsked: mayBeAsked.get(key) ?? [],
  }
}

const baselinesFor = ({ baselines, config }: GitFacts, { application, environment }: OverlayFacts): Slot['baselines'] =>
  new Map(
    downstreamOf(config.checked, environment).flatMap(({ name }) => {
      const baseline = baselines.get(baselineKey(slotKey(application, environment), name))
      return baseline === undefined ? [] : [[name, baseline] as const]
    }),
  )
