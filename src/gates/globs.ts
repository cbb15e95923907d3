import { z } from 'zod'

const longest = 200
const mostWildcards = 8
const mostAlternatives = 64

/**
 * Matches whole paths and names: `*` and `?` within a part, `**` across parts, `[a-z]` and `{a,b}`; no negation. Whoever opens a
 * pull request may bring a glob and a path that it is matched with, so it never goes back: the time is that of glob times
 * text, where a regular expression of `*a*a*a*b` would take hours for one long name (T22).
 */
export function globMatcher(globs: readonly string[]): (text: string) => boolean {
  const patterns = globs.flatMap((glob) => [...alternativesOf(glob)].map(tokensOf))
  return (text) => patterns.some((tokens) => isMatched(tokens, text))
}

/** A glob in a manifest, bounded so that matching it stays cheap whatever it is matched with (T22). */
export const glob = (): z.ZodType<string, string> =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine(isTame, {
      error: `a glob with at most ${mostWildcards} wildcards and ${mostAlternatives} alternatives, without !, \\ and (…)`,
    })

function isTame(text: string): boolean {
  const wildcards = (text.match(/\*+|\?/g) ?? []).length
  const alternatives = alternativesOf(text)
    .take(mostAlternatives + 1)
    .toArray().length
  return !/[!\\()]/.test(text) && wildcards <= mostWildcards && alternatives <= mostAlternatives
}

const innermostBraces = /\{([^{}]*,[^{}]*)\}/

/** `a{b,c}` as `ab` and `ac`; braces without a comma are themselves. One by one, since sixty pairs of braces are 10^18 of them. */
function* alternativesOf(glob: string): Generator<string, undefined> {
  const found = innermostBraces.exec(glob)
  if (found === null) {
    yield glob
    return
  }
  const [whole, inside = ''] = found
  const [before, after] = [glob.slice(0, found.index), glob.slice(found.index + whole.length)]
  for (const one of inside.split(',')) yield* alternativesOf(before + one + after)
}

type Token =
  | { readonly is: 'one'; readonly matches: (character: string) => boolean }
  /** `*`: anything within a part. */
  | { readonly is: 'some' }
  /** A leading or inner `**`: whole parts, each with its slash. */
  | { readonly is: 'parts' }
  /** A last `**`: all the rest. */
  | { readonly is: 'rest' }

function tokensOf(glob: string): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < glob.length; ) {
    const [length, token] = tokenAt(glob, at)
    tokens.push(token)
    at += length
  }
  return tokens
}

function tokenAt(glob: string, at: number): readonly [number, Token] {
  const isAtStart = at === 0 || glob[at - 1] === '/'
  const stars = /^\*+/.exec(glob.slice(at))?.[0].length ?? 0
  if (stars > 1 && isAtStart && glob[at + stars] === '/') return [stars + 1, { is: 'parts' }]
  if (stars > 1 && isAtStart && at + stars === glob.length) return [stars, { is: 'rest' }]
  if (stars > 0) return [stars, { is: 'some' }]
  const [set, negated, inside = ''] = /^\[(\^?)([^\]/]+)\]/.exec(glob.slice(at)) ?? []
  if (set !== undefined) return [set.length, { is: 'one', matches: inSet(inside, negated === '^') }]
  const wanted = glob[at]
  if (wanted === '?') return [1, { is: 'one', matches: (character) => character !== '/' }]
  return [1, { is: 'one', matches: (character) => character === wanted }]
}

function inSet(inside: string, isNegated: boolean): (character: string) => boolean {
  const ranges = [...inside.matchAll(/(.)-(.)|(.)/g)].map(([, from, to, one = '']) => [from ?? one, to ?? one] as const)
  return (character) =>
    character !== '/' && ranges.some(([from, to]) => from <= character && character <= to) !== isNegated
}

/** Where in the pattern one may stand after each character, all at once. */
function isMatched(tokens: readonly Token[], text: string): boolean {
  let here = reached(tokens, [0])
  for (let at = 0; at < text.length && here.size > 0; at += 1) {
    const character = text[at] ?? ''
    const next = [...here].flatMap((place) => placesAfter(tokens, place, character))
    here = reached(tokens, next)
  }
  return here.has(tokens.length)
}

/** A half stands for being within a part that `**` takes: it may only be left behind a slash. */
function placesAfter(tokens: readonly Token[], place: number, character: string): readonly number[] {
  const token = tokens[Math.floor(place)]
  switch (token?.is) {
    case undefined:
      return []
    case 'one':
      return token.matches(character) ? [place + 1] : []
    case 'some':
      return character === '/' ? [] : [place]
    case 'parts':
      return [character === '/' ? Math.floor(place) : Math.floor(place) + 0.5]
    case 'rest':
      return [place]
  }
}

/** With what may be nothing passed over. */
function reached(tokens: readonly Token[], places: readonly number[]): ReadonlySet<number> {
  const all = new Set<number>()
  for (const place of places) {
    all.add(place)
    for (let at = place; canBeNothing(tokens[at]); at += 1) all.add(at + 1)
  }
  return all
}

/** Of a half there is no token: within a part nothing is passed over. */
const canBeNothing = (token: Token | undefined): boolean => token !== undefined && token.is !== 'one'
