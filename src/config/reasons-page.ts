import { allReasons } from '../gates/sentences.ts'
import { diagnosticCodes } from './diagnostic.ts'

/** docs/reasons.md: every code of a verdict and of a diagnostic, each from where its sentence stands. */
export const reasonsPage = (): string => `# Reason codes

Written by \`npm run schemas\` from the sentences beside each rule; do not edit. Words in braces are filled in.

## Verdicts of gates

${table(['code', 'given by', 'sentence'], allReasons().map(verdictRow))}

## Diagnostics of manifests

${table(
  ['code', 'meaning'],
  Object.entries(diagnosticCodes).map(([code, meaning]) => [`\`${code}\``, meaning]),
)}
`

const verdictRow = ({ code, gates, sentence }: ReturnType<typeof allReasons>[number]): readonly string[] => [
  `\`${code}\``,
  gates.length === 0 ? 'any gate' : gates.join(', '),
  sentence,
]

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(row).join('\n')

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
