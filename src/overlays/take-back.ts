import { isScalar, type Scalar } from 'yaml'
import type { Promotes } from '../config/checked-config.ts'
import type { Sha } from '../domain/ids.ts'
import type { ReleasePart } from '../domain/release.ts'
import type { TreeEdit } from '../ports/forge/commits.ts'
import { byPath, type OverlayEdits } from './edit-overlay.ts'
import { fieldNode } from './field-node.ts'
import { cannotEdit, type Edit } from './file-edit.ts'
import { imageEntries, textOf } from './image-entries.ts'
import { joinPath, type ObjectReader } from './object-reader.ts'
import { type OpenFiles, openFiles } from './open-files.ts'
import { ownKustomization } from './own-kustomization.ts'
import { type Complaint, type Refusal, refusal } from './problem.ts'
import { sourceAt } from './read-release.ts'
import { takeBackImages } from './take-back-images.ts'
import type { YamlSource } from './yaml-source.ts'

export interface TakingBack {
  readonly reader: ObjectReader
  readonly overlay: string
  readonly promotes: Promotes
  /** The first parent of the merge that brought the promotion. */
  readonly before: Sha
  /** That merge. */
  readonly after: Sha
  /** What the edits are for. */
  readonly now: Sha
}

/**
 * The edits that take a promotion back (I5): every part that it changed is set to the very characters that stood there
 * before, what it added goes, and no other byte is touched. A part that has changed since is refused as `revert.conflict`.
 * `changed` holds the parts and the values that come back.
 */
export async function takeBack(taking: TakingBack): Promise<OverlayEdits> {
  const open = openFiles({ reader: taking.reader, tree: taking.now })
  const changed: ReleasePart[] = []
  const refused = (await imagesBack(taking, open, changed)) ?? (await fieldsBack(taking, open, changed))
  if (refused !== undefined) return refused
  const texts = open.edited()
  if (texts.is === 'unsupported') return texts
  const objects = await objectsBack(taking, changed)
  if (objects.is === 'unsupported') return objects
  return { is: 'edits', edits: [...texts.edits, ...objects.edits].toSorted(byPath), changed }
}

interface ThreeSources {
  readonly before: YamlSource
  readonly after: YamlSource
  readonly now: YamlSource
}

/** Nothing where the promotion did not touch the file. */
async function threeSources(
  taking: TakingBack,
  open: OpenFiles,
  file: string,
): Promise<ThreeSources | Refusal | undefined> {
  const { reader } = taking
  const [before, after] = await Promise.all(
    [taking.before, taking.after].map((tree) => sourceAt({ reader, tree }, file)),
  )
  if (before === undefined || after === undefined) return undefined
  if ('reason' in before) return { is: 'unsupported', problem: before }
  if ('reason' in after) return { is: 'unsupported', problem: after }
  if (before.text === after.text) return undefined
  const now = await open.source(file)
  return now.is === 'unsupported' ? now : { before, after, now }
}

const isRefusal = (value: object): value is Refusal => 'is' in value && value.is === 'unsupported'

async function imagesBack(taking: TakingBack, open: OpenFiles, changed: ReleasePart[]): Promise<Refusal | undefined> {
  const { reader, overlay, after, promotes } = taking
  if (promotes.images === 'none') return undefined
  const file = await ownKustomization({ reader, tree: after, overlay })
  const sources = await threeSources(taking, open, file)
  if (sources === undefined || isRefusal(sources)) return sources
  const [before, then, now] = [imageEntries(sources.before), imageEntries(sources.after), imageEntries(sources.now)]
  for (const found of [before, then, now]) if (found.is === 'broken') return refusal(file, found.complaint)
  if (before.is === 'broken' || then.is === 'broken' || now.is === 'broken') return undefined
  const made = takeBackImages(
    {
      before: { source: sources.before, entries: before.entries },
      after: { source: sources.after, entries: then.entries },
      now: { source: sources.now, entries: now.entries },
    },
    promotes,
  )
  if (made.is === 'broken') return refusal(file, made.complaint)
  open.add(file, made.edit)
  changed.push(...made.changed)
  return undefined
}

async function fieldsBack(taking: TakingBack, open: OpenFiles, changed: ReleasePart[]): Promise<Refusal | undefined> {
  for (const { file: name, path } of taking.promotes.fields) {
    const file = joinPath(taking.overlay, name)
    const sources = await threeSources(taking, open, file)
    if (sources === undefined) continue
    if (isRefusal(sources)) return sources
    const made = fieldBack(sources, path)
    if (made.is === 'broken') return refusal(file, made.complaint)
    if (made.is === 'same') continue
    open.add(file, made.edit)
    changed.push({ part: `field ${name}#${path}`, value: made.value })
  }
  return undefined
}

type FieldBack =
  | { readonly is: 'same' }
  | { readonly is: 'edit'; readonly edit: Edit; readonly value: string }
  | { readonly is: 'broken'; readonly complaint: Complaint }

function fieldBack(sources: ThreeSources, path: string): FieldBack {
  const before = fieldNode(sources.before, path)
  const after = fieldNode(sources.after, path)
  const now = fieldNode(sources.now, path)
  if (before.is !== 'scalar' || after.is !== 'scalar') {
    const isSame = before.is === after.is
    return isSame
      ? { is: 'same' }
      : { is: 'broken', complaint: cannotEdit(`${path} was not a single value before and after`) }
  }
  if (rawOf(sources.before, before.node) === rawOf(sources.after, after.node)) return { is: 'same' }
  if (now.is !== 'scalar' || textOf(now.node) !== textOf(after.node)) return { is: 'broken', complaint: conflict(path) }
  const value = textOf(before.node) ?? ''
  const [start, end] = now.node.range ?? [0, 0]
  const splices = [{ start, end, text: rawOf(sources.before, before.node) }]
  return { is: 'edit', value, edit: { splices, sets: [{ document: now.document, path: now.path, text: value }] } }
}

/** The characters of a scalar, quotes included. */
export const rawOf = ({ text }: YamlSource, node: Scalar): string =>
  isScalar(node) && node.range ? text.slice(node.range[0], node.range[1]) : ''

export const conflict = (what: string): Complaint => ({
  reason: 'revert.conflict',
  detail: `${what} has changed since the promotion set it; somebody has to decide what it should be`,
})

async function objectsBack(
  { reader, overlay, promotes, before, after, now }: TakingBack,
  changed: ReleasePart[],
): Promise<{ readonly is: 'edits'; readonly edits: readonly TreeEdit[] } | Refusal> {
  const edits: TreeEdit[] = []
  const names = [...promotes.trees.map((name) => ['tree', name]), ...promotes.files.map((name) => ['file', name])]
  for (const [word = '', name = ''] of names) {
    const path = joinPath(overlay, name)
    const [old, set, there] = await Promise.all([before, after, now].map((tree) => reader.entry(tree, path)))
    if (old?.oid === set?.oid && old?.mode === set?.mode) continue
    if (there?.oid !== set?.oid || there?.mode !== set?.mode) return refusal(path, conflict(`the ${word} ${name}`))
    edits.push(old === undefined ? { path, removed: true } : { path, oid: old.oid, mode: old.mode })
    changed.push({ part: `${word} ${name}`, value: old?.oid ?? '' })
  }
  return { is: 'edits', edits }
}
