import { createHash } from 'node:crypto'
import { UserError } from '../../src/domain/failures.ts'
import { type Sha, toSha } from '../../src/domain/ids.ts'
import type { ObjectReader } from '../../src/overlays/object-reader.ts'
import type { TreeEdit } from '../../src/ports/forge/commits.ts'
import type { TreeEntry } from '../../src/ports/git.ts'

type Content = string | Uint8Array | { readonly mode: string; readonly text: string }
export type Files = Readonly<Record<string, Content>>

/** Files in memory, read as a repository is: ids are real hashes of content, so equal folders have equal ids. */
export function memoryRepository() {
  const blobs = new Map<Sha, Uint8Array>()
  const trees = new Map<Sha, readonly TreeEntry[]>()

  const store = (kind: string, bytes: Uint8Array | string): Sha =>
    toSha(createHash('sha1').update(`${kind}\0`).update(bytes).digest('hex'))

  const addBlob = (content: Content): { readonly oid: Sha; readonly mode: string } => {
    const { mode, text } =
      typeof content === 'object' && 'mode' in content ? content : { mode: '100644', text: content }
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
    const oid = store('blob', bytes)
    blobs.set(oid, bytes)
    return { oid, mode }
  }

  const addTree = (files: Files): Sha => {
    const folders = new Map<string, Record<string, Content>>()
    const entries: TreeEntry[] = []
    for (const [path, content] of Object.entries(files)) {
      const slash = path.indexOf('/')
      if (slash < 0) {
        const { oid, mode } = addBlob(content)
        entries.push({ path, oid, mode, type: mode === '160000' ? 'commit' : 'blob' })
        continue
      }
      const folder = path.slice(0, slash)
      const inside = folders.get(folder) ?? {}
      folders.set(folder, inside)
      inside[path.slice(slash + 1)] = content
    }
    for (const [path, inside] of folders) entries.push({ path, oid: addTree(inside), mode: '040000', type: 'tree' })
    entries.sort((a, b) => (a.path < b.path ? -1 : 1))
    const oid = store('tree', JSON.stringify(entries))
    trees.set(oid, entries)
    return oid
  }

  const tree = async (oid: Sha): Promise<readonly TreeEntry[]> => {
    const entries = trees.get(oid)
    if (entries === undefined) throw new UserError('git.missing-object', `no tree ${oid}`)
    return entries
  }

  const reader: ObjectReader = {
    tree,
    async entry(treeish, path) {
      let at = treeish
      const names = path.split('/')
      for (const [depth, name] of names.entries()) {
        const found = (await tree(at)).find((entry) => entry.path === name)
        if (found === undefined || depth === names.length - 1) return found && { ...found, path }
        if (found.type !== 'tree') return undefined
        at = found.oid
      }
      return undefined
    },
    async blob(oid, maxBytes = 4 * 1024 * 1024) {
      const bytes = blobs.get(oid)
      if (bytes === undefined) throw new UserError('git.missing-object', `no blob ${oid}`)
      if (bytes.length > maxBytes) throw new UserError('git.blob-too-large', `blob ${oid} is too large`)
      return bytes
    },
  }

  /** Every file of a tree as text, for whole comparisons. */
  const filesOf = async (oid: Sha, folder = ''): Promise<Record<string, string>> => {
    const files: Record<string, string> = {}
    for (const entry of await tree(oid)) {
      const path = folder + entry.path
      if (entry.type === 'tree') Object.assign(files, await filesOf(entry.oid, `${path}/`))
      else files[path] = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await reader.blob(entry.oid))
    }
    return files
  }

  const applyEdits = async (base: Sha, edits: readonly TreeEdit[]): Promise<Sha> => {
    const files = await filesOf(base)
    for (const edit of edits) {
      for (const path of Object.keys(files))
        if (path === edit.path || path.startsWith(`${edit.path}/`)) delete files[path]
      if ('text' in edit) files[edit.path] = edit.text
      else if ('oid' in edit && edit.mode !== '040000')
        files[edit.path] = new TextDecoder().decode(await reader.blob(edit.oid))
      else if ('oid' in edit) Object.assign(files, await filesOf(edit.oid, `${edit.path}/`))
    }
    return addTree(files)
  }

  return { reader, addTree, filesOf, applyEdits }
}
