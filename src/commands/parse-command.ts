import { closest, distance } from 'fastest-levenshtein'
import type { Command, CommandOf, Verb } from '../domain/command.ts'
import { asDuration, asOneText, commandLine, inQuotes, mendedLine, plain } from './mended-line.ts'
import { readArgument } from './read-argument.ts'
import { type Refusal, refuse } from './refusals.ts'
import type { ScannedLine } from './scan-commands.ts'
import type { Word } from './split-words.ts'
import {
  type Argument,
  type CommandEntry,
  commands,
  type Given,
  isVerb,
  notBuiltFlags,
  notBuiltVerbs,
  verbs,
} from './table.ts'

/** The names that a command may speak of. `gates` are the manual ones; left out, any name is let through. */
export interface ParseContext {
  readonly environments: readonly string[]
  readonly applications: readonly string[]
  readonly gates?: readonly string[]
}

/** Reads one scanned line into a command whose names exist, or says why not and what would work. */
export function parseCommand(line: ScannedLine, context: ParseContext): Command | Refusal {
  if (line.is === 'unreadable') return line.refusal
  const [first, ...rest] = line.words
  if (first === undefined) return refuse('commands.no-verb', '/sluice', { tryThis: '/sluice help' })
  const verb = first.text.toLowerCase()
  if (notBuiltVerbs.has(verb)) return refuse('commands.not-built', verb, { tryThis: '/sluice help' })
  if (!isVerb(verb)) return unknownVerb(first.text, verb, rest)
  return parseVerb(verb, rest, context)
}

export const isRefusal = (parsed: Command | Refusal): parsed is Refusal => 'is' in parsed

function unknownVerb(found: string, verb: string, rest: readonly Word[]): Refusal {
  const nearest = nearestOf(verb, verbs)
  const tryThis = nearest === null ? '/sluice help' : commandLine([plain(nearest), ...rest])
  return refuse('commands.unknown-verb', found, { allowed: verbs, nearest, tryThis })
}

/** The one generic that the table needs: looks up, checks, and lets the entry name its fields. */
function parseVerb<V extends Verb>(verb: V, words: readonly Word[], context: ParseContext): CommandOf<V> | Refusal {
  const entry: CommandEntry<V> = commands[verb]
  const sorted = sortWords(verb, entry, words)
  if ('is' in sorted) return sorted
  const checked = checkValues(verb, sorted, words, context)
  if ('is' in checked) return checked
  return { verb, ...entry.fields(checked) }
}

interface Placed {
  readonly argument: Argument
  /** Where the value stands in the line; undefined for a switch. */
  readonly at: number | undefined
}

/** Which word is whose value, by position and flag, before any value is looked at. */
function sortWords<V extends Verb>(
  verb: V,
  entry: CommandEntry<V>,
  words: readonly Word[],
): readonly Placed[] | Refusal {
  const tryThis = `/sluice ${entry.usage}`
  const placed = new Map<string, Placed>()
  const positions = entry.words.values()
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]
    if (word === undefined) continue
    const isFlag = isFlagWord(word)
    const argument = isFlag ? flagOf(entry, word.text) : positions.next().value
    if (argument === undefined) {
      if (isFlag) return unknownFlag(verb, entry, words, at)
      const last = [...placed.values()].find((one) => one.at === at - 1)
      return refuse('commands.unexpected-word', word.text, { tryThis: withOneValue(verb, words, last) ?? tryThis })
    }
    if (placed.has(argument.name)) return refuse('commands.repeated-flag', word.text, { tryThis })
    const takesNext = isFlag && argument.kind !== 'switch'
    if (takesNext) at += 1
    const value = words[at]
    if (takesNext && (value === undefined || isFlagWord(value))) {
      return refuse('commands.missing-value', word.text, { tryThis })
    }
    placed.set(argument.name, { argument, at: argument.kind === 'switch' ? undefined : at })
  }
  const missing = [...entry.words, ...entry.flags].find(({ name, required }) => required && !placed.has(name))
  if (missing === undefined) return [...placed.values()]
  if (!entry.flags.includes(missing)) return refuse('commands.missing-argument', missing.name, { tryThis })
  const flag = `--${missing.name}`
  const withText = mendedLine(verb, words, words.length, 0, plain(flag), inQuotes('…'))
  return refuse('commands.missing-argument', flag, { tryThis: missing.kind === 'text' ? withText : tryThis })
}

/** A word too many, behind a value that it probably belongs to. */
function withOneValue(verb: Verb, words: readonly Word[], last: Placed | undefined): string | undefined {
  if (last?.at === undefined) return undefined
  if (last.argument.kind === 'text') return asOneText(verb, words, last.at, isFlagWord)
  return last.argument.kind === 'duration' ? asDuration(verb, words, last.at) : undefined
}

const isFlagWord = (word: Word): boolean => !word.quoted && (word.text.startsWith('--') || word.text.startsWith('—'))

const flagOf = (entry: { readonly flags: readonly Argument[] }, text: string): Argument | undefined =>
  entry.flags.find(({ name }) => text === `--${name}`)

function unknownFlag<V extends Verb>(verb: V, entry: CommandEntry<V>, words: readonly Word[], at: number): Refusal {
  const found = words[at]?.text ?? ''
  // Phones make one long dash of two, and other tools write `--flag=value`.
  const name = found.replace(/^(?:--|—)/, '').split('=', 1)[0] ?? ''
  const usage = `/sluice ${entry.usage}`
  if (notBuiltFlags.has(name)) return refuse('commands.not-built', `--${name}`, { tryThis: usage })
  const allowed = entry.flags.map((flag) => `--${flag.name}`)
  if (allowed.length === 0) return refuse('commands.no-flags', found, { tryThis: usage })
  const nearest = nearestOf(`--${name}`, allowed)
  const value = found.split('=').slice(1).join('=')
  const instead = nearest === null ? [] : [plain(nearest), ...(value === '' ? [] : [plain(value)])]
  const tryThis = nearest === null ? usage : mendedLine(verb, words, at, 1, ...instead)
  return refuse('commands.unknown-flag', found, { allowed, nearest, tryThis })
}

function checkValues(
  verb: Verb,
  placed: readonly Placed[],
  words: readonly Word[],
  context: ParseContext,
): Given | Refusal {
  const values = new Map<string, string | number | true>()
  for (const { argument, at } of placed) {
    const read = at === undefined ? true : readArgument(argument.kind, words[at]?.text ?? '', context)
    if (typeof read === 'object') return at === undefined ? read : teach(read, verb, words, at)
    values.set(argument.name, read)
  }
  return given(values)
}

/** Adds the nearest allowed name, and the same line with it. */
function teach(refusal: Refusal, verb: Verb, words: readonly Word[], at: number): Refusal {
  const nearest = nearestOf(refusal.found, refusal.allowed)
  const tryThis = nearest === null ? `/sluice ${commands[verb].usage}` : withWord(verb, words, at, nearest)
  return { ...refusal, nearest, tryThis }
}

function given(values: ReadonlyMap<string, string | number | true>): Given {
  const text = (name: string): string | null => {
    const value = values.get(name)
    return typeof value === 'string' ? value : null
  }
  return {
    text,
    has: (name) => values.has(name),
    milliseconds: (name) => {
      const value = values.get(name)
      return typeof value === 'number' ? value : null
    },
    required: (name) => {
      const value = text(name)
      if (value === null) throw new TypeError(`the table reads ${name} as required and does not call it so`)
      return value
    },
  }
}

const withWord = (verb: Verb, words: readonly Word[], at: number, text: string): string =>
  mendedLine(verb, words, at, 1, text.includes(' ') ? inQuotes(text) : plain(text))

/** Near enough to be a slip of the finger, or the beginning of one name; null where nothing is. Long input is no slip. */
function nearestOf(found: string, names: readonly string[]): string | null {
  if (names.length === 0 || found.length > 100) return null
  const [begun, ...others] = names.filter((name) => found.length > 1 && name.startsWith(found.toLowerCase()))
  if (begun !== undefined && others.length === 0) return begun
  const candidate = closest(found.toLowerCase(), names)
  const slips = distance(found.toLowerCase(), candidate)
  const isNear = slips <= Math.max(2, Math.floor(candidate.length / 3)) && slips < candidate.length
  return isNear ? candidate : null
}
