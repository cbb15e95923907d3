import { escapeHtml } from './inline-markdown.ts'

const classes: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed', '@': 'hunk' }

/** Lines of a unified diff, each in its colour. */
export const diffLines = (lines: readonly string[]): string =>
  lines.map((line) => `<span class="line ${classes[line.charAt(0)] ?? 'same'}">${escapeHtml(line)}</span>`).join('\n')
