import type { CheckedConfig } from '../../config/checked-config.ts'
import { gatesOf, type SlotName } from '../../config/gates-of.ts'

/** Milliseconds that a release must have been healthy upstream, as the gates `upstream` of the slot ask. */
export const soakOf = (config: CheckedConfig, slot: SlotName): number =>
  gatesOf(config, slot).reduce((soak, gate) => (gate.type === 'upstream' ? Math.max(soak, gate.soak) : soak), 0)
