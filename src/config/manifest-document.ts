import { type Document, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml'
import type { Diagnostic, Problem } from './diagnostic.ts'

/** One YAML document of one file, with what is needed to point into it. */
export interface ManifestDocument {
  readonly file: string
  readonly text: string
  readonly lines: LineCounter
  readonly root: Document['contents']
  readonly value: Readonly<Record<string, unknown>>
}

/** Gives a problem its place; where the path leads nowhere, the last key on the way that exists. */
export function placeProblem(document: ManifestDocument, problem: Problem): Diagnostic {
  const { path, on, ...words } = problem
  return { ...words, ...placeOf(document, rangeOf(document.root, path, on)) }
}

type Range = readonly [number, number]

export function placeOf(
  { file, text, lines }: Pick<ManifestDocument, 'file' | 'text' | 'lines'>,
  [start, end]: Range,
): Pick<Diagnostic, 'file' | 'line' | 'column' | 'length' | 'source'> {
  const { line, col } = lines.linePos(Math.min(start, text.length))
  const from = lines.lineStarts[line - 1] ?? 0
  const source = text.slice(from, (lines.lineStarts[line] ?? text.length + 1) - 1).replace(/\r$/, '')
  return { file, line, column: col, length: Math.max(1, Math.min(end - start, source.length - col + 1)), source }
}

function rangeOf(root: unknown, path: readonly PropertyKey[], on: Problem['on']): Range {
  let range: Range = spanOf(root)
  let node = root
  for (const [at, step] of path.entries()) {
    const pair = isMap(node) ? pairOf(node.items, step) : undefined
    const next = pair === undefined && isSeq(node) ? node.items[Number(step)] : pair?.value
    if (pair === undefined && next === undefined) return range
    const wantsKey = pair !== undefined && (at < path.length - 1 || on === 'key' || isMap(next) || isSeq(next))
    range = spanOf(wantsKey ? pair.key : next)
    node = next
  }
  return range
}

const pairOf = (pairs: readonly Pair[], step: PropertyKey): Pair | undefined =>
  pairs.find(({ key }) => isScalar(key) && key.value === step)

function spanOf(node: unknown): Range {
  const range = (node as Node | null | undefined)?.range
  return range ? [range[0], range[1]] : [0, 1]
}
