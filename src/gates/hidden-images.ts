import type { RenderedObject } from '../domain/rendered.ts'

// Objects that bring workloads from elsewhere: what they run is not among the rendered images (T69).
const hidingKinds: ReadonlyMap<string, RegExp> = new Map([
  ['HelmRelease', /^helm\.toolkit\.fluxcd\.io\//],
  ['HelmChart', /^helm\.cattle\.io\//],
  ['Kustomization', /^kustomize\.toolkit\.fluxcd\.io\//],
  ['Application', /^argoproj\.io\//],
  ['ApplicationSet', /^argoproj\.io\//],
])

/** The objects whose images nobody can see in the rendering, as `kind name`. */
export const objectsThatHideImages = (objects: readonly RenderedObject[]): readonly string[] =>
  objects
    .filter(({ kind, apiVersion }) => hidingKinds.get(kind)?.test(apiVersion))
    .map(({ kind, name }) => `${kind} ${name}`)
