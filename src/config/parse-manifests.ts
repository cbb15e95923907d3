import type { SluiceFiles } from '../gates/gate.ts'
import type { CheckedConfig } from './checked-config.ts'
import { checkedOfManifests } from './checked-of-manifests.ts'
import { byPlace, type Diagnostic } from './diagnostic.ts'
import { placeProblem } from './manifest-document.ts'
import { checkShapes } from './manifests.ts'
import { readDocuments } from './read-documents.ts'
import { allRules } from './rules/all-rules.ts'
import { sharedOverlaysName } from './rules/overlays.ts'

export interface ParsedManifests {
  /** Null where there is any diagnostic: half a config is none. */
  readonly config: CheckedConfig | null
  /** All of them at once, in the order of the files. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads the manifests of one commit. `files` is everything under `.sluice/` by path, keys included. `repositoryName` names
 * the application of a shared overlay whose environment names none.
 */
export function parseManifests(
  files: SluiceFiles,
  options: { readonly repositoryName?: string } = {},
): ParsedManifests {
  const read = readDocuments(files)
  const { manifests, diagnostics: shapes } = checkShapes(read.documents, files)
  const rules = [...allRules, sharedOverlaysName(options.repositoryName)]
  const broken = rules
    .flatMap((rule) => rule(manifests))
    .map(({ document, ...problem }) => placeProblem(document, problem))
  const diagnostics = [...read.diagnostics, ...shapes, ...broken].toSorted(byPlace)
  return {
    config: diagnostics.length === 0 ? checkedOfManifests(manifests, options.repositoryName) : null,
    diagnostics,
  }
}
