import type { CheckedConfig } from '../../config/checked-config.ts'
import { gatesOf, type SlotName } from '../../config/gates-of.ts'
import { slotKey } from '../../domain/ids.ts'
import { keptFor } from '../../domain/kept-for.ts'

/** Milliseconds that a release must have been healthy upstream, as the gates `upstream` of the slot ask. */
export function soakOf(config: CheckedConfig, slot: SlotName): number {
  const known = soaks(config)
  const key = slotKey(slot.application, slot.environment)
  const soak = known.get(key) ?? longestSoak(config, slot)
  known.set(key, soak)
  return soak
}

/** Asked for every slot in every round; the same manifests ask the same. */
const soaks = keptFor((_: CheckedConfig) => new Map<string, number>())

const longestSoak = (config: CheckedConfig, slot: SlotName): number =>
  gatesOf(config, slot).reduce((soak, gate) => (gate.type === 'upstream' ? Math.max(soak, gate.soak) : soak), 0)
