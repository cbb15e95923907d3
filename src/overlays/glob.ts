/** One character, or any row of them, that a pattern takes. */
type Part =
  | { readonly is: 'any-row' }
  | { readonly is: 'any' }
  | { readonly is: 'one'; readonly of: readonly (readonly [from: string, to: string])[]; readonly negated: boolean }

export type Glob = readonly Part[]

/**
 * A pattern as Go's `filepath.Match` reads it, which is not quite how shells do: `[^a]` negates and `[!a]` does not.
 * Undefined where it is malformed, which for Flux means that it matches nothing.
 */
export function parseGlob(pattern: string): Glob | undefined {
  const parts: Part[] = []
  const rest = [...pattern].toReversed()
  while (rest.length > 0) {
    const next = rest.pop()
    if (next === '*') parts.push({ is: 'any-row' })
    else if (next === '?') parts.push({ is: 'any' })
    else {
      const part = next === '[' ? classIn(rest) : literal(next === '\\' ? rest.pop() : next)
      if (part === undefined) return undefined
      parts.push(part)
    }
  }
  return parts
}

const literal = (character: string | undefined): Part | undefined =>
  character === undefined ? undefined : { is: 'one', of: [[character, character]], negated: false }

function classIn(rest: string[]): Part | undefined {
  const negated = rest.at(-1) === '^'
  if (negated) rest.pop()
  const of: (readonly [string, string])[] = []
  while (rest.at(-1) !== ']' || of.length === 0) {
    const from = memberIn(rest)
    if (from === undefined) return undefined
    if (rest.at(-1) === '-') {
      rest.pop()
      const to = memberIn(rest)
      if (to === undefined) return undefined
      of.push([from, to])
    } else of.push([from, from])
  }
  rest.pop()
  return { is: 'one', of, negated }
}

/** A member of a class is followed by something, at least by the class's end. */
function memberIn(rest: string[]): string | undefined {
  const next = rest.pop()
  if (next === undefined || next === '-' || next === ']') return undefined
  const member = next === '\\' ? rest.pop() : next
  return rest.length === 0 ? undefined : member
}

/** In steps that grow with pattern times name, whatever they hold: patterns come with pull requests (T22). */
export function matchesGlob(glob: Glob, name: string): boolean {
  // Taking every name apart would cost more than all the rest.
  const characters: ArrayLike<string> = /[\ud800-\udfff]/.test(name) ? [...name] : name
  let part = 0
  let row: { readonly part: number; readonly at: number } | undefined
  for (let at = 0; at < characters.length; ) {
    const wanted = glob[part]
    if (wanted?.is === 'any-row') {
      row = { part, at }
      part += 1
    } else if (wanted !== undefined && takes(wanted, characters[at] as string)) {
      part += 1
      at += 1
    } else if (row === undefined) return false
    else {
      // The last row takes one more. Earlier rows need not: whatever they could take, this one can.
      row = { part: row.part, at: row.at + 1 }
      part = row.part + 1
      at = row.at
    }
  }
  return glob.slice(part).every(({ is }) => is === 'any-row')
}

function takes(part: Part, character: string): boolean {
  if (part.is !== 'one') return true
  const isIn = part.of.some(([from, to]) => order(from) <= order(character) && order(character) <= order(to))
  return isIn !== part.negated
}

const order = (character: string): number => character.codePointAt(0) ?? 0
