import type { CheckedConfig, Environment } from './checked-config.ts'
import { isGuardPath } from './guard-paths.ts'

const manifests = '.sluice/'

/**
 * The environments that changed paths decide about, each with those paths. Manifests count by what they come to: a comment
 * in them concerns nobody, a gate that is taken out its environment, an Application manifest every one. `next` is null
 * where the changed manifests do not parse: then they concern all.
 */
export function guardedEnvironments(
  config: CheckedConfig,
  next: CheckedConfig | null,
  paths: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const guarded = new Map<string, readonly string[]>()
  const names = new Set([...config.environments.keys(), ...(next?.environments.keys() ?? [])])
  for (const name of names) {
    const guards = paths.filter(
      (path) => isGuardPath(config, name, path) || (next !== null && isGuardPath(next, name, path)),
    )
    const others = guards.filter((path) => !path.startsWith(manifests))
    const isConcerned = guards.length > others.length && (next === null || isChanged(config, next, name))
    const deciding = isConcerned ? guards : others
    if (deciding.length > 0) guarded.set(name, deciding)
  }
  return guarded
}

function isChanged(before: CheckedConfig, after: CheckedConfig, name: string): boolean {
  if (before === after) return false
  const others = (config: CheckedConfig) => JSON.stringify([config.applications, config.repository])
  return (
    effective(before.environments.get(name)) !== effective(after.environments.get(name)) ||
    others(before) !== others(after)
  )
}

const effective = (environment: Environment | undefined): string => JSON.stringify(environment ?? null)
