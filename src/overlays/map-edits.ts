import { isNode, isScalar, type Pair, type YAMLMap } from 'yaml'
import { endOfLine, lineBreakAt, type Splice, startOfLine } from './splice.ts'

/** Where a key of a mapping stands in the text: its own characters, and those of its value. */
export interface PairRange {
  readonly key: string
  readonly start: number
  readonly end: number
}

export function pairRanges(map: YAMLMap): readonly PairRange[] {
  return map.items.flatMap((pair) => rangeOf(pair))
}

function rangeOf({ key, value }: Pair): PairRange[] {
  if (!isScalar(key) || !key.range) return []
  const end = isNode(value) && value.range ? value.range[1] : key.range[1]
  return [{ key: String(key.value), start: key.range[0], end }]
}

/** `key: value` behind the pair `after`: in a flow mapping behind its comma, else on a line of its own. */
export function insertPair(text: string, map: YAMLMap, after: PairRange, written: string): Splice {
  if (map.flow) return { start: after.end, end: after.end, text: `, ${written}` }
  const first = pairRanges(map)[0] ?? after
  const indent = ' '.repeat(first.start - startOfLine(text, first.start))
  return insertLines(text, after, `${indent}${written}`)
}

/** A whole line behind the line where the pair ends; a last line without a line break stays without one. */
export function insertLines(text: string, after: PairRange, lines: string): Splice {
  const at = endOfLine(text, Math.max(after.end - 1, after.start))
  const lineBreak = lineBreakAt(text, after.start)
  const isClosed = at > 0 && text[at - 1] === '\n'
  return { start: at, end: at, text: isClosed ? `${lines}${lineBreak}` : `${lineBreak}${lines}` }
}

/** Takes a pair away as `insertPair` put it there; undefined where it shares its line with something else. */
export function removePair(text: string, map: YAMLMap, pair: PairRange): Splice | undefined {
  const ranges = pairRanges(map)
  const before = ranges[ranges.findIndex(({ key }) => key === pair.key) - 1]
  if (map.flow) return before === undefined ? undefined : { start: before.end, end: pair.end, text: '' }
  const isAlone = text.slice(startOfLine(text, pair.start), pair.start).trim() === ''
  return isAlone ? removeLines(text, pair.start, pair.end) : undefined
}

/** Whole lines; of a last one without a line break, the break before it instead. */
export function removeLines(text: string, start: number, end: number): Splice {
  const from = startOfLine(text, start)
  const to = endOfLine(text, Math.max(end - 1, start))
  if (to > 0 && text[to - 1] === '\n') return { start: from, end: to, text: '' }
  const breakLength = from === 0 ? 0 : text[from - 2] === '\r' ? 2 : 1
  return { start: from - breakLength, end: to, text: '' }
}

/**
 * Joins removals that touch. At the end of a text without a last line break each of them took a break with it: joined, they
 * take the one before them all.
 */
export function joinRemovals(text: string, splices: readonly Splice[]): readonly Splice[] {
  const joined: Splice[] = []
  for (const splice of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = joined.at(-1)
    const touches = last !== undefined && last.text === '' && splice.text === '' && splice.start <= last.end
    if (!touches) joined.push(splice)
    else joined[joined.length - 1] = uptoEnd(text, { start: last.start, end: Math.max(last.end, splice.end), text: '' })
  }
  return joined
}

function uptoEnd(text: string, splice: Splice): Splice {
  if (splice.end < text.length || text.endsWith('\n') || text[splice.start - 1] !== '\n') return splice
  return { ...splice, start: splice.start - (text[splice.start - 2] === '\r' ? 2 : 1) }
}

/** A pair as its text holds it, with what follows on its line; for putting it back elsewhere. */
export function rawPair(text: string, map: YAMLMap, pair: PairRange): string {
  if (map.flow) return text.slice(pair.start, pair.end)
  return text.slice(pair.start, endOfLine(text, Math.max(pair.end - 1, pair.start))).replace(/\r?\n$/, '')
}
