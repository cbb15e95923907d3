import type { ObjectChange } from '../../domain/change.ts'
import { type DescribedChange, describeDifference } from '../../overlays/rendered-difference.ts'

/** A difference of rendered objects as text for a `diff` fence: images first, what has no room only named. */
export function differenceText(changes: readonly ObjectChange[], maxCharacters: number): string {
  return describeDifference(changes, { maxCharacters }).map(objectText).join('\n\n')
}

function objectText({ object, is, bucket, linesAdded, linesRemoved, lines }: DescribedChange): string {
  const size =
    lines.length > 0 ? '' : `, ${linesAdded} lines added, ${linesRemoved} removed; not shown here for want of room`
  return [`# ${object} (${is}; ${bucket === 'images' ? 'only images' : bucket}${size})`, ...lines].join('\n')
}
