import type { SluiceFiles } from '../gates/gate.ts'
import type { CheckedConfig } from './checked-config.ts'
import { checkedOfManifests } from './checked-of-manifests.ts'
import { byPlace, type Diagnostic } from './diagnostic.ts'
import { mostProblems, placeProblem } from './manifest-document.ts'
import { checkShapes } from './manifests.ts'
import { readDocuments } from './read-documents.ts'
import { allRules } from './rules/all-rules.ts'
import { sharedOverlaysName } from './rules/overlays.ts'

/** Each names others, and a slip is compared with all of them (T22). */
const mostEnvironments = 500

const tooManyEnvironments: Diagnostic = {
  ...{ code: 'config.too-large', file: '.sluice', line: 1, column: 1, length: 1, source: '' },
  message: `There are more than ${mostEnvironments} environments`,
}

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
  const tooMany = manifests.environmentNames.length > mostEnvironments
  const broken = (tooMany ? [] : rules.flatMap((rule) => rule(manifests)))
    .slice(0, mostProblems)
    .map(({ document, ...problem }) => placeProblem(document, problem))
  const diagnostics = [...(tooMany ? [tooManyEnvironments] : []), ...read.diagnostics, ...shapes, ...broken].toSorted(
    byPlace,
  )
  return {
    config: diagnostics.length === 0 ? checkedOfManifests(manifests, options.repositoryName) : null,
    diagnostics,
  }
}
