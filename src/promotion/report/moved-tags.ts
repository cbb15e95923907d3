import type { Change } from '../../domain/change.ts'
import { pinnedIn, type Release } from '../../domain/release.ts'
import { inline, shortDigests } from './markdown.ts'

/**
 * Automation that writes tags alone makes a pull request look like a new version: beside a digest the tag decides nothing,
 * and the release stays what it was.
 */
export function movedTagWords({ replaces, release }: Pick<Change, 'replaces' | 'release'>): string {
  const [before, after] = [pinnedIn(replaces), pinnedIn(release)]
  if (before === undefined || after === undefined) return ''
  return movedTags(before, after)
    .map(
      ({ image, digest, from, to }) =>
        `**The tag of ${inline(image)} moves from ${inline(from)} to ${inline(to)}, its digest does not**: the digest decides, so ${inline(shortDigests(digest))} still runs. Whatever writes the tag has to write the digest too.`,
    )
    .join('\n\n')
}

interface MovedTag {
  readonly image: string
  readonly digest: string
  readonly from: string
  readonly to: string
}

function movedTags(before: Release, after: Release): readonly MovedTag[] {
  const [old, now] = [tagsOf(before), tagsOf(after)]
  return Object.entries(after.parts.images).flatMap(([image, digest]) => {
    const [from, to] = [old.get(image), now.get(image)]
    const isMoved = before.parts.images[image] === digest && from !== undefined && to !== undefined && from !== to
    return isMoved ? [{ image, digest, from, to }] : []
  })
}

/** A tag is known by the last word of its image, and of two images with one last word nobody can tell whose it is. */
function tagsOf({ alias = '', parts: { images } }: Release): ReadonlyMap<string, string> {
  const tags = new Map(alias.split(', ').map((one): [string, string] => [nameOf(one), one.slice(one.indexOf(':') + 1)]))
  const byWord = Map.groupBy(Object.keys(images), lastWord)
  return new Map(
    [...byWord].flatMap(([word, names]): [string, string][] => {
      const [image, twin] = names
      const tag = tags.get(word)
      return image === undefined || twin !== undefined || tag === undefined ? [] : [[image, tag]]
    }),
  )
}

const nameOf = (tagged: string): string => tagged.slice(0, Math.max(0, tagged.indexOf(':')))
const lastWord = (image: string): string => image.slice(image.lastIndexOf('/') + 1)
