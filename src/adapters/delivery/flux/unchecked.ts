import type { InventoryEntry, Kustomization } from './kustomization.ts'

/**
 * What of the applied objects Flux does not look at: `wait` makes it look at each, healthChecks at those that they name and
 * at no other (kustomize-controller v1.9 `checkHealth`). Of these Ready says that they were applied, and nothing else.
 */
export function uncheckedOf(inventory: readonly InventoryEntry[], { spec }: Kustomization): readonly InventoryEntry[] {
  if (spec.wait) return []
  const checked = new Set(
    spec.healthChecks.map(({ apiVersion, kind, namespace, name }) =>
      keyOf({ group: groupOf(apiVersion || 'apps/v1'), kind, namespace, name }),
    ),
  )
  return inventory.filter((entry) => !checked.has(keyOf(entry)))
}

const groupOf = (apiVersion: string): string => apiVersion.split('/').slice(0, -1).join('/')

const keyOf = ({ group, kind, namespace = '', name }: InventoryEntry): string =>
  [group, kind, namespace, name].join(' ')
