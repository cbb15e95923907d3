import type { DeliverySpec } from '../domain/delivery.ts'
import type { HealthSettings } from '../domain/health.ts'
import type { GateSpec } from '../gates/table.ts'

/** The manifests of one commit, checked: defaults filled in, names resolved, durations in milliseconds. */
export interface CheckedConfig {
  readonly environments: ReadonlyMap<string, Environment>
  /** Most specific name first. */
  readonly applications: readonly ApplicationRule[]
  readonly repository: RepositorySettings
}

export interface Environment {
  readonly name: string
  /** A folder with or without `{application}`, no leading or trailing slash. */
  readonly overlay: string
  /** For an overlay without `{application}`: who lives in it. Null where the placeholder finds them. */
  readonly applications: readonly string[] | null
  readonly renderAs: 'flux' | 'argo-cd' | 'kustomize'
  /** Globs of guard paths, beside those that are always guarded. */
  readonly guards: readonly string[]
  readonly promotesFrom: readonly string[]
  readonly merge: 'auto' | 'manual'
  readonly entry: 'auto' | 'manual'
  readonly inFlight: number
  /** The written ones and the implied ones (`upstream`, `state`, `forge`), in the order in which they are judged and shown. */
  readonly gates: readonly GateSpec[]
  /** Names may still hold `{application}`. */
  readonly delivery: readonly DeliverySpec[]
  readonly health: HealthSettings
  readonly rollback: {
    readonly when: 'unhealthy' | 'propose' | 'never'
    readonly by: readonly string[]
    readonly breaker: { readonly reverts: number; readonly within: number }
  }
}

export interface ApplicationRule {
  /** A name or a glob of `*`. */
  readonly name: string
  readonly source: string | null
  readonly owners: readonly string[]
  readonly promotes: Promotes
  readonly gates: readonly { readonly gate: GateSpec; readonly environments: readonly string[] | 'all' }[]
}

/** What a release of an application is made of. */
export interface Promotes {
  readonly images: 'all' | 'none' | readonly string[]
  readonly trees: readonly string[]
  readonly files: readonly string[]
  readonly fields: readonly { readonly file: string; readonly path: string }[]
  readonly renames: 'travel' | 'stay'
}

export interface RepositorySettings {
  readonly shortCommands: readonly string[]
  readonly bots: readonly { readonly appId: number; readonly may: readonly string[] }[]
}
