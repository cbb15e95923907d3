import type { Verb } from '../domain/command.ts'
import type { Word } from './split-words.ts'

/** A line as it should be written. */
export const commandLine = (words: readonly Word[]): string =>
  `/sluice ${words.map(({ text, quoted }) => (quoted ? `"${text}"` : text)).join(' ')}`

/** What somebody typed, with `count` words from `at` on replaced. */
export const mendedLine = (
  verb: Verb,
  words: readonly Word[],
  at: number,
  count: number,
  ...instead: readonly Word[]
): string => commandLine([plain(verb), ...words.slice(0, at), ...instead, ...words.slice(at + count)])

export const plain = (text: string): Word => ({ text, quoted: false })
export const inQuotes = (text: string): Word => ({ text, quoted: true })

/** `--reason audit until noon`: the words up to the next flag as one text; undefined where quotes cannot hold them. */
export function asOneText(
  verb: Verb,
  words: readonly Word[],
  from: number,
  isFlag: (word: Word) => boolean,
): string | undefined {
  const next = words.findIndex((word, at) => at > from && isFlag(word))
  const run = words.slice(from, next === -1 ? undefined : next)
  if (run.some(({ text }) => text.includes('"'))) return undefined
  return mendedLine(verb, words, from, run.length, inQuotes(run.map(({ text }) => text).join(' ')))
}

/** `--for 2 hours`: one word, as durations are written; undefined where that is not what it looks like. */
export function asDuration(verb: Verb, words: readonly Word[], from: number): string | undefined {
  const [, unit] = /^(m|h|d|w)(?:in|our|ay|eek)/i.exec(words[from + 1]?.text ?? '') ?? []
  const count = words[from]?.text ?? ''
  if (unit === undefined || !/^\d+$/.test(count)) return undefined
  return mendedLine(verb, words, from, 2, plain(`${count}${unit.toLowerCase()}`))
}
