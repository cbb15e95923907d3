import type { Sha } from '../../domain/ids.ts'
import type { PathChange } from '../../ports/git.ts'
import { type RawEntry, typeOfMode } from './object-format.ts'
import type { ObjectStore } from './object-store.ts'

/**
 * The paths that differ between two trees, sorted: equal folders are passed over by their id, so the cost follows the
 * difference, not the repository. A changed mode (a file that becomes a symlink) is a change with equal ids.
 */
export async function changedPaths(store: ObjectStore, before: Sha, after: Sha): Promise<readonly PathChange[]> {
  const changes = await compare(store, '', before, after)
  return changes.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

async function compare(
  store: ObjectStore,
  folder: string,
  before: Sha | null,
  after: Sha | null,
): Promise<PathChange[]> {
  if (before === after) return []
  const [old, now] = await Promise.all([entriesByName(store, before), entriesByName(store, after)])
  const changes: PathChange[] = []
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    changes.push(...(await compareEntry(store, folder, old.get(name), now.get(name))))
  }
  return changes
}

async function compareEntry(
  store: ObjectStore,
  folder: string,
  old: RawEntry | undefined,
  now: RawEntry | undefined,
): Promise<PathChange[]> {
  if (old?.oid === now?.oid && old?.mode === now?.mode) return []
  const path = folder + Buffer.from((old ?? now)?.name ?? '', 'latin1').toString('utf8')
  const inside = await compare(store, `${path}/`, folderOf(old), folderOf(now))
  const before = leafOf(old)
  const after = leafOf(now)
  if (before === undefined && after === undefined) return inside
  return [{ path, ...(before && { before }), ...(after && { after }) }, ...inside]
}

async function entriesByName(store: ObjectStore, tree: Sha | null): Promise<ReadonlyMap<string, RawEntry>> {
  return new Map(tree === null ? [] : (await store.tree(tree)).raw.map((entry) => [entry.name, entry]))
}

const isFolder = (entry: RawEntry): boolean => typeOfMode(entry.mode) === 'tree'
const folderOf = (entry: RawEntry | undefined): Sha | null => (entry && isFolder(entry) ? entry.oid : null)
const leafOf = (entry: RawEntry | undefined): Sha | undefined => (entry && !isFolder(entry) ? entry.oid : undefined)
