import type { Problem } from '../diagnostic.ts'
import type { ManifestDocument } from '../manifest-document.ts'
import type { Manifests } from '../manifests.ts'

export interface RuleProblem extends Problem {
  readonly document: ManifestDocument
}

/** One thing that must hold between manifests, or between the keys of one. */
export type Rule = (manifests: Manifests) => readonly RuleProblem[]
