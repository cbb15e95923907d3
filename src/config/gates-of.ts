import type { Instant } from '../domain/ids.ts'
import type { GateContext } from '../gates/gate.ts'
import { ownersWord, roleGroups } from '../gates/people.ts'
import { fillPlaceholders } from '../gates/placeholders.ts'
import type { GateSpec, GateSpecOf } from '../gates/table.ts'
import { applicationSettings } from './application-settings.ts'
import type { ApplicationRule, CheckedConfig, Environment } from './checked-config.ts'

export interface SlotName {
  readonly application: string
  readonly environment: string
}

/**
 * The gates of a slot, whatever kind of change they bind: the environment's, then what the application adds, `forge` last.
 * Empty for an environment that there is not.
 */
export function gatesOf(config: CheckedConfig, { application, environment }: SlotName): readonly GateSpec[] {
  const found = config.environments.get(environment)
  if (found === undefined) return []
  const settings = applicationSettings(config, application)
  const isLast = ({ type }: GateSpec) => type === 'forge'
  const gates = [
    ...found.gates.filter((gate) => !isLast(gate)),
    ...addedGates(settings, found),
    ...found.gates.filter(isLast),
  ]
  return gates.map((gate) => filled(gate, settings))
}

const addedGates = (settings: ApplicationRule, environment: Environment): readonly GateSpec[] =>
  settings.gates
    .filter(({ environments }) => environments === 'all' || environments.includes(environment.name))
    .map(({ gate }) => gate)
    // A soak that an application asks for everywhere has nothing to judge where nothing is promoted from.
    .filter(({ type }) => type !== 'upstream' || environment.promotesFrom.length > 0)

function filled(gate: GateSpec, { name, source }: ApplicationRule): GateSpec {
  if (gate.type !== 'signature') return gate
  // Image names are lower-case, whatever the case of the source's owner.
  const values = source === null ? { application: name } : { application: name, source: source.toLowerCase() }
  return { ...gate, images: gate.images.map((image) => fillPlaceholders(image, values)) }
}

/**
 * What a change of the environment's guard paths must meet: its approvals, manual gates and state, and where it has
 * neither of the first two, one approval by somebody with maintain. Nobody owns a guard path, so `owners` is maintain there.
 */
export function guardGatesOf(environment: Environment): readonly GateSpec[] {
  const people = environment.gates
    .filter((gate) => gate.type === 'approvals' || gate.type === 'manual')
    .map(byMaintainers)
  const always = environment.gates.filter(({ type }) => type === 'state' || type === 'forge')
  return [...always.slice(0, 1), ...(people.length === 0 ? [maintainerApproves] : people), ...always.slice(1)]
}

/** What is demanded where the rules name nobody. */
export const maintainerApproves: GateSpec = {
  ...{ type: 'approvals', name: 'guard paths', binds: ['promotion', 'edit'] },
  ...{ count: 1, from: [roleGroups.maintain], separation: 'initiator' },
}

const byMaintainers = <T extends GateSpecOf<'approvals'> | GateSpecOf<'manual'>>(gate: T): T => ({
  ...gate,
  from: gate.from.map((group) => (group === ownersWord ? roleGroups.maintain : group)),
})

/** What a gate may know beside its spec, for a slot of this config. */
export function gateContextOf(config: CheckedConfig, slot: SlotName, now: Instant): GateContext {
  const environment = config.environments.get(slot.environment)
  return {
    application: slot.application,
    environment: slot.environment,
    upstream: environment?.promotesFrom ?? [],
    owners: applicationSettings(config, slot.application).owners,
    now,
  }
}
