import { isMap, isSeq, type Scalar } from 'yaml'
import { anchoredNode, cannotEdit, type Edit } from './file-edit.ts'
import { type ImageEntry, scalarAt, textOf } from './image-entries.ts'
import { insertLines, insertPair, type PairRange, pairRanges, removePair } from './map-edits.ts'
import type { Complaint } from './problem.ts'
import { plainOrQuoted, scalarInStyle } from './scalar-text.ts'
import { lineBreakAt, type Splice, startOfLine } from './splice.ts'
import type { YamlSource } from './yaml-source.ts'

export type MadeEdit =
  | { readonly is: 'edit'; readonly edit: Edit }
  | { readonly is: 'broken'; readonly complaint: Complaint }

type Key = 'digest' | 'newTag'
/** Behind which key a new one goes: the first of these that the entry has. */
const placeOf: { readonly [K in Key]: readonly string[] } = {
  digest: ['newTag', 'newName', 'name'],
  newTag: ['newName', 'name'],
}

/** Sets a digest and the tag beside it in an entry; a tag of undefined goes away, since a stale one would mislead. */
export function setImage(source: YamlSource, entry: ImageEntry, digest: string, tag: string | undefined): MadeEdit {
  const isSwap = entry.digest === undefined && entry.tag !== undefined && tag === undefined
  if (isSwap) return swapKeys(source, entry, 'newTag', { key: 'digest', text: digest, written: `digest: ${digest}` })
  return joinEdits([setKey(source, entry, 'newTag', tag), setKey(source, entry, 'digest', digest)])
}

/** One key takes the place of another, so that neither has to be removed beside an insertion. */
export function swapKeys(
  source: YamlSource,
  entry: ImageEntry,
  gone: Key,
  come: { readonly key: Key; readonly text: string; readonly written: string },
): MadeEdit {
  const anchored = anchoredNode(source, [...above(source), entry.map, scalarAt(entry.map, gone)])
  if (anchored !== undefined) return { is: 'broken', complaint: anchored }
  const pair = pairAt(entry, [gone])
  if (pair === undefined) return broken(entry, `${gone} of ${entry.name} stands in a way that cannot be edited`)
  const at = (key: Key) => ['images', entry.index, key]
  const sets = [
    { document: 0, path: at(gone), text: undefined },
    { document: 0, path: at(come.key), text: come.text },
  ]
  return { is: 'edit', edit: { splices: [{ start: pair.start, end: pair.end, text: come.written }], sets } }
}

export function joinEdits(parts: readonly MadeEdit[]): MadeEdit {
  const broken = parts.find((part) => part.is === 'broken')
  if (broken !== undefined) return broken
  const edits = parts.flatMap((part) => (part.is === 'edit' ? [part.edit] : []))
  return {
    is: 'edit',
    edit: { splices: edits.flatMap((edit) => edit.splices), sets: edits.flatMap((edit) => edit.sets) },
  }
}

function setKey(source: YamlSource, entry: ImageEntry, key: Key, text: string | undefined): MadeEdit {
  const node = scalarAt(entry.map, key)
  if (textOf(node) === text) return noEdit
  const anchored = anchoredNode(source, [...above(source), entry.map, node])
  if (anchored !== undefined) return { is: 'broken', complaint: anchored }
  const splice = spliceFor(source, entry, key, node, text)
  if (splice === undefined) return broken(entry, `${key} of ${entry.name} stands in a way that cannot be edited`)
  return { is: 'edit', edit: { splices: [splice], sets: [{ document: 0, path: ['images', entry.index, key], text }] } }
}

function spliceFor(
  source: YamlSource,
  entry: ImageEntry,
  key: Key,
  node: Scalar | undefined,
  text: string | undefined,
): Splice | undefined {
  if (text === undefined) return removeKey(source, entry, key)
  if (node !== undefined) return replaceScalar(node, text, true)
  const after = pairAt(entry, placeOf[key])
  return after && insertPair(source.text, entry.map, after, `${key}: ${plainOrQuoted(text, true)}`)
}

/** The splice that gives a scalar another text in its own style. */
export function replaceScalar(node: Scalar, text: string, isString: boolean): Splice | undefined {
  const written = scalarInStyle(node, text, isString)
  return written === undefined || !node.range ? undefined : { start: node.range[0], end: node.range[1], text: written }
}

export function removeKey(source: YamlSource, entry: ImageEntry, key: string): Splice | undefined {
  const pair = pairAt(entry, [key])
  return pair && removePair(source.text, entry.map, pair)
}

export function pairAt(entry: ImageEntry, keys: readonly string[]): PairRange | undefined {
  const pairs = pairRanges(entry.map)
  for (const key of keys) {
    const pair = pairs.find((candidate) => candidate.key === key)
    if (pair !== undefined) return pair
  }
  return undefined
}

export interface NewImage {
  readonly name: string
  readonly digest: string
  readonly tag: string | undefined
}

/** New entries behind the last one and in its style, or a new list at the end of the file. */
export function addImages(source: YamlSource, entries: readonly ImageEntry[], images: readonly NewImage[]): MadeEdit {
  if (images.length === 0) return noEdit
  const anchored = anchoredNode(source, above(source))
  if (anchored !== undefined) return { is: 'broken', complaint: anchored }
  const last = entries.at(-1)
  const items = images.map(pairsOf)
  const splice = last === undefined ? newList(source, items) : behindLast(source, last, items)
  if (splice === undefined) {
    return { is: 'broken', complaint: cannotEdit('images stands in a way that no entry can be added to') }
  }
  const sets = images.flatMap(({ name, tag, digest }, index) =>
    Object.entries({ name, newTag: tag, digest }).flatMap(([key, text]) =>
      text === undefined ? [] : [{ document: 0, path: ['images', entries.length + index, key], text }],
    ),
  )
  return { is: 'edit', edit: { splices: [splice], sets } }
}

const pairsOf = ({ name, digest, tag }: NewImage): readonly string[] => [
  `name: ${plainOrQuoted(name, true)}`,
  ...(tag === undefined ? [] : [`newTag: ${plainOrQuoted(tag, true)}`]),
  `digest: ${digest}`,
]

type Items = readonly (readonly string[])[]

function behindLast(source: YamlSource, last: ImageEntry, items: Items): Splice | undefined {
  const { text } = source
  const start = last.map.range?.[0]
  const lastPair = pairRanges(last.map).at(-1)
  if (start === undefined || lastPair === undefined) return undefined
  const dash = text.slice(startOfLine(text, start), start)
  if (!/^ *- +$/.test(dash)) return undefined
  const lineBreak = lineBreakAt(text, start)
  if (last.map.flow) {
    const end = last.map.range?.[1] ?? start
    return insertLines(
      text,
      { key: '', start, end },
      items.map((pairs) => `${dash}{ ${pairs.join(', ')} }`).join(lineBreak),
    )
  }
  return insertLines(text, lastPair, items.map((pairs) => blockItem(dash, pairs, lineBreak)).join(lineBreak))
}

const blockItem = (dash: string, pairs: readonly string[], lineBreak: string): string =>
  dash + pairs.join(lineBreak + ' '.repeat(dash.length))

function newList(source: YamlSource, items: Items): Splice | undefined {
  const { text } = source
  const root = source.documents[0]?.contents
  if (!isMap(root) || root.flow || root.has('images')) return undefined
  const lineBreak = lineBreakAt(text, 0)
  const lines = ['images:', ...items.map((pairs) => blockItem('  - ', pairs, lineBreak))].join(lineBreak)
  return { start: text.length, end: text.length, text: text.endsWith('\n') ? lines + lineBreak : lineBreak + lines }
}

/** The list and what holds it. */
function above(source: YamlSource) {
  const root = source.documents[0]?.contents
  const images = isMap(root) ? root.get('images', true) : undefined
  return [root, isSeq(images) ? images : undefined]
}

export const noEdit: MadeEdit & { readonly is: 'edit' } = { is: 'edit', edit: { splices: [], sets: [] } }

const broken = (entry: ImageEntry, detail: string): MadeEdit => ({
  is: 'broken',
  complaint: cannotEdit(detail, entry.line),
})
