import { distance } from 'fastest-levenshtein'

const longest = 80

/** The candidate that somebody most likely meant, by a slip or by its beginning; undefined where none is near. */
export function nearest(found: string, candidates: readonly string[]): string | undefined {
  if (found.length > longest) return undefined
  const [begun, ...others] = candidates.filter((one) => found.length > 1 && one.startsWith(found))
  if (begun !== undefined && others.length === 0) return begun
  const most = Math.max(1, Math.floor(found.length / 3))
  const ranked = candidates
    .map((candidate) => ({ candidate, far: distance(found.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ far }) => far <= most)
    .toSorted((a, b) => a.far - b.far)
  return ranked[0]?.candidate
}
