/** Replaces the characters from `start` up to `end`; an insertion where both are equal. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Applies splices, in any order, to one text; every character outside of them stays. Overlapping ones are a bug and throw. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const sorted = splices.toSorted((a, b) => a.start - b.start || a.end - b.end)
  const pieces: string[] = []
  let kept = 0
  for (const { start, end, text: replacement } of sorted) {
    if (start < kept || end < start || end > text.length)
      throw new TypeError('splices overlap or lie outside of the text')
    pieces.push(text.slice(kept, start), replacement)
    kept = end
  }
  return [...pieces, text.slice(kept)].join('')
}

/** The line break that the line at `offset` ends with, or, on a last line without one, that of the line before. */
export function lineBreakAt(text: string, offset: number): '\n' | '\r\n' {
  const here = text.indexOf('\n', offset)
  const at = here < 0 ? text.lastIndexOf('\n', offset) : here
  return at > 0 && text[at - 1] === '\r' ? '\r\n' : '\n'
}

/** The offset behind the line that holds `offset`, its line break included. */
export function endOfLine(text: string, offset: number): number {
  const at = text.indexOf('\n', offset)
  return at < 0 ? text.length : at + 1
}

export const startOfLine = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1
