import { keptFor } from '../domain/kept-for.ts'
import type { CheckedConfig, Environment } from './checked-config.ts'

/** The environments that releases enter: those that promote from nowhere. */
export const firstEnvironments = (config: CheckedConfig): readonly Environment[] =>
  [...config.environments.values()].filter(({ promotesFrom }) => promotesFrom.length === 0)

/** The environments that promote from this one directly. */
export const downstreamOf = (config: CheckedConfig, environment: string): readonly Environment[] =>
  byUpstream(config.environments).get(environment) ?? []

/** The environments that a release went through before it gets here, the nearest first. */
export function upstreamOf(config: CheckedConfig, environment: string): readonly Environment[] {
  const found = new Set<Environment>()
  const names = [...(config.environments.get(environment)?.promotesFrom ?? [])]
  for (const name of names) {
    const above = config.environments.get(name)
    if (above === undefined || found.has(above)) continue
    found.add(above)
    names.push(...above.promotesFrom)
  }
  return [...found]
}

const byUpstream = keptFor((environments: CheckedConfig['environments']) => {
  const found = new Map<string, Environment[]>()
  for (const environment of environments.values()) {
    for (const name of new Set(environment.promotesFrom)) found.set(name, [...(found.get(name) ?? []), environment])
  }
  return found as ReadonlyMap<string, readonly Environment[]>
})

/** Every environment after those that it promotes from. */
export function inPromotionOrder(config: CheckedConfig): readonly Environment[] {
  const ordered = new Set<Environment>()
  const visit = (environment: Environment | undefined): void => {
    if (environment === undefined || ordered.has(environment)) return
    for (const name of environment.promotesFrom) visit(config.environments.get(name))
    ordered.add(environment)
  }
  for (const environment of config.environments.values()) visit(environment)
  return [...ordered]
}
