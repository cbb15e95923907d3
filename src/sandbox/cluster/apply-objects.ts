import { isNamespaced, type KubeObject } from './kube-object.ts'
import { keyOf, type ObjectStore } from './object-store.ts'

/** The rendered objects as they are to lie in the cluster: namespaced, labelled with whose they are. */
export const desiredObjects = (
  rendered: readonly KubeObject[],
  options: { readonly namespace: string; readonly overrideNamespace: boolean; readonly labels: Record<string, string> },
): KubeObject[] =>
  rendered.map((object) => {
    const { namespace: own, ...metadata } = object.metadata
    const namespace = options.overrideNamespace ? options.namespace : (own ?? options.namespace)
    return {
      ...object,
      metadata: {
        ...metadata,
        ...(isNamespaced(object.kind) ? { namespace } : {}),
        labels: { ...metadata.labels, ...options.labels },
      },
    }
  })

export function applyObjects(store: ObjectStore, desired: readonly KubeObject[]): void {
  for (const object of desired) {
    if (typeof object.kind !== 'string' || typeof object.metadata?.name !== 'string')
      throw new Error(`an object without kind or name cannot be applied: ${JSON.stringify(object).slice(0, 120)}`)
    store.put(object)
  }
}

/** Whether the cluster holds an object as it is wanted; what the cluster added does not count. */
export function isApplied(store: ObjectStore, wanted: KubeObject): boolean {
  const live = store.get(keyOf(wanted))
  return live !== undefined && contains(live, wanted)
}

function contains(live: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return live === wanted
  if (Array.isArray(wanted))
    return (
      Array.isArray(live) && live.length === wanted.length && wanted.every((part, index) => contains(live[index], part))
    )
  if (typeof live !== 'object' || live === null) return false
  return Object.entries(wanted).every(([key, part]) => contains((live as Record<string, unknown>)[key], part))
}
