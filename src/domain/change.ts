import type { Digest, Sha, SlotKey } from './ids.ts'
import type { Initiators, Person } from './person.ts'
import type { OverlayRelease } from './release.ts'
import type { RenderedObject, Rendering } from './rendered.ts'

export type ChangeKind = 'promotion' | 'rollback' | 'edit'

/** What gates judge: one slot at one pinned merge result. A pull request of 40 slots is 40 changes with one origin. */
export interface Change {
  readonly slot: SlotKey
  readonly kind: ChangeKind
  readonly head: Sha
  /** Of every byte that the merge result's overlay reaches: survives merges that touch none of them. */
  readonly inputs: Digest
  readonly release: OverlayRelease
  readonly replaces: OverlayRelease
  readonly origin: Origin
  readonly difference: RenderedDifference
  /** Paths that this overlay shares with an upstream environment's overlay and that the change touches. */
  readonly sharedPaths: readonly string[]
  /** Guard paths of this environment that the change touches; `slot` is then `*` / environment where no overlay changed. */
  readonly guardPaths: readonly string[]
}

export interface Origin {
  readonly in: 'pull-request' | 'checkout'
  /** 0 for a checkout. */
  readonly pull: number
  readonly author: Person
  /** Of a promotion, who brought the release into the first environment; of an edit, who made it. */
  readonly initiators: Initiators
}

export type RenderedDifference =
  | { readonly is: 'rendered'; readonly after: readonly RenderedObject[]; readonly changed: readonly ObjectChange[] }
  | { readonly is: 'unsupported'; readonly problem: Extract<Rendering, { is: 'unsupported' }>['problem'] }

export type ObjectChange =
  | { readonly is: 'added'; readonly after: RenderedObject }
  | { readonly is: 'removed'; readonly before: RenderedObject }
  | { readonly is: 'changed'; readonly before: RenderedObject; readonly after: RenderedObject }
