import type { RenderedObject } from '../../src/domain/rendered.ts'
import type { Kube, KubeObject } from './rig/kube.ts'

/** What a controller writes into each object beside what it built, and as whom it applies. */
export interface Applier {
  readonly manager: string
  mark(object: KubeObject): KubeObject
}

export const asFlux = ({ namespace, name }: { readonly namespace: string; readonly name: string }): Applier => ({
  manager: 'kustomize-controller',
  mark: (object) =>
    withMetadata(object, 'labels', {
      'kustomize.toolkit.fluxcd.io/name': name,
      'kustomize.toolkit.fluxcd.io/namespace': namespace,
    }),
})

/** It tracks by an annotation since 3.0. */
export const asArgoCd = (application: string): Applier => ({
  manager: 'argocd-controller',
  mark: (object) => {
    const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : ''
    const { namespace = '', name } = object.metadata
    const id = `${application}:${group}/${object.kind}:${namespace}/${name}`
    return withMetadata(object, 'annotations', { 'argocd.argoproj.io/tracking-id': id })
  },
})

/**
 * Where what we rendered is not what lies in the cluster. Applied by the same manager with the same marks it must change
 * nothing: a field that we render otherwise would be set, one that we miss would be taken away. Nothing is written.
 */
export async function differencesFromApplied(
  kube: Kube,
  rendered: readonly RenderedObject[],
  applier: Applier,
): Promise<readonly { readonly object: string; readonly live: unknown; readonly ours: unknown }[]> {
  const compared = await Promise.all(
    rendered.map(async ({ body }) => {
      const object = applier.mark(body as unknown as KubeObject)
      const { apiVersion, kind, metadata } = object
      const { namespace, name } = metadata
      const live = await kube.get({ apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) })
      const ours = live === undefined ? object : await kube.wouldBe(object, applier.manager)
      return { object: `${kind} ${namespace}/${name}`, live: steady(live), ours: steady(ours) }
    }),
  )
  return compared.filter(({ live, ours }) => JSON.stringify(live) !== JSON.stringify(ours))
}

/** Without what changes at each write, and what other controllers say of it. */
function steady(object: KubeObject | undefined): unknown {
  if (object === undefined) return 'not there'
  const { status: _status, metadata, ...rest } = object
  const { managedFields: _fields, resourceVersion: _version, ...kept } = metadata
  return sorted({ ...rest, metadata: kept })
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  )
}

const withMetadata = (object: KubeObject, key: 'labels' | 'annotations', more: object): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, [key]: { ...((object.metadata[key] as object | undefined) ?? {}), ...more } },
})
