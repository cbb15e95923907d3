import type { RenderedObject } from '../../../domain/rendered.ts'
import type { Consumer } from '../../../overlays/object-reader.ts'

/**
 * The word in its metadata by which its consumer leaves alone something that runs images: what runs there is then not what
 * the overlay says, and no health proves anything of it. Of Flux, `KustomizationReconciler.apply` (v1.9); of Argo CD,
 * gitops-engine `hook.Skip`.
 */
export function notApplied({ images, body }: RenderedObject, as: Consumer): string | undefined {
  if (images.length === 0 || as === 'kustomize') return undefined
  const { labels, annotations } = (body['metadata'] ?? {}) as Metadata
  const words =
    as === 'flux' ? [...Object.entries(labels ?? {}), ...Object.entries(annotations ?? {})] : hooks(annotations)
  const idle = words.find(([key, value]) => idleWords[as][key]?.includes(String(value).toLowerCase().trim()))
  return idle?.join(': ')
}

interface Metadata {
  readonly labels?: Readonly<Record<string, unknown>> | null
  readonly annotations?: Readonly<Record<string, unknown>> | null
}

/** A list of hooks; only where it is the one word is the object left alone. */
const hooks = (annotations: Metadata['annotations']): readonly [string, unknown][] =>
  Object.entries(annotations ?? {}).filter(([key]) => key === 'argocd.argoproj.io/hook')

const idleWords: Readonly<Record<'flux' | 'argo-cd', Readonly<Record<string, readonly string[]>>>> = {
  flux: {
    'kustomize.toolkit.fluxcd.io/reconcile': ['disabled'],
    'kustomize.toolkit.fluxcd.io/ssa': ['ignore', 'ifnotpresent'],
  },
  'argo-cd': { 'argocd.argoproj.io/hook': ['skip'] },
}
