import type { CheckedConfig } from '../../config/checked-config.ts'
import { downstreamOf } from '../../config/promotion-order.ts'
import { type Digest, type Instant, slotKey } from '../../domain/ids.ts'
import { includes, pinnedIn } from '../../domain/release.ts'
import type { OverlayFacts, Overlays } from './overlays.ts'
import type { HealthTrack } from './track-health.ts'

/**
 * Whether a slot is looked at down to its pods even while its controller calls it well: until `watch` after its content was
 * seen to be applied. What ran already when this process began has its past, unless it is still on its way: a restart must
 * not have what flaps soak (T45).
 */
export function isUnproven(slot: {
  readonly before: HealthTrack | undefined
  readonly inputs: Digest | null
  readonly isOnItsWay: boolean
  /** Milliseconds. */
  readonly watch: number
  readonly now: Instant
}): boolean {
  const { before, inputs, watch, now } = slot
  if (before === undefined) return slot.isOnItsWay
  if (before.inputs !== inputs) return true
  if (before.isFirstContent) return slot.isOnItsWay
  return before.appliedAt === null || now - before.appliedAt < watch
}

/** Whether an environment that promotes from here does not hold all of its release. */
export function isOnItsWay(config: CheckedConfig, { bySlot }: Overlays, slot: OverlayFacts): boolean {
  const here = pinnedIn(slot.release)
  return downstreamOf(config, slot.environment).some(({ name }) => {
    const there = bySlot.get(slotKey(slot.application, name))
    if (there === undefined) return false
    const held = pinnedIn(there.release)
    return here === undefined || held === undefined ? here !== held : !includes(held, here)
  })
}
