import type { Instant, Sha } from '../../domain/ids.ts'
import { keptFor } from '../../domain/kept-for.ts'
import type { GitObjects } from '../../ports/git.ts'
import { type ChainTrust, checkChain, type StateCommit } from '../../state/check-chain.ts'
import { decodeEvent, decodeSnapshot, snapshotPath } from '../../state/event-files.ts'
import type { StateEvent } from '../../state/events.ts'
import { foldAll, foldEvents, foldedAt } from '../../state/fold.ts'
import { type Keys, repairOf } from '../../state/mac.ts'
import { severalAtOnce } from '../several-at-once.ts'
import type { StateBranch } from '../snapshot.ts'
import { lineSince } from './line.ts'

/** What earlier looks read and verified; the branch is append-only, so both only grow. */
export interface StateMemory {
  readonly head: Sha
  readonly verified: readonly Sha[]
  readonly events: ReadonlyMap<string, StateEvent>
  readonly loose: number
}

export interface StateReading {
  readonly branch: StateBranch
  readonly memory: StateMemory | null
}

interface Context {
  readonly git: GitObjects
  readonly repository: number
  readonly keys: Keys
  readonly at: Instant
  /** The state that the newest promotion of ours was made with (T67). */
  readonly mustDescendFrom: Sha | undefined
}

/** The state branch, believed only where every commit carries our MAC and nothing that was known is gone. */
export async function observeState(
  context: Context,
  head: Sha | undefined,
  previous: StateMemory | null,
): Promise<StateReading> {
  const since = previous === null || head === undefined ? null : await lineSince(context.git, previous.head, head)
  const known = since === null ? null : previous
  const commits = since ?? (head === undefined ? [] : await context.git.firstParents(head))
  // A branch that a process saw and that is not there, or is another, was deleted or rewound, whatever promotions say;
  // unless an operator has read and accepted what there is, since then.
  const isLost = previous !== null && known === null && !commits.some((commit) => isRepairSince(previous, commit))
  const must = isLost ? previous.head : context.mustDescendFrom
  const trust = checkChain(commits, {
    repository: context.repository,
    keys: context.keys,
    ...(must === undefined ? {} : { mustDescendFrom: must }),
    ...(known === null ? {} : { verified: known.verified }),
  })
  if (trust.is !== 'trusted' || head === undefined) return untrustedOrNew(context, head, trust, previous)
  const { events, loose } = await readEvents(context.git, head, known)
  const memory = { head, verified: trust.verified, events, loose }
  const folded = foldedAt(foldOnce(events), context.at)
  return { memory, branch: { head, trusted: true, missing: false, folded, loose } }
}

/** Tens of thousands of events, of which most rounds bring none. */
const foldOnce = keptFor((events: StateMemory['events']) => foldAll(events.values()))

function untrustedOrNew(
  context: Context,
  head: Sha | undefined,
  trust: ChainTrust,
  previous: StateMemory | null,
): StateReading {
  // What was believed before still binds: a rewound freeze stays a freeze for as long as this process lives.
  const folded = foldEvents(previous?.events.values() ?? [], context.at)
  const trusted = trust.is === 'untrusted' ? { untrusted: trust.detail } : (true as const)
  return { memory: previous, branch: { head: head ?? null, trusted, missing: trust.is === 'new', folded, loose: 0 } }
}

const isRepairSince = ({ verified }: StateMemory, { oid, message }: StateCommit): boolean =>
  repairOf(message) !== null && !verified.includes(oid)

async function readEvents(
  git: GitObjects,
  head: Sha,
  known: StateMemory | null,
): Promise<Pick<StateMemory, 'events' | 'loose'>> {
  if (known?.head === head) return known
  const [snapshot, before] = await Promise.all([
    git.entry(head, snapshotPath),
    known === null ? undefined : git.entry(known.head, snapshotPath),
  ])
  // Written in between, perhaps by another process: it may hold events whose files came and went unseen.
  const isSame = snapshot?.oid === before?.oid
  const events = new Map(known?.events)
  if (snapshot !== undefined && !isSame) {
    for (const event of decodeSnapshot(await text(git, snapshot.oid))) events.set(event.id, event)
  }
  const since = isSame ? known : null
  const files = await newFiles(git, head, since)
  const loose = await severalAtOnce(files, async ({ path, oid }) => decodeEvent(await text(git, oid), path))
  for (const event of loose) events.set(event.id, event)
  return { events, loose: (since?.loose ?? 0) + files.length }
}

/** Every event of a state commit, snapshot and files. */
export const allEvents = async (git: GitObjects, head: Sha): Promise<readonly StateEvent[]> => [
  ...(await readEvents(git, head, null)).events.values(),
]

async function newFiles(git: GitObjects, head: Sha, known: StateMemory | null) {
  if (known === null) {
    const folder = await git.entry(head, 'events')
    return folder === undefined ? [] : filesBelow(git, folder.oid, 'events')
  }
  const changes = await git.changes(known.head, head)
  return changes.flatMap(({ path, after }) =>
    after !== undefined && path.startsWith('events/') ? [{ path, oid: after }] : [],
  )
}

async function filesBelow(git: GitObjects, tree: Sha, path: string): Promise<readonly { path: string; oid: Sha }[]> {
  const files: { path: string; oid: Sha }[] = []
  for (const entry of await git.tree(tree)) {
    const at = `${path}/${entry.path}`
    if (entry.type === 'tree') files.push(...(await filesBelow(git, entry.oid, at)))
    else files.push({ path: at, oid: entry.oid })
  }
  return files
}

const snapshotBytes = 64 * 1024 * 1024
const text = async (git: GitObjects, oid: Sha): Promise<string> =>
  new TextDecoder().decode(await git.blob(oid, snapshotBytes))
