import { UserError } from '../../domain/failures.ts'
import type { Sha } from '../../domain/ids.ts'
import type { PathChange } from '../../ports/git.ts'
import { type RawEntry, typeOfMode } from './object-format.ts'
import type { ObjectStore } from './object-store.ts'

/**
 * The paths that differ between two trees, sorted: equal folders are passed over by their id, so the cost follows the
 * difference, not the repository. A changed mode (a file that becomes a symlink) is a change with equal ids.
 */
export async function changedPaths(
  store: ObjectStore,
  before: Sha,
  after: Sha,
  most: number,
): Promise<readonly PathChange[]> {
  const comparing: Comparing = { store, found: [], left: most }
  await compare(comparing, '', before, after)
  return comparing.found.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

interface Comparing {
  readonly store: ObjectStore
  readonly found: PathChange[]
  /** Folders count too: a bomb may hold nothing else. */
  left: number
}

async function compare(comparing: Comparing, folder: string, before: Sha | null, after: Sha | null): Promise<void> {
  if (before === after) return
  const { store } = comparing
  const [old, now] = await Promise.all([entriesByName(store, before), entriesByName(store, after)])
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    await compareEntry(comparing, folder, old.get(name), now.get(name))
  }
}

async function compareEntry(
  comparing: Comparing,
  folder: string,
  old: RawEntry | undefined,
  now: RawEntry | undefined,
): Promise<void> {
  if (old?.oid === now?.oid && old?.mode === now?.mode) return
  comparing.left -= 1
  if (comparing.left < 0) throw new UserError('git.too-many-changes', 'more paths differ than are looked at')
  const path = folder + Buffer.from((old ?? now)?.name ?? '', 'latin1').toString('utf8')
  const before = leafOf(old)
  const after = leafOf(now)
  if (before !== undefined || after !== undefined) {
    comparing.found.push({ path, ...(before && { before }), ...(after && { after }) })
  }
  await compare(comparing, `${path}/`, folderOf(old), folderOf(now))
}

async function entriesByName(store: ObjectStore, tree: Sha | null): Promise<ReadonlyMap<string, RawEntry>> {
  return new Map(tree === null ? [] : (await store.tree(tree)).raw.map((entry) => [entry.name, entry]))
}

const isFolder = (entry: RawEntry): boolean => typeOfMode(entry.mode) === 'tree'
const folderOf = (entry: RawEntry | undefined): Sha | null => (entry && isFolder(entry) ? entry.oid : null)
const leafOf = (entry: RawEntry | undefined): Sha | undefined => (entry && !isFolder(entry) ? entry.oid : undefined)
