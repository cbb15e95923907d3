/** One thing that is wrong in the manifests, with what somebody needs to mend it. Found text is untrusted: plain text. */
export interface Diagnostic {
  /** A stable code, `config.unknown-key`; its sentence stands in diagnostic-codes.ts. */
  readonly code: DiagnosticCode
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in characters. */
  readonly column: number
  /** How many characters of the line the caret underlines, at least 1. */
  readonly length: number
  /** The offending line. */
  readonly source: string
  /** What was found, as a sentence without its full stop. */
  readonly message: string
  readonly allowed?: string
  readonly nearest?: string
}

export const diagnosticCodes = {
  'config.yaml': 'The file is not YAML, or not the plain YAML that manifests are written in.',
  'config.yaml-trap': 'YAML 1.1 and 1.2 read this value as different things; quotes make it one.',
  'config.too-large': 'The file, the number of documents or the nesting is over the limit.',
  'config.file-name': 'A manifest must end in .yaml, or nobody reads it.',
  'config.unknown-kind': 'The document is not one of the kinds that there are.',
  'config.unknown-api-version': 'The document is written for another version of Sluice.',
  'config.unknown-key': 'The key does not exist here.',
  'config.missing-key': 'A key that must be there is missing.',
  'config.wrong-type': 'The value is of another type than is asked for.',
  'config.wrong-value': 'The value is none of those that are allowed.',
  'config.not-built-yet': 'This is described in the documentation, and Sluice cannot do it yet.',
  'config.duplicate': 'Two manifests, or two gates, have one name.',
  'config.unknown-name': 'The name belongs to no environment that there is.',
  'config.cycle': 'Environments promote from each other in a circle.',
  'config.contradiction': 'Two settings cannot hold together.',
} as const

export type DiagnosticCode = keyof typeof diagnosticCodes

/** A problem before it has a place: where it stands in its document, and the words. */
export interface Problem extends Pick<Diagnostic, 'code' | 'message' | 'allowed' | 'nearest'> {
  readonly path: readonly PropertyKey[]
  /** Whether the caret stands under the key or under the value. */
  readonly on: 'key' | 'value'
}

/** In the order in which somebody reads the files. */
export const byPlace = (a: Diagnostic, b: Diagnostic): number =>
  compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.code, b.code)

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
