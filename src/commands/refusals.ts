/** Why a line was not taken: a stable code, what was found, what is allowed, and the line that would work. */
export interface Refusal {
  readonly is: 'refused'
  readonly reason: RefusalReason
  /** As somebody typed it, for `refusalText` to quote; never to be shown bare. */
  readonly found: string
  readonly allowed: readonly string[]
  readonly nearest: string | null
  /** The command that would work, or its usage. */
  readonly tryThis: string | null
}

/** A sentence per code. `{found}` and `{allowed}` are filled in as quoted code. */
export const refusalReasons = {
  'commands.too-many':
    'A comment holds at most five commands; {found} more were left out. Put them in another comment.',
  'commands.too-long': 'The command is longer than {allowed} characters.',
  'commands.edited':
    'Commands are read from comments as they were first written; this one was edited. What was taken from it before stands; for anything else write a new one.',
  'commands.no-verb': 'A command is missing after {found}.',
  'commands.unknown-verb': 'There is no command {found}. There are {allowed}.',
  'commands.not-built': '{found} is not built yet.',
  'commands.unclosed-quote': 'The text that begins with {found} has no closing double quote on its line.',
  'commands.text-after-quote': 'After the closing double quote of {found} a space must follow; quotes have no escapes.',
  'commands.curly-quote': '{found} begins with a curly quote. Text is written between straight double quotes.',
  'commands.invisible-character': 'The command holds an invisible character ({found}). Type it again without.',
  'commands.missing-argument': '{found} is missing.',
  'commands.missing-value': '{found} needs a value after it.',
  'commands.unexpected-word': 'Nothing was expected where {found} stands. Texts of several words need double quotes.',
  'commands.unknown-flag': 'There is no {found} here. There are {allowed}.',
  'commands.no-flags': 'There is no {found} here: this command has no flags.',
  'commands.repeated-flag': '{found} was given more than once.',
  'commands.unknown-environment': 'There is no environment {found}. There are {allowed}.',
  'commands.unknown-application': 'There is no application {found}. There are {allowed}.',
  'commands.unknown-gate': 'There is no manual gate {found}. There are {allowed}.',
  'commands.bad-duration': '{found} is not a duration from one minute to 90 days, such as {allowed}.',
  'commands.bad-release': '{found} does not name a release: give the first twelve digits of its id, or its tag.',
  'commands.bad-sha': '{found} does not name a commit: give 7 to 64 of its hexadecimal digits.',
  'commands.bad-text': 'The text {found} must hold 1 to 500 characters.',
} as const

export type RefusalReason = keyof typeof refusalReasons

export const refuse = (
  reason: RefusalReason,
  found: string,
  more: Partial<Pick<Refusal, 'allowed' | 'nearest' | 'tryThis'>> = {},
): Refusal => ({ is: 'refused', reason, found, allowed: [], nearest: null, tryThis: null, ...more })

/** One short reply as Markdown. What somebody typed stands as code: it mentions nobody and commands nothing. */
export function refusalText(refusal: Refusal): string {
  const allowed = refusal.allowed.length === 0 ? 'none' : shortList(refusal.allowed)
  const sentence = refusalReasons[refusal.reason].replace(/\{(found|allowed)\}/g, (_, key: string) =>
    key === 'found' ? quoted(refusal.found) : allowed,
  )
  const nearest = refusal.nearest === null ? '' : ` Did you mean ${quoted(refusal.nearest)}?`
  const tryThis = refusal.tryThis === null ? '' : ` Try ${quoted(refusal.tryThis)}.`
  return `${sentence}${nearest}${tryThis} (\`${refusal.reason}\`)`
}

const longestQuote = 200
const mostListed = 20

/** Text of others as inline code, with what could end the code or hide its meaning taken out (T26). */
export function quoted(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}').replaceAll('`', "'")
  const characters = [...plain]
  const shown = characters.length > longestQuote ? `${characters.slice(0, longestQuote).join('')}…` : plain
  return `\`${shown.trim() === '' ? '(nothing)' : shown}\``
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, mostListed).map(quoted).join(', ')
  return names.length > mostListed ? `${shown} and ${names.length - mostListed} more` : shown
}
