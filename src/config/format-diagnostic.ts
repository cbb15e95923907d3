import type { Diagnostic } from './diagnostic.ts'

const mostShown = 50
const widest = 120

/** A diagnostic for a terminal: place, code, the line with a caret, what was found, what is allowed. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, code } = diagnostic
  const gutter = String(line)
  const shown = excerpt(diagnostic)
  return [
    `${printable(file)}:${line}:${column}: ${code}`,
    `  ${gutter} | ${shown.text}`,
    `  ${' '.repeat(gutter.length)} | ${' '.repeat(shown.column - 1)}${'^'.repeat(shown.length)}`,
    `  ${printable(sentencesOf(diagnostic))}`,
  ].join('\n')
}

/** All of them, at most fifty, with how many were left out. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const texts = diagnostics.slice(0, mostShown).map(formatDiagnostic)
  const left = diagnostics.length - texts.length
  return [...texts, ...(left > 0 ? [`and ${left} more`] : [])].join('\n\n')
}

/** The same as one Markdown block in which nothing is markup, a mention or a command (T26). */
export function formatDiagnosticsAsMarkdown(diagnostics: readonly Diagnostic[]): string {
  const text = formatDiagnostics(diagnostics)
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)))
  return `${fence}text\n${text}\n${fence}`
}

function sentencesOf({ code, message, allowed, nearest }: Diagnostic): string {
  const parts = [`${message}.`]
  if (allowed !== undefined) parts.push(`${code === 'config.missing-key' ? 'It takes' : 'Allowed:'} ${allowed}.`)
  if (nearest !== undefined) parts.push(`Did you mean ${nearest}?`)
  return parts.join(' ')
}

// A long line is cut around the caret, so that a minified file does not fill the screen.
function excerpt({ source, column, length }: Diagnostic): { text: string; column: number; length: number } {
  const from = column - 1 + Math.min(length, 40) > widest ? column - 1 - 40 : 0
  const text = printable(source.slice(from, from + widest))
  const start = column - from
  return { text, column: start, length: Math.max(1, Math.min(length, text.length - start + 1)) }
}

// Control and bidirectional characters would let a file write over the terminal or turn the text around; a tab, which is one
// character to the caret, is seen.
const printable = (text: string): string => text.replaceAll('\t', '→').replace(/[\p{Cc}\p{Cf}]/gu, '\u{fffd}')
