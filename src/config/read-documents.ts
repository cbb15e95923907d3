import { type Document, isScalar, parseAllDocuments, type YAMLError } from 'yaml'
import type { SluiceFiles } from '../gates/gate.ts'
import type { Diagnostic } from './diagnostic.ts'
import { type ManifestDocument, mostProblems, placeOf } from './manifest-document.ts'
import { type Complain, plainValue } from './plain-value.ts'
import { mistakeInWords } from './yaml-mistakes.ts'

const largestFile = 256 * 1024
const largestSum = 2 * 1024 * 1024
/** Of lines and commas: what takes time to parse, and nothing else is done meanwhile. */
const mostParts = 150_000
const mostDocuments = 5_000

export interface ReadDocuments {
  readonly documents: readonly ManifestDocument[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Every document of every `.yaml` file, bounded in size, number and depth (T22); a broken one hides no other. */
export function readDocuments(files: SluiceFiles): ReadDocuments {
  const documents: ManifestDocument[] = []
  const diagnostics: Diagnostic[] = []
  const sum = { length: 0, parts: 0 }
  for (const [file, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!/\.ya?ml$/i.test(file)) continue
    sum.length += text.length
    sum.parts += text.split(/[\n,]/).length
    const read = refusalOf(file, text, sum) ?? readFile(file, text)
    diagnostics.push(...read.diagnostics)
    documents.push(...read.documents)
  }
  if (documents.length <= mostDocuments) return { documents, diagnostics }
  const message = `There are ${documents.length} documents under .sluice/, and ${mostDocuments} are read at most`
  return { documents: [], diagnostics: [...diagnostics, atStart('config.too-large', '.sluice', message)] }
}

function refusalOf(
  file: string,
  text: string,
  sum: { readonly length: number; readonly parts: number },
): ReadDocuments | undefined {
  if (!file.endsWith('.yaml'))
    return refused('config.file-name', file, 'The file would not be read: rename it to end in .yaml')
  if (text.length > largestFile)
    return refused('config.too-large', file, `The file is longer than ${largestFile} characters`)
  if (sum.length > largestSum)
    return refused('config.too-large', file, `The manifests are longer than ${largestSum} characters in sum`)
  if (sum.parts > mostParts)
    return refused('config.too-large', file, `The manifests hold more than ${mostParts} lines and commas in sum`)
  return undefined
}

function readFile(file: string, text: string): ReadDocuments {
  const parsed = parse(text)
  if (parsed === undefined) return refused('config.too-large', file, 'The file is nested too deeply to be read')
  const diagnostics: Diagnostic[] = []
  // To find the place of one costs as much as reading the file up to it.
  const add = (diagnostic: () => Diagnostic) => {
    if (diagnostics.length < mostProblems) diagnostics.push(diagnostic())
  }
  const documents = parsed.flatMap((document) => readDocument({ file, text }, document, add))
  return { documents, diagnostics }
}

function parse(text: string): readonly Document[] | undefined {
  const options = {
    version: '1.2',
    schema: 'core',
    merge: false,
    prettyErrors: false,
    logLevel: 'silent',
    uniqueKeys: false,
  } as const
  try {
    return Array.from<Document>(parseAllDocuments(text, options))
  } catch (error) {
    // The parser recurses: nesting beyond the stack ends here, and nowhere else.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

type Source = Pick<ManifestDocument, 'file' | 'text'>

const codes = {
  yaml: 'config.yaml',
  trap: 'config.yaml-trap',
  deep: 'config.too-large',
  twice: 'config.duplicate',
} as const

type Add = (diagnostic: () => Diagnostic) => void

function readDocument(source: Source, document: Document, add: Add): readonly ManifestDocument[] {
  const [lost] = document.errors
  // Where the parser lost its way it goes on guessing: only its first complaint is about what somebody wrote.
  if (lost !== undefined) {
    add(() => syntaxError(source, lost))
    return []
  }
  const { contents } = document
  if (contents === null || isEmpty(contents)) return []
  let isTwice = false
  const complain: Complain = ({ range }, code, message) => {
    isTwice ||= code === 'twice'
    add(() => ({ code: codes[code], message, ...placeOf(source, range ? [range[0], range[1]] : [0, 1]) }))
  }
  const value = plainValue(contents, complain)
  if (isTwice) return []
  if (isRecord(value)) return [{ ...source, root: contents, value }]
  complain(contents, 'yaml', 'A manifest is a mapping with apiVersion, kind, metadata and spec')
  return []
}

/** `---` at the end of a file, or twice: templates leave them behind. */
const isEmpty = (contents: unknown): boolean =>
  isScalar(contents) && contents.value === null && (contents.source ?? '') === ''

function syntaxError(source: Source, error: YAMLError): Diagnostic {
  const place = placeOf(source, error.pos)
  return { code: 'config.yaml', message: mistakeInWords(error, place.source), ...place }
}

const refused = (code: Diagnostic['code'], file: string, message: string): ReadDocuments => ({
  documents: [],
  diagnostics: [atStart(code, file, message)],
})

const atStart = (code: Diagnostic['code'], file: string, message: string): Diagnostic => ({
  ...{ code, file, message },
  ...{ line: 1, column: 1, length: 1, source: '' },
})

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
