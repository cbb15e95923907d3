import type { Objects } from './objects.ts'

export interface TreeEntry {
  readonly mode: string
  readonly name: string
  readonly oid: string
}
export interface TreePath extends TreeEntry {
  readonly path: string
}
/** What a path becomes; null removes it. */
export type TreeEdits = ReadonlyMap<string, { readonly mode: string; readonly oid: string } | null>

export const kindOf = (mode: string): 'tree' | 'commit' | 'blob' =>
  mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob'

/** Writes the trees that the edits touch and no other; undefined where nothing is left. */
export async function editTree(
  objects: Objects,
  base: string | undefined,
  edits: TreeEdits,
): Promise<string | undefined> {
  const entries = new Map((base === undefined ? [] : await readTree(objects, base)).map((entry) => [entry.name, entry]))
  for (const [name, below] of byFirstFolder(edits)) {
    const whole = below.get('')
    if (whole !== undefined) {
      if (whole === null) entries.delete(name)
      else entries.set(name, { name, ...whole })
      continue
    }
    const old = entries.get(name)
    const oid = await editTree(objects, old?.mode === '040000' ? old.oid : undefined, below)
    if (oid === undefined) entries.delete(name)
    else entries.set(name, { name, mode: '040000', oid })
  }
  return entries.size === 0 ? undefined : writeTree(objects, [...entries.values()])
}

function byFirstFolder(edits: TreeEdits): Map<string, Map<string, { mode: string; oid: string } | null>> {
  const folders = new Map<string, Map<string, { mode: string; oid: string } | null>>()
  for (const [path, edit] of edits) {
    const slash = path.indexOf('/')
    const name = slash === -1 ? path : path.slice(0, slash)
    const below = folders.get(name) ?? new Map()
    below.set(slash === -1 ? '' : path.slice(slash + 1), edit)
    folders.set(name, below)
  }
  return folders
}

export async function readTree(objects: Objects, oid: string): Promise<readonly TreeEntry[]> {
  const object = await objects.read(oid)
  if (object?.type !== 'tree') throw new Error(`${oid} is not a tree`)
  const entries: TreeEntry[] = []
  for (let at = 0; at < object.content.length; ) {
    const nameEnd = object.content.indexOf(0, at)
    const [mode = '', ...name] = object.content.subarray(at, nameEnd).toString().split(' ')
    const oid = object.content.subarray(nameEnd + 1, nameEnd + 21).toString('hex')
    entries.push({ mode: mode.padStart(6, '0'), name: name.join(' '), oid })
    at = nameEnd + 21
  }
  return entries
}

export async function writeTree(objects: Objects, entries: readonly TreeEntry[]): Promise<string> {
  const sorted = entries.toSorted((a, b) => Buffer.compare(sortKey(a), sortKey(b)))
  const parts = sorted.flatMap((entry) => [
    Buffer.from(`${entry.mode.replace(/^0/, '')} ${entry.name}\0`),
    Buffer.from(entry.oid, 'hex'),
  ])
  return objects.write('tree', Buffer.concat(parts))
}

// Git sorts a folder as if its name ended with a slash.
const sortKey = (entry: TreeEntry) => Buffer.from(kindOf(entry.mode) === 'tree' ? `${entry.name}/` : entry.name)

export async function entryAt(objects: Objects, root: string, path: string): Promise<TreeEntry | undefined> {
  let found: TreeEntry = { mode: '040000', name: '', oid: root }
  for (const name of path.split('/').filter((part) => part !== '')) {
    if (found.mode !== '040000') return undefined
    const next = (await readTree(objects, found.oid)).find((entry) => entry.name === name)
    if (next === undefined) return undefined
    found = next
  }
  return found
}

/** All entries with their paths; folders too, before what is in them. */
export async function walkTree(
  objects: Objects,
  root: string,
  recursive: boolean,
  prefix = '',
): Promise<readonly TreePath[]> {
  const found: TreePath[] = []
  for (const entry of await readTree(objects, root)) {
    const path = prefix + entry.name
    found.push({ ...entry, path })
    if (recursive && entry.mode === '040000') found.push(...(await walkTree(objects, entry.oid, true, `${path}/`)))
  }
  return found
}
