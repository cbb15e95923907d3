import { distance } from 'fastest-levenshtein'

const longest = 80

/** The candidate that somebody most likely meant; undefined where none is near. */
export function nearest(found: string, candidates: readonly string[]): string | undefined {
  if (found.length > longest) return undefined
  const most = Math.max(1, Math.floor(found.length / 3))
  const ranked = candidates
    .map((candidate) => ({ candidate, far: distance(found.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ far }) => far <= most)
    .toSorted((a, b) => a.far - b.far)
  return ranked[0]?.candidate
}
