import { LRUCache } from 'lru-cache'
import { type Document, isNode, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml'
import type { Complaint } from './problem.ts'

/** A text with its parsed documents; ranges of the nodes are offsets into `text`. */
export interface YamlSource {
  readonly is: 'yaml'
  readonly text: string
  readonly documents: readonly Document.Parsed[]
  /** From 1. */
  lineAt(offset: number): number
}

export type BrokenYaml = { readonly is: 'broken'; readonly complaint: Complaint }

const maxBytes = 1024 * 1024
const maxNesting = 200
/** Of a text's values: parsing one takes longer than reading it a thousand times, and nothing else is done meanwhile. */
const maxParts = 50_000
/** An alias may be used, but not to grow a kilobyte into a gigabyte (T22). */
export const maxAliases = 100

/** Parses what somebody else wrote, within bounds, as the cluster's parser would: merge keys count, duplicate keys do not. */
export function yamlSource(bytes: Uint8Array): YamlSource | BrokenYaml {
  const source = recent.get(bytes) ?? read(bytes)
  recent.set(bytes, source)
  return source
}

/**
 * Where an overlay is walked, read for its release and edited in one go, the same bytes are parsed once. Only a few are kept,
 * since a parsed text is some fifty times as large; neither is ever changed.
 */
const recent = new LRUCache<Uint8Array, YamlSource | BrokenYaml>({
  maxSize: 64 * 1024,
  sizeCalculation: (_, bytes) => bytes.length + 1,
})

function read(bytes: Uint8Array): YamlSource | BrokenYaml {
  if (bytes.length > maxBytes) return broken('render.too-large', `${bytes.length} bytes, at most ${maxBytes} are read`)
  const text = utf8(bytes)
  if (text === undefined) return broken('render.broken-yaml', 'it is not UTF-8 text')
  if (nesting(text) > maxNesting) return broken('render.too-large', `it nests more than ${maxNesting} levels`)
  if (countOf(text, ['\n', ',']) > maxParts)
    return broken('render.too-large', `it holds more than ${maxParts} lines and commas`)
  return parse(text)
}

function parse(text: string): YamlSource | BrokenYaml {
  const lines = new LineCounter()
  const lineAt = (offset: number): number => lines.linePos(offset).line
  try {
    const parsed = parseAllDocuments(text, {
      lineCounter: lines,
      prettyErrors: false,
      merge: true,
      keepSourceTokens: false,
      uniqueKeys: false,
    })
    const documents = Array.isArray(parsed) ? parsed : []
    for (const document of documents) {
      const fault = document.errors[0] ?? document.warnings[0]
      if (fault !== undefined) return broken('render.broken-yaml', fault.message, lineAt(fault.pos[0]))
      const repeated = repeatedKey(document)
      if (repeated !== undefined) return broken('render.broken-yaml', 'a key stands there twice', lineAt(repeated))
      const tagged = explicitTag(document)
      // Only Go's parser knows `!!binary`; a value that two parsers read differently is a hiding place (T23).
      if (tagged !== undefined) return broken('render.broken-yaml', 'it has an explicit tag', lineAt(tagged))
    }
    return { is: 'yaml', text, documents, lineAt }
  } catch (error) {
    if (error instanceof RangeError) return broken('render.too-large', 'it nests too deeply to be read')
    throw error
  }
}

const broken = (reason: string, detail: string, line?: number): BrokenYaml => ({
  is: 'broken',
  complaint: { reason, detail, ...(line === undefined ? {} : { line }) },
})

/** Keeps a byte order mark, so that what is written back is what was read. */
function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** An upper bound of how deep brackets and `- - -` nest, found without recursion and before the parser recurses. */
function nesting(text: string): number {
  let deepest = 0
  let open = 0
  let dashes = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '[' || character === '{') open += 1
    else if ((character === ']' || character === '}') && open > 0) open -= 1
    if (character === '-' || character === '?') dashes += 1
    else if (character !== ' ') dashes = 0
    deepest = Math.max(deepest, open, dashes)
  }
  return deepest
}

/** How often the characters stand in a text: a bound of how much there is to parse, found without parsing. */
export function countOf(text: string, characters: readonly string[]): number {
  let count = 0
  for (const character of characters)
    for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count += 1
  return count
}

/**
 * Where a key stands that its mapping has already. Parsers are told not to look for it: they compare each key with all before
 * it, which takes minutes for a file of a stranger that is within all bounds (T22).
 */
export function repeatedKey(document: Document.Parsed): number | undefined {
  let found: number | undefined
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>()
      for (const { key } of items) {
        const name = isScalar(key) ? String(key.value) : undefined
        if (name !== undefined && seen.has(name)) {
          found = isScalar(key) ? (key.range?.[0] ?? 0) : 0
          return visit.BREAK
        }
        if (name !== undefined) seen.add(name)
      }
      return undefined
    },
  })
  return found
}

function explicitTag(document: Document.Parsed): number | undefined {
  let found: number | undefined
  visit(document, {
    Node(_, node) {
      if (!isNode(node) || !('tag' in node) || node.tag === undefined || node.range == null) return undefined
      found = node.range[0]
      return visit.BREAK
    },
  })
  return found
}
