/** What a person reads out of a report of Sluice: its first line, its gates, the difference. */
export interface ReadReport {
  readonly headline: string
  readonly gates: readonly ReadGate[]
  /** The lines that were added or removed in the rendered difference. */
  readonly difference: readonly string[]
}

export interface ReadGate {
  readonly name: string
  readonly is: 'pass' | 'wait' | 'fail'
  readonly reason: string
  readonly says: string
}

const marks: Readonly<Record<string, ReadGate['is']>> = { '✅': 'pass', '⏳': 'wait', '❌': 'fail' }
const gateRow = /^\| (✅|⏳|❌) `([^`]+)` \| (.*) \(`([a-z.-]+)`\) \|/u

export function readReport(text: string): ReadReport {
  const lines = text.split('\n')
  return {
    headline: plain(lines[0] ?? ''),
    gates: lines.flatMap((line) => {
      const [, mark = '', name = '', says = '', reason = ''] = gateRow.exec(line) ?? []
      const is = marks[mark]
      return is === undefined ? [] : [{ name, is, reason, says: plain(says) }]
    }),
    difference: differenceLines(lines),
  }
}

/** The codes of what does not pass. */
export const openReasons = ({ gates }: ReadReport): readonly string[] =>
  gates.filter(({ is }) => is !== 'pass').map(({ reason }) => reason)

/** A sentence without its markup, as it is read. */
export const plain = (markdown: string): string => markdown.replace(/\*\*|`|\u{200B}|\\(?=[^\w\s])/gu, '').trim()

/** The beginning of a text, as it is read. */
export const firstLines = (markdown: string, count: number): readonly string[] =>
  plain(markdown)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, count)

/** The code at the end of a reply: `… (rights.role)`. */
export const codeIn = (reply: string): string | undefined => /\(`([a-z]+\.[a-z.-]+)`\)/.exec(reply)?.[1]

/** What a reply says before its code. */
export const sentenceIn = (reply: string): string =>
  plain(reply.split('\n')[0]?.replace(/^\*\*Not done\.\*\* | \(`[a-z.-]+`\)/g, '') ?? '')

function differenceLines(lines: readonly string[]): readonly string[] {
  const begin = lines.indexOf('```diff')
  const end = lines.indexOf('```', begin)
  return begin === -1 ? [] : lines.slice(begin + 1, end).filter((line) => /^[-+#]/.test(line))
}
