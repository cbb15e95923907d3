import type { Promotes } from '../config/checked-config.ts'
import { isDigest, type Sha } from '../domain/ids.ts'
import {
  type OverlayProblem,
  type OverlayRelease,
  type ReleaseParts,
  releaseOf,
  type UnpinnedImage,
} from '../domain/release.ts'
import { fieldNode } from './field-node.ts'
import { type ImageEntry, imageEntries, textOf } from './image-entries.ts'
import { joinPath, type OverlayAt } from './object-reader.ts'
import type { Reach } from './reach.ts'
import { type YamlSource, yamlSource } from './yaml-source.ts'

/**
 * What an overlay says it runs: the digests of its own kustomization, and the trees, files and fields that the application
 * promotes. A part that the overlay does not have is not in the release.
 */
export async function readRelease(at: OverlayAt, promotes: Promotes, reach: Reach): Promise<OverlayRelease> {
  if ((await folderAt(at)) === undefined) return { is: 'absent' }
  if (reach.is === 'unsupported') return { is: 'unreadable', problem: reach.problem }
  const images = await readImages(at, promotes, reach.kustomization)
  if (images.is !== 'images') return images
  const content = await readContent(at, promotes)
  if (content.is !== 'content') return content
  const { is: _, ...parts } = content
  return { is: 'pinned', release: releaseOf({ images: images.digests, ...parts }, images.alias) }
}

export const isPromoted = (promotes: Promotes, image: string): boolean =>
  promotes.images === 'all' || (promotes.images !== 'none' && promotes.images.includes(image))

type NotPinned = Exclude<OverlayRelease, { is: 'pinned' | 'absent' }>
type ReadImages =
  | { readonly is: 'images'; readonly digests: ReleaseParts['images']; readonly alias: string }
  | NotPinned

async function readImages(at: OverlayAt, promotes: Promotes, file: string | null): Promise<ReadImages> {
  if (file === null) return { is: 'images', digests: {}, alias: '' }
  const source = await sourceAt(at, file)
  if (source === undefined) return { is: 'images', digests: {}, alias: '' }
  if ('reason' in source) return { is: 'unreadable', problem: source }
  const found = imageEntries(source)
  if (found.is === 'broken') return { is: 'unreadable', problem: { ...found.complaint, file } }
  const entries = found.entries.filter(({ name }) => isPromoted(promotes, name))
  const problem = problemOf(file, entries)
  if (problem !== undefined) return { is: 'unreadable', problem }
  const unpinned = entries.filter(({ digest, tag }) => digest === undefined && tag !== undefined)
  if (unpinned.length > 0) return { is: 'unpinned', images: unpinned.map((entry) => unpinnedImage(file, entry)) }
  return { is: 'images', digests: digestsOf(entries), alias: aliasOf(entries) }
}

function problemOf(file: string, entries: readonly ImageEntry[]): OverlayProblem | undefined {
  const seen = new Set<string>()
  for (const { name, line, digest } of entries) {
    if (seen.has(name)) {
      return {
        reason: 'release.duplicate-image',
        file,
        line,
        detail: `images names ${name} twice; which of them counts is not clear`,
      }
    }
    seen.add(name)
    if (digest !== undefined && !isDigest(digest)) {
      const detail = `the digest of ${name} is ${JSON.stringify(digest.slice(0, 100))}, not sha256: and 64 hex digits`
      return { reason: 'release.bad-digest', file, line, detail }
    }
  }
  return undefined
}

const unpinnedImage = (file: string, { name, tag, line }: ImageEntry): UnpinnedImage =>
  tag === undefined ? { name, file, line } : { name, tag, file, line }

const digestsOf = (entries: readonly ImageEntry[]): ReleaseParts['images'] =>
  Object.fromEntries(
    entries.flatMap(({ name, digest }) => (digest !== undefined && isDigest(digest) ? [[name, digest]] : [])),
  )

/**
 * `api:1.4.2, worker:1.4.2`, for people: the last word of each name with the tag beside its digest. Beside a digest a tag may be any
 * text, and stands in titles and commits: what no registry would take ("closes #7", half an emoji) is no name of a release.
 */
const aliasOf = (entries: readonly ImageEntry[]): string =>
  entries
    .flatMap(({ name, tag }) => (tag === undefined ? [] : [`${name.slice(name.lastIndexOf('/') + 1)}:${tag}`]))
    .filter((one) => /^[\w.-]{1,128}:\w[\w.-]{0,127}$/.test(one))
    .join(', ')

type ReadContent = ({ readonly is: 'content' } & Pick<ReleaseParts, 'trees' | 'files' | 'fields'>) | NotPinned

async function readContent(at: OverlayAt, promotes: Promotes): Promise<ReadContent> {
  const trees: Record<string, Sha> = {}
  const files: Record<string, Sha> = {}
  const fields: Record<string, string> = {}
  for (const name of promotes.trees) {
    const entry = await at.reader.entry(at.tree, joinPath(at.overlay, name))
    if (entry?.type === 'tree') trees[name] = entry.oid
    else if (entry !== undefined) return wrongKind(at, name, 'folder')
  }
  for (const name of promotes.files) {
    const entry = await at.reader.entry(at.tree, joinPath(at.overlay, name))
    if (entry?.type === 'blob' && entry.mode !== '120000') files[name] = entry.oid
    else if (entry !== undefined) return wrongKind(at, name, 'file')
  }
  for (const { file, path } of promotes.fields) {
    const field = await readField(at, file, path)
    if (typeof field === 'string') fields[`${file}#${path}`] = field
    else if (field !== undefined) return { is: 'unreadable', problem: field }
  }
  return { is: 'content', trees, files, fields }
}

const wrongKind = (at: OverlayAt, name: string, wanted: string): NotPinned => ({
  is: 'unreadable',
  problem: {
    reason: 'release.wrong-kind',
    file: joinPath(at.overlay, name),
    detail: `a ${wanted} is promoted, this is none`,
  },
})

/** One field of a file below an overlay; undefined where there is none. */
export async function readField(
  at: OverlayAt,
  name: string,
  path: string,
): Promise<string | OverlayProblem | undefined> {
  const file = joinPath(at.overlay, name)
  const source = await sourceAt(at, file)
  if (source === undefined || 'reason' in source) return source
  const field = fieldNode(source, path)
  if (field.is === 'broken') return { ...field.complaint, file }
  return field.is === 'absent' ? undefined : textOf(field.node)
}

/** The parsed text of a file, its problem, or nothing where there is no such file. */
export async function sourceAt(
  at: Omit<OverlayAt, 'overlay'>,
  file: string,
): Promise<YamlSource | OverlayProblem | undefined> {
  const entry = await at.reader.entry(at.tree, file)
  if (entry?.type !== 'blob' || entry.mode === '120000') return undefined
  const source = yamlSource(await at.reader.blob(entry.oid))
  return source.is === 'yaml' ? source : { ...source.complaint, file }
}

async function folderAt({ reader, tree, overlay }: OverlayAt): Promise<Sha | undefined> {
  if (overlay === '') return tree
  const entry = await reader.entry(tree, overlay)
  return entry?.type === 'tree' ? entry.oid : undefined
}
