import type { YAMLError } from 'yaml'

/**
 * What a syntax error means to the person who wrote the file: the parser's own words tell of its grammar. `line` is the one
 * that it points into.
 */
export const mistakeInWords = ({ code, message }: YAMLError, line: string): string =>
  mistakes.find(({ when }) => when(code, message, line))?.says ?? message.replace(/\.$/, '')

interface Mistake {
  readonly when: (code: YAMLError['code'], message: string, line: string) => boolean
  readonly says: string
}

const mistakes: readonly Mistake[] = [
  {
    when: (_code, _message, line) => /^(?:<{7}|={7}|>{7})(?: |$)/.test(line),
    says: 'A merge conflict was left here',
  },
  {
    when: (code) => code === 'TAB_AS_INDENT',
    says: 'Tabs are not allowed as indentation: YAML takes spaces',
  },
  {
    when: (code) => code === 'BLOCK_AS_IMPLICIT_KEY',
    says: 'No mapping can begin here: a text that holds a colon needs quotes, or the next line is indented too far',
  },
  {
    when: (code, message) => code === 'BAD_INDENT' && message.startsWith('Flow'),
    says: 'A `{` or `[` above is not closed',
  },
  {
    when: (code) => code === 'BAD_INDENT',
    says: 'The line begins at another column than those that it belongs to',
  },
  {
    when: (code, message) => code === 'MISSING_CHAR' && message.includes('quote'),
    says: 'The text has no closing quote',
  },
  {
    when: (code, message) =>
      code === 'MULTILINE_IMPLICIT_KEY' || (code === 'MISSING_CHAR' && message.includes('map keys')),
    says: 'This is no `key: value`, as the lines around it are',
  },
  {
    when: (code) => code === 'BAD_SCALAR_START',
    says: 'A value that begins with this sign needs quotes',
  },
  {
    when: (code, message) => code === 'UNEXPECTED_TOKEN' && message.includes('node end'),
    says: 'Something stands behind a value that was complete: a text that begins with `{`, `[` or a quote needs quotes around all of it',
  },
]
