import type { Promotes } from '../config/checked-config.ts'
import type { Sha } from '../domain/ids.ts'
import type { Release, ReleasePart } from '../domain/release.ts'
import type { TreeEdit } from '../ports/forge/commits.ts'
import { fieldNode } from './field-node.ts'
import { anchoredNode, cannotEdit } from './file-edit.ts'
import { addImages, type MadeEdit, type NewImage, noEdit, replaceScalar, setImage } from './image-edits.ts'
import { imageEntries, textOf } from './image-entries.ts'
import { joinPath, type ObjectReader, type OverlayAt } from './object-reader.ts'
import { type OpenFiles, openFiles } from './open-files.ts'
import { ownKustomization } from './own-kustomization.ts'
import { type Complaint, type Refusal, refusal } from './problem.ts'
import { isPromoted, sourceAt } from './read-release.ts'
import type { YamlSource } from './yaml-source.ts'

export interface Place {
  readonly tree: Sha
  readonly overlay: string
}

export interface Bringing {
  readonly reader: ObjectReader
  /** Where the release ran or came from: its tags, which are no part of it, are read there. */
  readonly from: Place
  readonly to: Place
  readonly release: Release
  readonly promotes: Promotes
  /** Names of images that the target renders without an entry of its own, which then may get one. */
  readonly targetImages?: readonly string[]
  /** Where what the target reaches gives an image another name, by the name that it has before. */
  readonly renamed?: ReadonlyMap<string, string>
}

export type OverlayEdits =
  | {
      readonly is: 'edits'
      /** Sorted by path; none where the target runs the release already. */
      readonly edits: readonly TreeEdit[]
      readonly changed: readonly ReleasePart[]
    }
  | Refusal

/**
 * The edits that bring a release to an overlay: the digests (with the tags beside them), trees, files and fields that
 * differ, and no other byte. A part that the target has no place for is refused, never written as a dead entry.
 */
export async function bringRelease(bringing: Bringing): Promise<OverlayEdits> {
  const { reader, to, release, promotes } = bringing
  const at: OverlayAt = { reader, ...to }
  const open = openFiles(at)
  const changed: ReleasePart[] = []
  const refused =
    (await bringImages(bringing, open, changed)) ?? (await bringFields(at, release, promotes, open, changed))
  if (refused !== undefined) return refused
  const texts = open.edited()
  if (texts.is === 'unsupported') return texts
  const objects = await bringObjects(at, release, promotes, changed)
  if (objects.is === 'unsupported') return objects
  return { is: 'edits', edits: [...texts.edits, ...objects.edits].toSorted(byPath), changed }
}

export const byPath = (a: TreeEdit, b: TreeEdit): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)

async function bringImages(bringing: Bringing, open: OpenFiles, changed: ReleasePart[]): Promise<Refusal | undefined> {
  const { reader, from, to, release, promotes, targetImages = [], renamed } = bringing
  const wanted = Object.entries(release.parts.images).filter(([name]) => isPromoted(promotes, name))
  if (wanted.length === 0) return undefined
  const file = await ownKustomization({ reader, ...to })
  const source = await open.source(file)
  if (source.is === 'unsupported') return source
  const found = imageEntries(source)
  if (found.is === 'broken') return refusal(file, found.complaint)
  const tags = await tagsOf({ reader, ...from })
  const missing: NewImage[] = []
  for (const [name, digest] of wanted) {
    const entry = found.entries.find((candidate) => candidate.name === name)
    const tag = tags.get(`${name}@${digest}`)
    if (entry?.digest !== digest) changed.push({ part: `image ${name}`, value: digest })
    else if (tag === undefined) continue
    if (entry === undefined && !targetImages.includes(name))
      return refusal(file, unmatched(name, targetImages, renamed?.get(name)))
    if (entry === undefined) missing.push({ name, digest, tag })
    const made = entry === undefined ? noEdit : setImage(source, entry, digest, tag)
    if (made.is === 'broken') return refusal(file, made.complaint)
    open.add(file, made.edit)
  }
  const added = addImages(source, found.entries, missing)
  if (added.is === 'broken') return refusal(file, added.complaint)
  open.add(file, added.edit)
  return undefined
}

/** An entry of that name would match nothing here, so nobody is told to write one. */
function unmatched(name: string, rendered: readonly string[], renamedAt: string | undefined): Complaint {
  const shown = rendered.length === 0 ? 'no image' : rendered.slice(0, mostNames).join(', ')
  const way =
    renamedAt === undefined
      ? 'bring its container here, or leave it out by promotes.images'
      : `${renamedAt} renames it first: rename it in the overlays instead, by newName beside the digest`
  const detail = `the release holds the image ${name}, which this overlay does not render (rendered: ${shown}); ${way}`
  return { reason: 'release.image-unmatched', detail }
}

const mostNames = 10

/** Keyed by `name@digest`, so that a tag never travels beside another digest than its own. */
async function tagsOf(at: OverlayAt): Promise<ReadonlyMap<string, string>> {
  const source = await sourceAt(at, await ownKustomization(at))
  if (source === undefined || 'reason' in source) return new Map()
  const found = imageEntries(source)
  if (found.is === 'broken') return new Map()
  return new Map(
    found.entries.flatMap(({ name, digest, tag }) => (tag === undefined ? [] : [[`${name}@${digest}`, tag]])),
  )
}

async function bringFields(
  at: OverlayAt,
  release: Release,
  promotes: Promotes,
  open: OpenFiles,
  changed: ReleasePart[],
): Promise<Refusal | undefined> {
  for (const { file: name, path } of promotes.fields) {
    const key = `${name}#${path}`
    const value = release.parts.fields[key]
    if (value === undefined) continue
    const file = joinPath(at.overlay, name)
    const source = await open.source(file)
    if (source.is === 'unsupported') return source
    const made = setField(source, path, value)
    if (made.is === 'broken') return refusal(file, made.complaint)
    if (made.edit.splices.length === 0) continue
    open.add(file, made.edit)
    changed.push({ part: `field ${key}`, value })
  }
  return undefined
}

function setField(source: YamlSource, path: string, value: string): MadeEdit {
  const field = fieldNode(source, path)
  if (field.is === 'broken') return field
  if (field.is === 'absent') {
    const detail = `the release sets ${path}, which this file does not have`
    return { is: 'broken', complaint: { reason: 'release.field-unmatched', detail } }
  }
  if (textOf(field.node) === value) return noEdit
  const anchored = anchoredNode(source, [...field.ancestors, field.node])
  if (anchored !== undefined) return { is: 'broken', complaint: anchored }
  const splice = replaceScalar(field.node, value, typeof field.node.value === 'string')
  if (splice === undefined) return { is: 'broken', complaint: cannotEdit(`${path} is a block of text`) }
  return {
    is: 'edit',
    edit: { splices: [splice], sets: [{ document: field.document, path: field.path, text: value }] },
  }
}

async function bringObjects(
  at: OverlayAt,
  release: Release,
  promotes: Promotes,
  changed: ReleasePart[],
): Promise<{ readonly is: 'edits'; readonly edits: readonly TreeEdit[] } | Refusal> {
  const edits: TreeEdit[] = []
  const families = [
    { word: 'tree', type: 'tree', mode: '040000', names: promotes.trees, oids: release.parts.trees },
    { word: 'file', type: 'blob', mode: '100644', names: promotes.files, oids: release.parts.files },
  ] as const
  for (const { word, type, mode, names, oids } of families) {
    for (const name of names) {
      const oid = oids[name]
      const path = joinPath(at.overlay, name)
      const there = await at.reader.entry(at.tree, path)
      if (oid === undefined || there?.oid === oid) continue
      if (there !== undefined && there.type !== type) {
        return refusal(path, { reason: 'release.wrong-kind', detail: `the release brings a ${word}, this is none` })
      }
      edits.push({ path, oid, mode: there?.mode ?? mode })
      changed.push({ part: `${word} ${name}`, value: oid })
    }
  }
  return { is: 'edits', edits }
}
