import type { OverlayRelease } from '../domain/release.ts'

/** What an overlay holds instead of a release of whole digests, and where. */
export function unreadWords(release: Exclude<OverlayRelease, { is: 'pinned' }>): string {
  if (release.is === 'absent') return 'nothing is there'
  if (release.is === 'unpinned') {
    const [first] = release.images
    const place = first === undefined ? '' : ` at ${first.file}:${first.line}`
    return `images by tag, not by digest${place}: ${release.images.map((image) => image.name).join(', ')} (image.unpinned)`
  }
  const { file, line, detail, reason } = release.problem
  return `${file}${line === undefined ? '' : `:${line}`}: ${detail} (${reason})`
}
