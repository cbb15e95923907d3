/** Where a command writes. What it found goes to `out` alone, so that a pipe holds nothing else. */
export interface Terminal {
  readonly out: (text: string) => void
  /** Progress and errors, for the person who waits. */
  readonly err: (text: string) => void
}

/**
 * Text for a terminal, a line end added. Control and bidirectional characters of strangers would write over the screen or
 * turn it around, so they are shown as �.
 */
export const plainText = (text: string): string =>
  `${text.replace(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, '\u{fffd}').trimEnd()}\n`

/** One JSON document, in which every such character is an escape; with no indent on one line. */
export const jsonText = (value: unknown, indent = 2): string =>
  `${JSON.stringify(value, null, indent).replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, escaped)}\n`

const escaped = (character: string): string =>
  [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('')

/** Columns aligned by spaces, without a line that ends in one. The last column is as long as it is. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string {
  const widths = rows.reduce<readonly number[]>(
    (widest, row) => row.map((cell, at) => Math.max(widest[at] ?? 0, cell.length)),
    [],
  )
  return rows
    .map((row) =>
      `${indent}${row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  ')}`.trimEnd(),
    )
    .join('\n')
}

export const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
