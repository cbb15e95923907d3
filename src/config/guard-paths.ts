import { globMatcher } from '../gates/globs.ts'
import type { CheckedConfig, Environment } from './checked-config.ts'
import { isMisnamed } from './overlay-paths.ts'

/**
 * Manifests and policies; and what Flux leaves out of everything that it applies, in whatever folder it lies
 * (fluxcd/pkg/sourceignore): without its kustomization an overlay is whatever else its folder holds.
 */
const alwaysGuarded = ['.sluice/**', 'policies/**', '**/.sourceignore']

// Compiling a glob costs more than matching it, and an audit asks for thousands of paths.
const matchers = new WeakMap<Environment, (path: string) => boolean>()

/** Whether a path decides about the environment, so that changing it is gated as the environment is. */
export function isGuardPath(config: CheckedConfig, environment: string, path: string): boolean {
  const found = config.environments.get(environment)
  return found !== undefined && (matcherOf(found)(path) || isMisnamed(found.overlay, path))
}

function matcherOf(environment: Environment): (path: string) => boolean {
  const known = matchers.get(environment)
  if (known !== undefined) return known
  const matcher = globMatcher([...alwaysGuarded, ...environment.guards])
  matchers.set(environment, matcher)
  return matcher
}
