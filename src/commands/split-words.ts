import { type Refusal, refuse } from './refusals.ts'

export interface Word {
  readonly text: string
  /** Quoted text is a value, never a flag. */
  readonly quoted: boolean
}

/**
 * The words after `/sluice`: tokens divided by spaces and tabs, or texts in double quotes. Nothing is escaped or expanded.
 */
export function splitWords(line: string): readonly Word[] | Refusal {
  const words: Word[] = []
  let at = 0
  for (;;) {
    while (isSpace(line[at])) at += 1
    if (at >= line.length) return words
    const next = line[at] === '"' ? quotedWord(line, at) : token(line, at)
    if ('is' in next) return next
    words.push(next.word)
    at = next.end
  }
}

type Read = { readonly word: Word; readonly end: number } | Refusal

function quotedWord(line: string, start: number): Read {
  const close = line.indexOf('"', start + 1)
  if (close === -1) return refuse('commands.unclosed-quote', line.slice(start, start + 40))
  const text = line.slice(start + 1, close)
  const after = line[close + 1]
  if (after !== undefined && !isSpace(after)) return refuse('commands.text-after-quote', line.slice(start, close + 1))
  return invisible(text, joiners) ?? { word: { text, quoted: true }, end: close + 1 }
}

function token(line: string, start: number): Read {
  let end = start
  while (end < line.length && !isSpace(line[end])) end += 1
  const text = line.slice(start, end)
  if (curlyQuotes.has(text[0] ?? '')) return refuse('commands.curly-quote', text, straightened(line))
  return invisible(text, nothing) ?? { word: { text, quoted: false }, end }
}

/** The same line with straight quotes, where that is one. */
function straightened(line: string): { readonly tryThis?: string } {
  const straight = [...line].map((character) => (curlyQuotes.has(character) ? '"' : character)).join('')
  return 'is' in splitWords(straight) ? {} : { tryThis: `/sluice ${straight.trim()}` }
}

const isSpace = (character: string | undefined): boolean => character === ' ' || character === '\t'

/** Phones write these by themselves. */
const curlyQuotes = new Set(['“', '”', '„', '«', '»'])
/** Emoji in a text are held together by these. */
const joiners: ReadonlySet<string> = new Set(['\u{200D}', '\u{FE0F}'])
const nothing: ReadonlySet<string> = new Set()
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** Control, bidirectional and zero-width characters make a line read as something else than it says. */
function invisible(text: string, allowed: ReadonlySet<string>): Refusal | undefined {
  for (const character of text) {
    const isStrangeSpace = character !== ' ' && /\p{Zs}/u.test(character)
    if ((unseen.test(character) || isStrangeSpace) && !allowed.has(character) && character !== '\t') {
      const code = character.codePointAt(0) ?? 0
      return refuse('commands.invisible-character', `U+${code.toString(16).toUpperCase().padStart(4, '0')}`)
    }
  }
  return undefined
}
