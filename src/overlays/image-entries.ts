import { isDeepStrictEqual } from 'node:util'
import { isMap, isNode, isScalar, isSeq, type Scalar, type YAMLMap } from 'yaml'
import type { Complaint } from './problem.ts'
import { maxAliases, type YamlSource } from './yaml-source.ts'

/** One entry of a kustomization's `images`, with its nodes, so that it can be read and spliced. */
export interface ImageEntry {
  readonly name: string
  readonly line: number
  readonly index: number
  readonly map: YAMLMap
  /** As it is written, without quotes. */
  readonly digest: string | undefined
  readonly tag: string | undefined
}

export type ImageEntries =
  | { readonly is: 'entries'; readonly entries: readonly ImageEntry[] }
  | { readonly is: 'broken'; readonly complaint: Complaint }

/**
 * The entries in their order. Where an alias or a merge key says something else to kustomize than what is written in the
 * entry, nothing here may be read or edited as if it stood alone.
 */
export function imageEntries(source: YamlSource): ImageEntries {
  const document = source.documents[0]
  const root = document?.contents
  if (document === undefined || !isMap(root) || !root.has('images')) return { is: 'entries', entries: [] }
  const images = root.get('images', true)
  const entries = isSeq(images) ? images.items.flatMap((map, index) => entryOf(source, map, index)) : []
  const meant: unknown = document.toJS({ maxAliasCount: maxAliases }).images
  if (isDeepStrictEqual(entries.map(asWritten), asMeant(meant))) return { is: 'entries', entries }
  const line = source.lineAt(isNode(images) ? (images.range?.[0] ?? 0) : 0)
  const detail = 'images holds aliases, merge keys or entries without a name; write each entry out'
  return { is: 'broken', complaint: { reason: 'release.unspliceable', line, detail } }
}

function entryOf(source: YamlSource, map: unknown, index: number): ImageEntry[] {
  if (!isMap(map)) return []
  const name = textOf(scalarAt(map, 'name'))
  if (name === undefined) return []
  const line = source.lineAt(map.range?.[0] ?? 0)
  return [{ name, line, index, map, digest: textOf(scalarAt(map, 'digest')), tag: textOf(scalarAt(map, 'newTag')) }]
}

const asWritten = ({ map }: ImageEntry) => ['name', 'digest', 'newTag'].map((key) => scalarAt(map, key)?.value ?? null)

function asMeant(images: unknown): readonly unknown[] {
  if (!Array.isArray(images)) return images === null || images === undefined ? [] : [images]
  return images.map((image) => ['name', 'digest', 'newTag'].map((key) => image?.[key] ?? null))
}

export function scalarAt(map: YAMLMap, key: string): Scalar | undefined {
  const node = map.get(key, true)
  return isScalar(node) && node.value !== null ? node : undefined
}

/** The text as somebody wrote it: `1.10` stays `1.10`, whatever type a parser gives it. */
export function textOf(node: Scalar | undefined): string | undefined {
  if (node === undefined) return undefined
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
}
