import { LRUCache } from 'lru-cache'
import type { CheckedConfig } from '../../config/checked-config.ts'
import { formatDiagnostics } from '../../config/format-diagnostic.ts'
import { parseManifests } from '../../config/parse-manifests.ts'
import { failureReason } from '../../domain/failures.ts'
import type { Sha } from '../../domain/ids.ts'
import type { Commit, GitObjects } from '../../ports/git.ts'
import type { ConfigFacts } from '../snapshot.ts'

export const manifestFolder = '.sluice'
/** How many changes of the folder are listed at a time, in search of manifests that parse. */
const changesAtATime = 50

export type ReadConfig =
  | { readonly is: 'none' }
  | { readonly is: 'read'; readonly checked: CheckedConfig }
  | { readonly is: 'broken'; readonly diagnostics: string }

/**
 * The manifests of the default branch; while the newest do not parse, the newest ones that do, with the diagnostics.
 * Where none ever did, nothing with the diagnostics. Null where there are none: the repository is none of ours.
 */
export async function observeConfig(
  git: GitObjects,
  repositoryName: string,
  base: Sha,
  previous: ConfigFacts | null,
): Promise<ConfigFacts | null> {
  // Of manifests that do not parse this says nothing: a revert brings the folder back that was read last.
  const isRead = previous !== null && previous.broken === null
  if (isRead && (await sameFolder(git, previous.commit, base))) return { ...previous, commit: base }
  const newest = await readConfig(git, base, repositoryName)
  if (newest.is === 'read') return { checked: newest.checked, commit: base, broken: null, neverParsed: false }
  const broken = newest.is === 'broken' ? newest.diagnostics : 'the folder .sluice is gone from the default branch'
  const older = await newestThatParses(git, repositoryName, base)
  if (older !== undefined) return { ...older, broken, neverParsed: false }
  // Somebody wants to be governed and is not: silence would look as if nothing were wrong.
  return newest.is === 'broken' ? { checked: nothingGoverned, commit: base, broken, neverParsed: true } : null
}

/**
 * However many changes ago: past a bound, whoever may push could have the rules forgotten by a push of that many, and with the
 * folder gone at its end, the whole repository.
 */
async function newestThatParses(
  git: GitObjects,
  repositoryName: string,
  base: Sha,
): Promise<Pick<ConfigFacts, 'checked' | 'commit'> | undefined> {
  for (let from: Sha | undefined = base; from !== undefined; ) {
    const changes: readonly Commit[] = await git.history(from, [manifestFolder], changesAtATime)
    for (const { oid } of changes) {
      const older = await readConfig(git, oid, repositoryName)
      if (older.is === 'read') return { checked: older.checked, commit: oid }
    }
    from = changes.at(-1)?.parents[0]
  }
  return undefined
}

const nothingGoverned: CheckedConfig = {
  environments: new Map(),
  applications: [],
  repository: { shortCommands: [], bots: [] },
}

const sameFolder = async (git: GitObjects, before: Sha, after: Sha): Promise<boolean> =>
  before === after || (await git.entry(before, manifestFolder))?.oid === (await git.entry(after, manifestFolder))?.oid

/** The manifests of any commit or tree, never a branch that a pull request names: callers pin what they read. */
export async function readConfig(git: GitObjects, treeish: Sha, repositoryName: string): Promise<ReadConfig> {
  const folder = await git.entry(treeish, manifestFolder)
  if (folder?.type !== 'tree') return { is: 'none' }
  const key = `${folder.oid} ${repositoryName}`
  const read = parsed.get(key) ?? (await parseFolder(git, folder.oid, repositoryName))
  parsed.set(key, read)
  return read
}

/** The same folder says the same; an audit of many commits would read it over and over. */
const parsed = new LRUCache<string, ReadConfig>({ max: 200 })

async function parseFolder(git: GitObjects, folder: Sha, repositoryName: string): Promise<ReadConfig> {
  const files = new Map<string, string>()
  const collecting = { git, files, bytesLeft: mostBytes, entriesLeft: mostEntries }
  if (!(await collect(collecting, folder, manifestFolder))) {
    const diagnostics = `${manifestFolder}: config.too-large\n  Its files are too many or too large to be read: at most ${mostEntries}, of ${mostBytes} bytes in sum`
    return { is: 'broken', diagnostics }
  }
  if (files.size === 0) return { is: 'none' }
  const { config, diagnostics } = parseManifests(files, { repositoryName })
  return config === null
    ? { is: 'broken', diagnostics: formatDiagnostics(diagnostics) }
    : { is: 'read', checked: config }
}

/** Read before anything is parsed, also of strangers' pull requests: what git keeps in a kilobyte may be gigabytes (T22). */
const mostBytes = 16 * 1024 * 1024
const mostEntries = 10_000

interface Collecting {
  readonly git: GitObjects
  readonly files: Map<string, string>
  bytesLeft: number
  entriesLeft: number
}

/** False where a bound was reached. */
async function collect(collecting: Collecting, tree: Sha, path: string): Promise<boolean> {
  for (const entry of await collecting.git.tree(tree)) {
    const at = `${path}/${entry.path}`
    collecting.entriesLeft -= 1
    if (collecting.entriesLeft < 0) return false
    if (entry.type === 'tree' && !(await collect(collecting, entry.oid, at))) return false
    // Symlinks are left out: what they name is not what was reviewed.
    if (entry.type !== 'blob' || entry.mode === '120000') continue
    const bytes = await blobWithin(collecting, entry.oid)
    if (bytes === undefined) return false
    collecting.bytesLeft -= bytes.length
    collecting.files.set(at, new TextDecoder().decode(bytes))
  }
  return true
}

async function blobWithin({ git, bytesLeft }: Collecting, oid: Sha): Promise<Uint8Array | undefined> {
  try {
    return await git.blob(oid, bytesLeft)
  } catch (error) {
    if (failureReason(error) !== 'git.blob-too-large') throw error
    return undefined
  }
}
