import type { GateSpec } from '../gates/table.ts'
import { defaultSoak } from '../gates/upstream.ts'
import type { ApplicationRule, CheckedConfig, Environment, RepositorySettings } from './checked-config.ts'
import type { Manifests } from './manifests.ts'
import type { ApplicationManifest } from './schema/application.ts'
import type { EnvironmentManifest } from './schema/environment.ts'

/** The config that sound manifests make: defaults spelled out, implied gates added, the most specific rule first. */
export const checkedOfManifests = (manifests: Manifests, repositoryName: string | undefined): CheckedConfig => ({
  environments: new Map(
    manifests.environments.map(({ checked }) => [checked.metadata.name, environmentOf(checked, repositoryName)]),
  ),
  applications: applicationRules(manifests.applications),
  repository: manifests.repositories[0]?.checked.spec ?? noSettings,
})

/** The most specific first. */
export const applicationRules = (applications: Manifests['applications']): readonly ApplicationRule[] =>
  applications.map(({ checked }) => ruleOf(checked)).toSorted(bySpecificity)

const noSettings: RepositorySettings = { shortCommands: [], bots: [] }

function environmentOf({ metadata, spec }: EnvironmentManifest, repositoryName: string | undefined): Environment {
  const { render, applications, merge, entry, inFlight, gates, rollback, ...rest } = spec
  return {
    ...rest,
    name: metadata.name,
    applications: spec.overlay.includes('{application}')
      ? null
      : (applications ?? (repositoryName === undefined ? [] : [repositoryName])),
    renderAs: render?.as ?? consumerOf(spec.delivery),
    // What is not written is filled in here and not by the schema: rules tell what is written where it does nothing.
    merge: merge ?? 'manual',
    entry: entry ?? 'manual',
    inFlight: inFlight ?? 5,
    rollback: { when: rollback.when ?? 'propose', by: rollback.by, breaker: rollback.breaker ?? defaultBreaker },
    gates: withImpliedGates(gates, spec.promotesFrom),
  }
}

const defaultBreaker = { reverts: 2, within: 900_000 }

/** Overlays are rendered as their consumer does; where nothing or more than one kind consumes them, plainly. */
function consumerOf(delivery: EnvironmentManifest['spec']['delivery']): Environment['renderAs'] {
  const types = [...new Set(delivery.map(({ type }) => type))]
  return types.length === 1 && types[0] !== undefined && types[0] !== 'none' ? types[0] : 'kustomize'
}

function withImpliedGates(written: readonly GateSpec[], promotesFrom: readonly string[]): readonly GateSpec[] {
  const needsUpstream = promotesFrom.length > 0 && !written.some(({ type }) => type === 'upstream')
  return [stateGate, ...(needsUpstream ? [upstreamGate] : []), ...written, forgeGate]
}

const stateGate: GateSpec = { type: 'state', name: 'state', binds: ['promotion', 'edit', 'rollback'] }
const forgeGate: GateSpec = { type: 'forge', name: 'forge', binds: ['promotion', 'edit', 'rollback'] }
const upstreamGate: GateSpec = { type: 'upstream', name: 'upstream', binds: ['promotion', 'edit'], soak: defaultSoak }

function ruleOf({ metadata, spec }: ApplicationManifest): ApplicationRule {
  return {
    name: metadata.name,
    source: spec.source ?? null,
    owners: spec.owners,
    promotes: spec.promotes,
    gates: spec.gates.map(({ environments, ...gate }) => ({ gate, environments: environments ?? 'all' })),
  }
}

// A name before any glob, then the glob that says more; the rest only so that the order is always the same.
const bySpecificity = (a: ApplicationRule, b: ApplicationRule): number =>
  Number(a.name.includes('*')) - Number(b.name.includes('*')) ||
  literalLength(b.name) - literalLength(a.name) ||
  (a.name < b.name ? -1 : 1)

const literalLength = (glob: string): number => glob.replaceAll('*', '').length
