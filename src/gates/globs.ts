import picomatch from 'picomatch'
import { z } from 'zod'

const longest = 200
const mostWildcards = 8

/** Matches whole paths and names: `*` within a part, `**` across parts; no negation and no extended globs. */
export const globMatcher = (globs: readonly string[]): ((text: string) => boolean) =>
  globs.length === 0
    ? () => false
    : picomatch([...globs], { dot: true, nonegate: true, noextglob: true, strictSlashes: true })

/** A glob in a manifest, bounded so that matching it stays cheap whatever it is matched with (T22). */
export const glob = (): z.ZodType<string, string> =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine(isTame, { error: `a glob with at most ${mostWildcards} wildcards, without !, \\ and (…)` })

function isTame(text: string): boolean {
  return !/[!\\()]/.test(text) && (text.match(/\*+|\?/g) ?? []).length <= mostWildcards
}
