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

/** All or nothing, as after the dry run of a real apply. Throws what an API server would answer. */
export function applyObjects(store: ObjectStore, desired: readonly KubeObject[]): void {
  for (const object of desired) demandValid(object)
  for (const object of desired) store.put(object)
}

function demandValid(object: KubeObject): void {
  const name = object.metadata?.name
  if (typeof object.apiVersion !== 'string' || typeof object.kind !== 'string' || typeof name !== 'string')
    throw new Error(`an object without apiVersion, kind or name: ${JSON.stringify(object).slice(0, 120)}`)
  const template = object.spec?.template as { readonly spec?: { readonly containers?: unknown } } | undefined
  if (hasPods.has(object.kind) && !Array.isArray(template?.spec?.containers))
    throw new Error(`${object.kind} "${name}" is invalid: spec.template.spec.containers: Required value`)
}

const hasPods = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job'])

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
