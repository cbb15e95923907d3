import { type Document, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml'
import type { Diagnostic, Problem } from './diagnostic.ts'

/** One YAML document of one file, with what is needed to point into it. */
export interface ManifestDocument {
  readonly file: string
  readonly text: string
  readonly root: Document['contents']
  readonly value: Readonly<Record<string, unknown>>
}

/** Gives a problem its place; where the path leads nowhere, the last key on the way that exists. */
export function placeProblem(document: ManifestDocument, problem: Problem): Diagnostic {
  const { path, on, ...words } = problem
  return { ...words, ...placeOf(document, rangeOf(document.root, path, on)) }
}

type Range = readonly [number, number]

/** More of one document nobody reads, and finding the place of each would take a stranger's file minutes (T22). */
export const mostProblems = 100

/** Where an offset stands, for people. Lines are counted only here, since most files have nothing wrong. */
export function placeOf(
  { file, text }: Pick<ManifestDocument, 'file' | 'text'>,
  [start, end]: Range,
): Pick<Diagnostic, 'file' | 'line' | 'column' | 'length' | 'source'> {
  const before = text.slice(0, Math.min(start, text.length))
  const from = before.lastIndexOf('\n') + 1
  const to = text.indexOf('\n', from)
  const source = text.slice(from, to === -1 ? undefined : to).replace(/\r$/, '')
  const column = before.length - from + 1
  const length = Math.max(1, Math.min(end - start, source.length - column + 1))
  return { file, line: before.split('\n').length, column, length, source }
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
