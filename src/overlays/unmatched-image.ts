import type { OverlayProblem, ReleaseParts } from '../domain/release.ts'
import type { RenderedObject } from '../domain/rendered.ts'
import { imageEntries, scalarAt } from './image-entries.ts'
import type { Consumer, OverlayAt } from './object-reader.ts'
import { kustomizationNames, ownKustomization } from './own-kustomization.ts'
import { reachOf } from './reach.ts'
import { sourceAt } from './read-release.ts'

/**
 * The first image of a release that its overlay names and nothing renders, with the line of its entry: kustomize takes an entry
 * that matches nothing without a word, and a digest that only stands there has run nowhere, however well the rest is.
 */
export async function unmatchedImage(
  at: OverlayAt,
  images: ReleaseParts['images'],
  objects: readonly RenderedObject[],
): Promise<OverlayProblem | undefined> {
  const digests = digestsIn(objects)
  const [name] = Object.entries(images).find(([, digest]) => !digests.has(digest)) ?? []
  if (name === undefined) return undefined
  const file = await ownKustomization(at)
  const source = await sourceAt(at, file)
  const found = source === undefined || 'reason' in source ? undefined : imageEntries(source)
  const entry = found?.is === 'entries' ? found.entries.find((one) => one.name === name) : undefined
  const detail =
    `the entry ${name} in images matches nothing, so its digest runs nowhere: no image has that name when this file is applied ` +
    `(rendered: ${renderedNames(objects)}); rename images beside the digest here (newName), not in what this file reaches, or take the entry away`
  return { reason: 'release.image-unmatched', file, ...(entry === undefined ? {} : { line: entry.line }), detail }
}

/** Where the kustomizations below an overlay's own give an image another name, as `file:line` by the name that it has before. */
export async function renamesIn(at: OverlayAt & { readonly as: Consumer }): Promise<ReadonlyMap<string, string>> {
  const reach = await reachOf(at)
  const renames = new Map<string, string>()
  if (reach.is === 'unsupported') return renames
  for (const { path } of reach.files) {
    const isKustomization = kustomizationNames.some((name) => path.endsWith(`/${name}`))
    const source = isKustomization && path !== reach.kustomization ? await sourceAt(at, path) : undefined
    const found = source === undefined || 'reason' in source ? undefined : imageEntries(source)
    for (const entry of found?.is === 'entries' ? found.entries : [])
      if (scalarAt(entry.map, 'newName') !== undefined) renames.set(entry.name, `${path}:${entry.line}`)
  }
  return renames
}

/** As kustomize matches it: what stands in front of tag and digest, to the letter. */
export function imageName(image: string): string {
  const [name = ''] = image.split('@')
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
}

export const imageNames = (objects: readonly RenderedObject[]): readonly string[] => [
  ...new Set(objects.flatMap(({ images }) => images.map(imageName))),
]

const mostNames = 10

function renderedNames(objects: readonly RenderedObject[]): string {
  const names = imageNames(objects).toSorted()
  if (names.length === 0) return 'no image'
  return names.length <= mostNames ? names.join(', ') : `${names.slice(0, mostNames).join(', ')} and more`
}

/**
 * Also of kinds that nobody here knows, which kustomize may have been told of: whatever text in a spec ends with a digest. What
 * is written about an object runs nothing.
 */
function digestsIn(objects: readonly RenderedObject[]): ReadonlySet<string> {
  const digests = new Set<string>()
  const add = (text: string) => {
    const digest = /@(sha256:[0-9a-f]{64})$/.exec(text)?.[1]
    if (digest !== undefined) digests.add(digest)
  }
  for (const { images } of objects) for (const image of images) add(image)
  const open: unknown[] = objects.map(({ body }) => body['spec'])
  for (let at = open.pop(); open.length > 0 || at !== undefined; at = open.pop()) {
    if (typeof at === 'string') add(at)
    if (typeof at !== 'object' || at === null) continue
    for (const [key, value] of Object.entries(at)) if (key !== 'metadata') open.push(value)
  }
  return digests
}
