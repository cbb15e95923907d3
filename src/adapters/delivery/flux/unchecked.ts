import type { InventoryEntry, Kustomization } from './kustomization.ts'
import { isUnseenByFlux } from './needs-health.ts'

/**
 * What of the applied objects Flux does not look at: `wait` makes it look at each, healthChecks at those that they name and
 * at no other (kustomize-controller v1.9 `checkHealth`). Of these Ready says that they were applied, and nothing else. And
 * so it is where it looks, but understands nothing, unless an expression tells it what to look for.
 */
export function uncheckedOf(inventory: readonly InventoryEntry[], { spec }: Kustomization): readonly InventoryEntry[] {
  const named = new Set(
    spec.healthChecks.map(({ apiVersion, kind, namespace, name }) =>
      keyOf({ group: groupOf(apiVersion || 'apps/v1'), kind, namespace, name }),
    ),
  )
  const isUnderstood = (entry: InventoryEntry): boolean =>
    !isUnseenByFlux(entry) ||
    spec.healthCheckExprs.some(
      ({ apiVersion, kind }) => groupOf(apiVersion) === entry.group && ['', entry.kind].includes(kind),
    )
  return inventory.filter((entry) => !((spec.wait || named.has(keyOf(entry))) && isUnderstood(entry)))
}

const groupOf = (apiVersion: string): string => apiVersion.split('/').slice(0, -1).join('/')

const keyOf = ({ group, kind, namespace = '', name }: InventoryEntry): string =>
  [group, kind, namespace, name].join(' ')
