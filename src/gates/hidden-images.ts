import type { RenderedObject } from '../domain/rendered.ts'

// Objects that bring workloads from elsewhere: what they run is not among the rendered images (T69).
const hidingKinds: ReadonlyMap<string, RegExp> = new Map([
  ['HelmRelease', /^helm\.toolkit\.fluxcd\.io\//],
  ['HelmChart', /^helm\.cattle\.io\//],
  ['Kustomization', /^kustomize\.toolkit\.fluxcd\.io\//],
  ['Application', /^argoproj\.io\//],
  ['ApplicationSet', /^argoproj\.io\//],
])

/** The objects of which the rendering does not show what they run, each with the reason. */
export const objectsThatHideImages = (objects: readonly RenderedObject[]): readonly string[] =>
  objects.flatMap((object) => {
    const { kind, apiVersion, name, unreadImages } = object
    if (hidingKinds.get(kind)?.test(apiVersion)) return [`${kind} ${name}`]
    const [field] = unreadImages
    return field === undefined ? [] : [`${kind} ${name} (its ${field} is no reference of an image)`]
  })
