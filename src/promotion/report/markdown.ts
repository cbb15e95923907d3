import { markdownTable } from 'markdown-table'

/**
 * Text of others as inline code: it mentions nobody, links nowhere, closes nothing and hides nothing (T26). Backticks are
 * replaced, since code that holds them needs longer fences than one line can promise.
 */
export function inline(text: string, longest = 200): string {
  const shown = visible(text).replaceAll('`', "'").replaceAll('\n', ' ').trim()
  const cut = shown.length > longest ? `${shown.slice(0, longest)}…` : shown
  return `\`${cut === '' ? '(nothing)' : cut}\``
}

/** Control, format and separator characters as a visible stand-in; line feeds and tabs stay. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n' || character === '\t' ? character : '\u{FFFD}',
  )

/** Text of others in running words: mentions, issue links, commands and markup are broken, the words stay readable. */
export const quotedText = (text: string): string =>
  visible(text)
    // Entities are broken too: `&commat;` is rendered as `@`, and would mention.
    .replace(/[\\`*_{}[\]()#+!|<>~&]/g, (character) => `\\${character}`)
    .replaceAll('@', '@\u{200B}')
    .replaceAll('/sluice', '/\u{200B}sluice')
    .replace(/\n+/g, ' ')

/** A table without the columns that have nothing to say but their heading. */
export function tableOfWhatIsThere(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isThere = head.map((_, at) => rows.some((row) => row[at] !== ''))
  const kept = (cells: readonly string[]) => cells.filter((_, at) => isThere[at])
  return table(kept(head), rows.map(kept))
}

/** Digests as people tell them apart; whole ones stand in the rendered difference. */
export const shortDigests = (text: string): string => text.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1…')

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  markdownTable([[...head], ...rows.map((row) => row.map(cell))], { alignDelimiters: false })

// What is escaped already stays as it is: one more backslash would free the bar again.
const cell = (text: string): string => text.replace(/(?<!\\)\|/g, '\\|').replace(/\n+/g, ' ')

/** The whole lines that have room, and a mark where there were more. */
export function cutAt(text: string, room: number): string {
  if (text.length <= room) return text
  const end = text.lastIndexOf('\n', Math.max(0, room - 2))
  return `${text.slice(0, Math.max(0, end))}\n…`
}

/** A fence longer than any run of backticks inside. */
export function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${visible(text)}\n${fence}`
}

export const details = (summary: string, body: string): string =>
  `<details>\n<summary>${summary}</summary>\n\n${body}\n\n</details>`
