import { createHash } from 'node:crypto'
import { UserError } from '../../src/domain/failures.ts'
import { type Instant, type Sha, toSha } from '../../src/domain/ids.ts'
import type { Commit, GitObjects, GitWriter, MergeResult, PathChange, TreeEntry } from '../../src/ports/git.ts'

export type MemoryGit = GitObjects & GitWriter & { readonly branches: Map<string, Sha> }

/** Git in memory: trees, commits and three-way merges by path as Git has them, ids that are hashes of content. */
export function memoryGit(): MemoryGit {
  const blobs = new Map<Sha, Uint8Array>()
  const trees = new Map<Sha, ReadonlyMap<string, TreeEntry>>()
  const commits = new Map<Sha, Commit>()
  const differences = new Map<string, readonly PathChange[]>()
  const ancestors = new Map<Sha, ReadonlySet<Sha>>()
  const branches = new Map<string, Sha>()

  const missing = (what: string, oid: Sha) => new UserError('git.missing-object', `no ${what} ${oid}`)
  const entriesOf = (oid: Sha): ReadonlyMap<string, TreeEntry> => {
    const found = trees.get(commits.get(oid)?.tree ?? oid)
    if (found === undefined) throw missing('tree', oid)
    return found
  }
  const commitOf = (oid: Sha): Commit => {
    const found = commits.get(oid)
    if (found === undefined) throw missing('commit', oid)
    return found
  }

  function storeTree(entries: readonly TreeEntry[]): Sha {
    const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))
    const oid = idOf('tree', JSON.stringify(sorted.map(({ mode, oid: id, path }) => [mode, id, path])))
    if (!trees.has(oid)) trees.set(oid, new Map(sorted.map((entry) => [entry.path, entry])))
    return oid
  }
  storeTree([])

  function edited(base: Sha | null, edits: readonly (readonly [readonly string[], Edit])[]): Sha | null {
    const entries = new Map(base === null ? [] : entriesOf(base))
    const inside = new Map<string, [readonly string[], Edit][]>()
    for (const [[name = '', ...rest], edit] of edits) {
      if (rest.length > 0) inside.set(name, [...(inside.get(name) ?? []), [rest, edit]])
      else if (edit === null) entries.delete(name)
      else {
        const type = edit.mode === '160000' ? 'commit' : trees.has(edit.oid) ? 'tree' : 'blob'
        const mode = edit.mode ?? entries.get(name)?.mode ?? (type === 'tree' ? '040000' : '100644')
        entries.set(name, { mode, type, oid: edit.oid, path: name })
      }
    }
    for (const [name, more] of inside) {
      const before = entries.get(name)
      const oid = edited(before?.type === 'tree' ? before.oid : null, more)
      if (oid === null) entries.delete(name)
      else entries.set(name, { mode: '040000', type: 'tree', oid, path: name })
    }
    return entries.size === 0 ? null : storeTree([...entries.values()])
  }

  function difference(
    before: Sha | undefined,
    after: Sha | undefined,
    at: string,
    found: PathChange[],
    most: number,
  ): void {
    if (before === after) return
    const old = before === undefined ? new Map<string, TreeEntry>() : entriesOf(before)
    const next = after === undefined ? new Map<string, TreeEntry>() : entriesOf(after)
    for (const name of [...new Set([...old.keys(), ...next.keys()])].sort()) {
      const [a, b] = [old.get(name), next.get(name)]
      if (a?.oid === b?.oid && a?.mode === b?.mode) continue
      if (a?.type === 'tree' || b?.type === 'tree') {
        difference(subtree(a), subtree(b), `${at}${name}/`, found, most)
      }
      const [was, is] = [a?.type === 'tree' ? undefined : a?.oid, b?.type === 'tree' ? undefined : b?.oid]
      if (was !== undefined || is !== undefined)
        found.push({
          path: at + name,
          ...(was === undefined ? {} : { before: was }),
          ...(is === undefined ? {} : { after: is }),
        })
      if (found.length > most) throw new UserError('git.too-many-changes', `more than ${most} paths differ`)
    }
  }

  function ancestorsOf(head: Sha): ReadonlySet<Sha> {
    const known = ancestors.get(head)
    if (known !== undefined) return known
    const all = new Set<Sha>([head])
    const waiting = [...commitOf(head).parents]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (all.has(next)) continue
      const before = ancestors.get(next)
      if (before !== undefined) for (const one of before) all.add(one)
      else {
        all.add(next)
        waiting.push(...commitOf(next).parents)
      }
    }
    ancestors.set(head, all)
    return all
  }

  function mergeBase(one: Sha, other: Sha): Sha | undefined {
    const others = ancestorsOf(other)
    const common = [...ancestorsOf(one)].filter((oid) => others.has(oid))
    const best = common.filter((oid) => !common.some((near) => near !== oid && ancestorsOf(near).has(oid)))
    return best.toSorted()[0]
  }

  function merged(base: Entry, ours: Entry, theirs: Entry, at: string, conflicts: string[]): Entry {
    if (same(ours, theirs) || same(base, theirs)) return ours
    if (same(base, ours)) return theirs
    const sides = [base, ours, theirs]
    if (!sides.every((side) => side === undefined || side.type === 'tree')) {
      conflicts.push(at)
      return ours
    }
    const [old, mine, other] = sides.map((side) =>
      side === undefined ? new Map<string, TreeEntry>() : entriesOf(side.oid),
    )
    const names = new Set([...(old?.keys() ?? []), ...(mine?.keys() ?? []), ...(other?.keys() ?? [])])
    const entries = [...names].flatMap((name) => {
      const path = at === '' ? name : `${at}/${name}`
      return merged(old?.get(name), mine?.get(name), other?.get(name), path, conflicts) ?? []
    })
    const path = at.slice(at.lastIndexOf('/') + 1)
    return entries.length === 0 ? undefined : { mode: '040000', type: 'tree', oid: storeTree(entries), path }
  }

  const rootOf = (oid: Sha | undefined): Entry =>
    oid === undefined ? undefined : { mode: '040000', type: 'tree', oid: commits.get(oid)?.tree ?? oid, path: '' }

  function firstParents(head: Sha, until?: Sha, limit = Number.POSITIVE_INFINITY): readonly Commit[] {
    const line: Commit[] = []
    for (let at: Sha | undefined = head; at !== undefined && at !== until && line.length < limit; ) {
      const commit: Commit = commitOf(at)
      line.push(commit)
      at = commit.parents[0]
    }
    return line
  }

  function entryAt(treeish: Sha, path: string): TreeEntry | undefined {
    let at = treeish
    const names = path.split('/')
    for (const [depth, name] of names.entries()) {
      const found = entriesOf(at).get(name)
      if (found === undefined || depth === names.length - 1) return found && { ...found, path }
      if (found.type !== 'tree') return undefined
      at = found.oid
    }
    return undefined
  }

  return {
    branches,
    commit: async (oid) => commitOf(oid),
    tree: async (treeish) => [...entriesOf(treeish).values()],
    entry: async (treeish, path) => entryAt(treeish, path),
    blob: async (oid, most = 4 * 1024 * 1024) => {
      const bytes = blobs.get(oid)
      if (bytes === undefined) throw missing('blob', oid)
      if (bytes.length > most) throw new UserError('git.blob-too-large', `${oid} has ${bytes.length} bytes`)
      return bytes
    },
    changes: async (before, after, most = Number.POSITIVE_INFINITY) => {
      const key = `${before} ${after}`
      const known = differences.get(key)
      if (known !== undefined) return known
      const found: PathChange[] = []
      difference(before, after, '', found, most)
      differences.set(key, found)
      return found
    },
    isAncestor: async (ancestor, descendant) => ancestorsOf(descendant).has(ancestor),
    firstParents: async (head, options = {}) => firstParents(head, options.until, options.limit),
    history: async (head, paths, limit) =>
      firstParents(head)
        .filter(({ oid, parents: [parent] }) =>
          paths.some((path) => entryAt(oid, path)?.oid !== (parent && entryAt(parent, path)?.oid)),
        )
        .slice(0, limit),
    mergeResult: async (base, head): Promise<MergeResult> => {
      const conflicts: string[] = []
      const result = merged(rootOf(mergeBase(base, head)), rootOf(base), rootOf(head), '', conflicts)
      if (conflicts.length > 0) return { is: 'conflict', paths: conflicts }
      return { is: 'clean', tree: result?.oid ?? storeTree([]) }
    },
    writeBlob: async (bytes) => {
      const oid = idOf('blob', bytes)
      blobs.set(oid, bytes)
      return oid
    },
    writeTree: async (base, edits) =>
      edited(
        base,
        [...edits].map(([path, edit]) => [path.split('/'), edit] as const),
      ) ?? storeTree([]),
    writeCommit: async ({ tree, parents, author, at, message }) => {
      const oid = idOf('commit', JSON.stringify([tree, parents, author, at, message]))
      const committed = inSeconds(at)
      commits.set(oid, {
        oid,
        tree,
        parents,
        authorName: author.name,
        authorEmail: author.email,
        at: committed,
        message,
      })
      return oid
    },
  }
}

type Edit = { readonly oid: Sha; readonly mode?: string } | null
type Entry = TreeEntry | undefined

const same = (a: Entry, b: Entry): boolean => a?.oid === b?.oid && a?.mode === b?.mode
const subtree = (entry: Entry): Sha | undefined => (entry?.type === 'tree' ? entry.oid : undefined)
const idOf = (kind: string, bytes: string | Uint8Array): Sha =>
  toSha(createHash('sha1').update(`${kind}\0`).update(bytes).digest('hex'))
/** Git and the forge tell times in whole seconds. */
export const inSeconds = (at: Instant): Instant => (at - (at % 1000)) as Instant
