import type { Scalar } from 'yaml'
import type { Promotes } from '../config/checked-config.ts'
import type { ReleasePart } from '../domain/release.ts'
import { cannotEdit, type Edit } from './file-edit.ts'
import { type MadeEdit, pairAt, swapKeys } from './image-edits.ts'
import { type ImageEntry, scalarAt, textOf } from './image-entries.ts'
import { insertPair, joinRemovals, pairRanges, rawPair, removeLines, removePair } from './map-edits.ts'
import type { Complaint } from './problem.ts'
import { isPromoted } from './read-release.ts'
import type { Splice } from './splice.ts'
import type { YamlSource } from './yaml-source.ts'

interface Side {
  readonly source: YamlSource
  readonly entries: readonly ImageEntry[]
}
export interface ThreeSides {
  readonly before: Side
  readonly after: Side
  readonly now: Side
}

export type ImagesBack =
  | { readonly is: 'edit'; readonly edit: Edit; readonly changed: readonly ReleasePart[] }
  | { readonly is: 'broken'; readonly complaint: Complaint }

/** Sets digests and tags that differ between before and after back to their old characters, in what stands there now. */
export function takeBackImages(sides: ThreeSides, promotes: Promotes): ImagesBack {
  const splices: Splice[] = []
  const sets: Edit['sets'][number][] = []
  const changed: ReleasePart[] = []
  const added: ImageEntry[] = []
  for (const after of sides.after.entries.filter(({ name }) => isPromoted(promotes, name))) {
    const { name } = after
    const before = entryOf(sides.before, name)
    const now = entryOf(sides.now, name)
    if (isSame(sides, before, after)) continue
    if (now === undefined || now.digest !== after.digest || now.tag !== after.tag) {
      return { is: 'broken', complaint: changedSince(name, now) }
    }
    changed.push({ part: `image ${name}`, value: before?.digest ?? '' })
    if (before === undefined) {
      added.push(now)
      continue
    }
    const swapped = swapBack(sides, before, now)
    if (swapped !== undefined) {
      if (swapped.is === 'broken') return swapped
      splices.push(...swapped.edit.splices)
      sets.push(...swapped.edit.sets)
      continue
    }
    for (const key of ['newTag', 'digest'] as const) {
      const back = keyBack(sides, before, now, key)
      if (back === 'same') continue
      if (back === undefined)
        return { is: 'broken', complaint: cannotEdit(`${key} of ${name} cannot be put back`, now.line) }
      splices.push(back)
      sets.push({ document: 0, path: ['images', now.index, key], text: textOf(scalarAt(before.map, key)) })
    }
  }
  const removed = removeEntries(sides, added)
  return {
    is: 'edit',
    changed,
    edit: {
      splices: joinRemovals(sides.now.source.text, [...splices, ...removed.splices]),
      sets: [...sets, ...removed.sets],
    },
  }
}

const entryOf = (side: Side, name: string): ImageEntry | undefined => side.entries.find((entry) => entry.name === name)

const raw = (source: YamlSource, node: Scalar | undefined): string | undefined =>
  node?.range ? source.text.slice(node.range[0], node.range[1]) : undefined

function isSame({ before, after }: ThreeSides, old: ImageEntry | undefined, set: ImageEntry): boolean {
  if (old === undefined) return false
  const isEqual = (key: string) =>
    raw(before.source, scalarAt(old.map, key)) === raw(after.source, scalarAt(set.map, key))
  return isEqual('digest') && isEqual('newTag')
}

const changedSince = (name: string, now: ImageEntry | undefined): Complaint => ({
  reason: 'revert.conflict',
  ...(now === undefined ? {} : { line: now.line }),
  detail: `image ${name} has changed since the promotion set it; somebody has to decide what it should be`,
})

function keyBack(
  sides: ThreeSides,
  before: ImageEntry,
  now: ImageEntry,
  key: 'digest' | 'newTag',
): Splice | 'same' | undefined {
  const old = raw(sides.before.source, scalarAt(before.map, key))
  const there = scalarAt(now.map, key)
  if (old === raw(sides.now.source, there)) return 'same'
  if (old !== undefined && there?.range) return { start: there.range[0], end: there.range[1], text: old }
  if (old !== undefined) return putBack(sides, before, now, key)
  const pair = pairAt(now, [key])
  return pair && removePair(sides.now.source.text, now.map, pair)
}

/** Where a digest came in the place of a bare tag, the tag goes back there. */
function swapBack(sides: ThreeSides, before: ImageEntry, now: ImageEntry): MadeEdit | undefined {
  const isSwap = before.digest === undefined && before.tag !== undefined && now.tag === undefined
  const pair = pairAt(before, ['newTag'])
  if (!isSwap || pair === undefined || before.tag === undefined) return undefined
  const written = sides.before.source.text.slice(pair.start, pair.end)
  return swapKeys(sides.now.source, now, 'digest', { key: 'newTag', text: before.tag, written })
}

/** A key that the promotion took away comes back behind the key that it stood behind. */
function putBack(sides: ThreeSides, before: ImageEntry, now: ImageEntry, key: string): Splice | undefined {
  const pairs = pairRanges(before.map)
  const index = pairs.findIndex((pair) => pair.key === key)
  const pair = pairs[index]
  const after = pairAt(now, [pairs[index - 1]?.key ?? ''])
  if (pair === undefined || after === undefined) return undefined
  return insertPair(sides.now.source.text, now.map, after, rawPair(sides.before.source.text, before.map, pair))
}

/** Entries that the promotion added go, and the whole list where it held nothing else. */
function removeEntries({ now }: ThreeSides, gone: readonly ImageEntry[]): Edit {
  if (gone.length === 0) return { splices: [], sets: [] }
  const { text } = now.source
  const splices = gone.map((entry) => removeLines(text, startOf(entry), endOf(entry)))
  if (gone.length === now.entries.length) {
    const whole = joinRemovals(text, [...splices, imagesLine(text, startOf(now.entries[0] ?? gone[0]))])
    return { splices: whole, sets: [{ document: 0, path: ['images'], text: undefined }] }
  }
  // From the last to the first, so that each index still means what it meant.
  const sets = gone.map((entry) => ({ document: 0, path: ['images', entry.index], text: undefined })).toReversed()
  return { splices, sets }
}

const startOf = (entry: ImageEntry | undefined): number => entry?.map.range?.[0] ?? 0
const endOf = ({ map }: ImageEntry): number => (map.flow ? map.range?.[1] : pairRanges(map).at(-1)?.end) ?? 0

/** The line `images:` goes with its last entry. */
function imagesLine(text: string, firstEntry: number): Splice {
  const start = text.lastIndexOf('images:', firstEntry)
  return removeLines(text, start, start + 'images:'.length)
}
