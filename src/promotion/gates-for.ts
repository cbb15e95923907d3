import type { CheckedConfig } from '../config/checked-config.ts'
import { gatesOf, guardGatesOf, maintainerApproves } from '../config/gates-of.ts'
import type { Change } from '../domain/change.ts'
import { partsOfSlot } from '../domain/ids.ts'
import type { GateSpec } from '../gates/table.ts'
import type { Pull, Snapshot } from './snapshot.ts'

/** The gates that bind a change: those of its environment and application, or, for guard paths, of old and new rules. */
export function gatesFor(
  { config: { checked } }: { readonly config: Pick<Snapshot['config'], 'checked'> },
  pull: Pick<Pull, 'nextConfig'>,
  change: Change,
): readonly GateSpec[] {
  if (change.guardPaths.length > 0) return guardGates(checked, pull.nextConfig, change)
  return gatesOf(checked, partsOfSlot(change.slot)).filter((gate) => gate.binds.includes(change.kind))
}

/** What changes the rules meets the people and the state of the environment, by the rules before and after it (T63). */
function guardGates(old: CheckedConfig, next: CheckedConfig | null, change: Change): readonly GateSpec[] {
  const { environment } = partsOfSlot(change.slot)
  const binding = [old, ...(next === null || next === old ? [] : [next])].flatMap((config) => {
    const found = config.environments.get(environment)
    if (found !== undefined) return guardGatesOf(found)
    // One that nobody has described yet must not be let in by rules that only its own author has written.
    return config === old ? [maintainerApproves] : []
  })
  return [...new Map(binding.map((gate) => [JSON.stringify(gate), gate])).values()]
}
