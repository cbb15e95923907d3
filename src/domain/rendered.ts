import type { Digest } from './ids.ts'
import type { OverlayProblem } from './release.ts'

/** One object that an overlay renders, as its consumer would apply it. */
export interface RenderedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  /** Of the canonical JSON. */
  readonly digest: Digest
  /** Every image reference that its pod templates or, of a custom resource, its fields name; init and ephemeral containers included. */
  readonly images: readonly string[]
  /** Fields of a custom resource that name an image and hold no reference, so that nobody can say what runs. */
  readonly unreadImages: readonly string[]
  readonly body: Readonly<Record<string, unknown>>
}

export type Rendering =
  | { readonly is: 'rendered'; readonly objects: readonly RenderedObject[]; readonly digest: Digest }
  | { readonly is: 'unsupported'; readonly problem: OverlayProblem }

/**
 * Whether the tool or the machine had a part in it: the same overlay may be rendered the next time, so this is denied, and
 * tried again (T30).
 */
export const mayPassByItself = ({ reason }: OverlayProblem): boolean => passing.has(reason)

const passing: ReadonlySet<string> = new Set([
  'render.tool',
  'render.too-costly',
  'render.broken-output',
  'render.no-output',
])

/** Unique within one rendering. */
export const objectName = (object: Pick<RenderedObject, 'apiVersion' | 'kind' | 'namespace' | 'name'>): string =>
  `${object.apiVersion} ${object.kind} ${object.namespace ?? ''}/${object.name}`
