import { promises as files } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeCommit, writeObject } from 'isomorphic-git'
import { UserError } from '../../domain/failures.ts'
import { type Sha, toSha } from '../../domain/ids.ts'
import type { GitWriter } from '../../ports/git.ts'
import { formatTree, type RawEntry, typeOfMode } from './object-format.ts'
import { assertSha, type ObjectStore } from './object-store.ts'

type Edit = { readonly oid: Sha; readonly mode?: string } | null

/** Writes loose objects into the bare store at `gitdir`; objects are complete when they can be seen. */
export function gitWriter(gitdir: string, store: () => ObjectStore): GitWriter {
  const fs = { promises: { ...files, writeFile: writeWhole } }
  const writeTreeObject = async (entries: readonly RawEntry[]): Promise<Sha> =>
    toSha(await writeObject({ fs, dir: gitdir, gitdir, type: 'tree', format: 'content', object: formatTree(entries) }))
  return {
    async writeBlob(bytes) {
      return toSha(await writeObject({ fs, dir: gitdir, gitdir, type: 'blob', format: 'content', object: bytes }))
    },
    async writeTree(base, edits) {
      const entries = base === null ? [] : (await store().tree(base)).raw
      const written = await applyEdits(store(), writeTreeObject, entries, edits)
      return written ?? (await writeTreeObject([]))
    },
    async writeCommit({ tree, parents, author, at, message }) {
      const person = { ...author, timestamp: Math.floor(at / 1000), timezoneOffset: 0 }
      const commit = { tree, parent: [...parents], message, author: person, committer: person }
      return toSha(await writeCommit({ fs, dir: gitdir, gitdir, commit }))
    },
  }
}

let writes = 0

/** A crash in the middle must not leave half an object under its final name, which nobody would ever write again. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  writes += 1
  const unfinished = join(dirname(path), `tmp_obj_${process.pid}_${writes}`)
  await files.writeFile(unfinished, bytes)
  await files.rename(unfinished, path)
}

/** The id of the tree with the edits applied, undefined where nothing is left in it (Git holds no empty folders). */
async function applyEdits(
  store: ObjectStore,
  write: (entries: readonly RawEntry[]) => Promise<Sha>,
  entries: readonly RawEntry[],
  edits: ReadonlyMap<string, Edit>,
): Promise<Sha | undefined> {
  const byName = new Map(entries.map((entry) => [entry.name, entry]))
  for (const [folder, inside] of byFolder(edits)) {
    const there = byName.get(folder)
    const below = there !== undefined && typeOfMode(there.mode) === 'tree' ? (await store.tree(there.oid)).raw : []
    const oid = await applyEdits(store, write, below, inside)
    if (oid === undefined) byName.delete(folder)
    else byName.set(folder, { name: folder, mode: '040000', oid })
  }
  for (const [path, edit] of edits) {
    if (path.includes('/')) continue
    const name = rawName(path)
    if (edit === null) byName.delete(name)
    else byName.set(name, { name, oid: edit.oid, mode: await modeFor(store, edit, byName.get(name)) })
  }
  return byName.size === 0 ? undefined : write([...byName.values()])
}

/** The edits below each folder, their paths seen from there. */
function byFolder(edits: ReadonlyMap<string, Edit>): ReadonlyMap<string, Map<string, Edit>> {
  const folders = new Map<string, Map<string, Edit>>()
  for (const [path, edit] of edits) {
    const slash = path.indexOf('/')
    if (slash < 0) continue
    const folder = rawName(path.slice(0, slash))
    const inside = folders.get(folder) ?? new Map<string, Edit>()
    folders.set(folder, inside.set(path.slice(slash + 1), edit))
  }
  return folders
}

async function modeFor(store: ObjectStore, edit: NonNullable<Edit>, there: RawEntry | undefined): Promise<string> {
  assertSha(edit.oid)
  if (edit.mode !== undefined) return edit.mode
  const type = await store.typeOf(edit.oid)
  if (type === 'tree') return '040000'
  return there !== undefined && typeOfMode(there.mode) === 'blob' ? there.mode : '100644'
}

function rawName(name: string): string {
  const isUnsafe = name === '' || name === '.' || name === '..' || name.toLowerCase() === '.git' || name.includes('\0')
  if (isUnsafe) throw new UserError('git.bad-path', `${JSON.stringify(name)} cannot be a name in a repository`)
  return Buffer.from(name, 'utf8').toString('latin1')
}
