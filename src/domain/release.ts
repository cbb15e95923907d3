import { digestOfValue } from './hash.ts'
import type { Digest, ReleaseId, Sha } from './ids.ts'

/** What travels: each part is named by what it sets, and valued by content, never by tag or order. */
export interface ReleaseParts {
  readonly images: Readonly<Record<string, Digest>>
  readonly trees: Readonly<Record<string, Sha>>
  readonly files: Readonly<Record<string, Sha>>
  /** Keyed `file#path.to.field`. */
  readonly fields: Readonly<Record<string, string>>
}

export interface Release {
  readonly id: ReleaseId
  readonly parts: ReleaseParts
  /** The tags beside the digests, for people only: `api 1.4.2`. */
  readonly alias?: string
}

/** What an overlay says it runs. */
export type OverlayRelease =
  | { readonly is: 'pinned'; readonly release: Release }
  | { readonly is: 'unpinned'; readonly images: readonly UnpinnedImage[] }
  | { readonly is: 'absent' }
  | { readonly is: 'unreadable'; readonly problem: OverlayProblem }

/** Undefined for an overlay that runs no release of whole digests. */
export const pinnedIn = (overlay: OverlayRelease | undefined): Release | undefined =>
  overlay?.is === 'pinned' ? overlay.release : undefined

export interface UnpinnedImage {
  readonly name: string
  readonly tag?: string
  readonly file: string
  readonly line: number
}

/** Why an overlay cannot be read or rendered as its consumer would; a reason code of the family `render.` or `release.`. */
export interface OverlayProblem {
  readonly reason: string
  readonly file: string
  readonly line?: number
  readonly detail: string
}

export function releaseOf(parts: ReleaseParts, alias?: string): Release {
  const id = digestOfValue(parts).slice('sha256:'.length) as ReleaseId
  return alias === undefined || alias === '' ? { id, parts } : { id, parts, alias }
}

/** One named part with its value, as text: `image ghcr.io/acme/api`, `sha256:…`. */
export interface ReleasePart {
  readonly part: string
  readonly value: string
}

export function partsOf(release: Release): readonly ReleasePart[] {
  const { images, trees, files, fields } = release.parts
  const family = (word: string, values: Readonly<Record<string, string>>): readonly ReleasePart[] =>
    Object.entries(values).map(([name, value]) => ({ part: `${word} ${name}`, value }))
  return [...family('image', images), ...family('tree', trees), ...family('file', files), ...family('field', fields)]
}

/** Whether nothing is in it that could travel: its overlay names no digest, nor anything else that is promoted. */
export const isEmpty = (release: Release): boolean => partsOf(release).length === 0

/** The parts of `next` that `previous` does not hold with the same value. */
export function changedParts(previous: Release | undefined, next: Release): readonly ReleasePart[] {
  const before = new Map(previous === undefined ? [] : partsOf(previous).map(({ part, value }) => [part, value]))
  return partsOf(next).filter(({ part, value }) => before.get(part) !== value)
}

/** The parts of `previous` that `next` sets to another value. What `next` does not name stays as it is. */
export function overwrittenParts(previous: Release, next: Release): readonly ReleasePart[] {
  const after = new Map(partsOf(next).map(({ part, value }) => [part, value]))
  return partsOf(previous).filter(({ part, value }) => after.has(part) && after.get(part) !== value)
}

const families = ['images', 'trees', 'files', 'fields'] as const

/**
 * Whether `here` holds everything that `release` does, so that bringing it would change nothing. What it holds beside that
 * (an image of its own, an entry that upstream has dropped) is no difference: a promotion takes no part away.
 */
export const includes = (here: Release, release: Release): boolean =>
  here.id === release.id ||
  families.every((family) => {
    const held = here.parts[family] as Readonly<Record<string, string>>
    const wanted = release.parts[family]
    for (const name in wanted) if (held[name] !== wanted[name]) return false
    return true
  })

/** Whether two releases say the same of every part that both name, and name one in common. */
export function agree(a: Release, b: Release): boolean {
  const held = new Map(partsOf(a).map(({ part, value }) => [part, value]))
  const common = partsOf(b).filter(({ part }) => held.has(part))
  return common.length > 0 && common.every(({ part, value }) => held.get(part) === value)
}

/** Whether `release` holds every one of the parts. No parts are held by nothing. */
export function holdsParts(release: Release, parts: readonly ReleasePart[]): boolean {
  const held = new Map(partsOf(release).map(({ part, value }) => [part, value]))
  return parts.length > 0 && parts.every(({ part, value }) => held.get(part) === value)
}
