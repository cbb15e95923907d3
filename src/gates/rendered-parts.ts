import type { Change } from '../domain/change.ts'
import type { ReleasePart } from '../domain/release.ts'
import { objectName, type RenderedObject } from '../domain/rendered.ts'
import { imageReference } from './image-reference.ts'

/** An image that an overlay did not run before a change, and what it may stand in place of. */
export interface NewImage {
  readonly image: string
  /** What its object ran under the same name; where it ran nothing so, what it runs no more. */
  readonly before: readonly string[]
}

/**
 * The images that a change makes an overlay run, whatever file says so: it may inherit its digests from a kustomization that
 * the regions of production share, and then its own release says nothing of them. The same digest is the same image,
 * wherever it is pulled from.
 */
export function newImages({ difference }: Change): readonly NewImage[] {
  if (difference.is === 'unsupported') return []
  const changed = difference.changed.filter((one) => one.is !== 'removed')
  const touched = new Set(changed.map(({ after }) => objectName(after)))
  const left = difference.after.filter((object) => !touched.has(objectName(object)))
  const old = difference.changed.flatMap((one) => (one.is === 'added' ? [] : [one.before]))
  const [ran, runs] = [imagesOf([...left, ...old]), imagesOf(difference.after)]
  const known = new Set(ran.map(contentOf))
  return changed.flatMap((one) => {
    // What is new by its name may be the same workload under another, so all that is gone is asked about.
    const before = one.is === 'changed' ? one.before.images : ran
    const names = new Set((one.is === 'changed' ? one.after.images : runs).map(nameOf))
    const isGone = (image: string) => !names.has(nameOf(image))
    return one.after.images
      .filter((image) => !known.has(contentOf(image)))
      .map((image) => {
        const same = before.filter((other) => nameOf(other) === nameOf(image))
        return { image, before: same.length > 0 ? same : before.filter(isGone) }
      })
  })
}

/**
 * New images as parts of a release, of those that are upstream's business: by a name or a digest that an environment there
 * knows (`named`), or in the place of one. Where of one of them nothing is known, it may have known any.
 */
export function renderedParts(
  images: readonly NewImage[],
  named: readonly ReleasePart[] | 'any',
): readonly ReleasePart[] {
  return images.flatMap(({ image, before }) => {
    const of = named === 'any' ? `image ${nameOf(image)}` : [image, ...before].flatMap(partIn(named))[0]
    return of === undefined ? [] : [{ part: of, value: contentOf(image) }]
  })
}

const partIn = (named: readonly ReleasePart[]) => (image: string) =>
  named.flatMap(({ part, value }) => {
    if (!part.startsWith(imageWord)) return []
    const isIt = value === imageReference(image).digest || nameOf(part.slice(imageWord.length)) === nameOf(image)
    return isIt ? [part] : []
  })

const imageWord = 'image '

const imagesOf = (objects: readonly RenderedObject[]): readonly string[] => objects.flatMap(({ images }) => images)

const nameOf = (image: string): string => imageReference(image).name

const contentOf = (image: string): string => imageReference(image).digest ?? image
