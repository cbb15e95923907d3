import { type Refusal, refuse } from './refusals.ts'
import { splitWords, type Word } from './split-words.ts'

export const mostCommands = 5
const longestLine = 1024

export type ScannedLine =
  | { readonly is: 'command'; readonly line: number; readonly text: string; readonly words: readonly Word[] }
  | { readonly is: 'unreadable'; readonly line: number; readonly text: string; readonly refusal: Refusal }

/**
 * The command lines of a comment, in order: `/sluice …` at column 0, outside fences, quotes, indented code and HTML, after
 * the start of the comment, a blank line or another command. Walks the text once: no backtracking, whatever is written in it.
 * What is doubtful is not a command: nobody must be able to order something that readers of the comment do not see.
 */
export function scanCommands(body: string, shortVerbs: readonly string[]): readonly ScannedLine[] {
  const shorts = new Set(shortVerbs.map((verb) => verb.toLowerCase()))
  const found: ScannedLine[] = []
  let surroundings: Surroundings = { inside: null, after: 'blank' }
  let left = 0
  let number = 0
  for (const text of linesOf(body)) {
    number += 1
    const command = canBeCommand(surroundings) ? commandPart(text, shorts) : undefined
    surroundings = afterLine(surroundings, text, command !== undefined)
    if (command === undefined) continue
    if (found.length < mostCommands) found.push(readLine(number, text, command))
    else left += 1
  }
  return left === 0 ? found : [...found, tooMany(number, left)]
}

function readLine(line: number, text: string, command: string): ScannedLine {
  if (command.length > longestLine) {
    const refusal = refuse('commands.too-long', text, { allowed: [String(longestLine)] })
    return { is: 'unreadable', line, text: text.slice(0, longestLine), refusal }
  }
  const words = splitWords(command)
  return 'is' in words ? { is: 'unreadable', line, text, refusal: words } : { is: 'command', line, text, words }
}

const tooMany = (line: number, left: number): ScannedLine => ({
  is: 'unreadable',
  line,
  text: '',
  refusal: refuse('commands.too-many', String(left)),
})

/** What follows `/sluice`, or a short command from its verb on; undefined where the line is no command. */
function commandPart(text: string, shorts: ReadonlySet<string>): string | undefined {
  if (!text.startsWith('/')) return undefined
  let end = 1
  while (end < text.length && !isSpace(text[end])) end += 1
  const name = text.slice(1, Math.min(end, 40)).toLowerCase()
  if (name === 'sluice') return text.slice(end)
  return shorts.has(name) ? text.slice(1) : undefined
}

/** Lines end with LF, CRLF or CR, as in CommonMark. */
function* linesOf(body: string): Generator<string> {
  let start = 0
  for (let at = 0; at < body.length; at += 1) {
    const character = body[at]
    if (character !== '\n' && character !== '\r') continue
    yield body.slice(start, at)
    if (character === '\r' && body[at + 1] === '\n') at += 1
    start = at + 1
  }
  yield body.slice(start)
}

interface Surroundings {
  /** The block that the next line lies in: a fence, or HTML up to one of `ends`. */
  readonly inside: Fence | { readonly ends: readonly string[] } | null
  readonly after: 'blank' | 'command' | 'text'
}

interface Fence {
  readonly mark: string
  readonly length: number
}

const canBeCommand = ({ inside, after }: Surroundings): boolean => inside === null && after !== 'text'

function afterLine({ inside }: Surroundings, text: string, isCommand: boolean): Surroundings {
  if (inside !== null && 'mark' in inside) return { inside: closesFence(inside, text) ? null : inside, after: 'text' }
  if (inside !== null) return { inside: htmlAfter(text, inside.ends), after: 'text' }
  if (isBlank(text)) return { inside: null, after: 'blank' }
  const block = opensFence(text) ?? htmlAfter(text, null)
  return { inside: block, after: isCommand ? 'command' : 'text' }
}

function opensFence(text: string): Fence | null {
  const at = indentation(text)
  const mark = text[at]
  if (at > 3 || (mark !== '`' && mark !== '~')) return null
  const length = runLength(text, at, mark)
  // A backtick in the info string makes it inline code: "```x```" opens nothing.
  if (length < 3 || (mark === '`' && text.includes('`', at + length))) return null
  return { mark, length }
}

function closesFence(fence: Fence, text: string): boolean {
  const at = indentation(text)
  if (at > 3 || text[at] !== fence.mark) return false
  const length = runLength(text, at, fence.mark)
  return length >= fence.length && isBlank(text.slice(at + length))
}

const comment = '<!--'
const endOfComment = ['-->']
/** Blocks of CommonMark (HTML block, kind 1) that hold blank lines and are shown as code, or not at all. */
const rawTags = ['pre', 'script', 'style', 'textarea']
const endOfRaw = rawTags.map((tag) => `</${tag}>`)

/**
 * Whether HTML that hides or quotes is open after this line. A comment that opens within a line counts as well, and one
 * that is never closed hides all the rest.
 */
function htmlAfter(text: string, open: readonly string[] | null): { readonly ends: readonly string[] } | null {
  const lower = text.toLowerCase()
  const ends = open ?? (startsRaw(lower) ? endOfRaw : null)
  if (ends === endOfRaw) return endOfRaw.some((end) => lower.includes(end)) ? null : { ends }
  return isCommentOpen(text, ends !== null) ? { ends: endOfComment } : null
}

function startsRaw(lower: string): boolean {
  const at = indentation(lower)
  if (at > 3 || lower[at] !== '<') return false
  return rawTags.some((tag) => {
    const next = lower[at + 1 + tag.length]
    return lower.startsWith(tag, at + 1) && (next === undefined || next === '>' || isSpace(next))
  })
}

function isCommentOpen(text: string, openBefore: boolean): boolean {
  let isOpen = openBefore
  let at = 0
  for (;;) {
    const next = text.indexOf(isOpen ? '-->' : comment, at)
    if (next === -1) return isOpen
    // `<!-->` is a whole comment: its end may overlap its beginning.
    at = isOpen ? next + 3 : next + 2
    isOpen = !isOpen
  }
}

const isSpace = (character: string | undefined): boolean => character === ' ' || character === '\t'

function indentation(text: string): number {
  let at = 0
  while (text[at] === ' ') at += 1
  return at
}

function runLength(text: string, from: number, mark: string): number {
  let at = from
  while (text[at] === mark) at += 1
  return at - from
}

function isBlank(text: string): boolean {
  for (const character of text) if (!isSpace(character)) return false
  return true
}
