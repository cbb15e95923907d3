import type { World } from './controller.ts'
import type { KubeObject } from './kube-object.ts'
import { keyOf } from './object-store.ts'

/** Deletes what the Kustomization applied before and does not any more, where it prunes. */
export function prune(world: World, kustomization: KubeObject, kept: readonly KubeObject[]): void {
  if (kustomization.spec?.prune !== true) return
  const ids = new Set(kept.map((object) => inventoryEntry(object).id))
  const label = 'kustomize.toolkit.fluxcd.io/name'
  const before = (world.store.get(keyOf(kustomization))?.status?.inventory as Inventory | undefined)?.entries ?? []
  for (const { id } of before.filter((entry) => !ids.has(entry.id))) {
    const gone = world.store
      .collections()
      .flatMap((collection) => world.store.list(collection))
      .find(
        (object) => inventoryEntry(object).id === id && object.metadata.labels?.[label] === kustomization.metadata.name,
      )
    if (gone !== undefined) world.store.delete(keyOf(gone))
  }
}

interface Inventory {
  readonly entries: readonly { readonly id: string; readonly v: string }[]
}

/** `<namespace>_<name>_<group>_<kind>`, as cli-utils writes object ids. */
export function inventoryEntry(object: KubeObject): { readonly id: string; readonly v: string } {
  const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion]
  const name = object.metadata.name.replaceAll(':', '__')
  return { id: `${object.metadata.namespace ?? ''}_${name}_${group}_${object.kind}`, v: version ?? '' }
}
