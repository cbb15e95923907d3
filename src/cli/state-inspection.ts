import { UserError } from '../domain/failures.ts'
import type { Sha } from '../domain/ids.ts'
import type { Commit, GitObjects, PathChange } from '../ports/git.ts'
import { stateBranch } from '../promotion/branches.ts'
import { lineSince } from '../promotion/observe/line.ts'
import { namedState, observeHistory } from '../promotion/observe/records.ts'
import { allEvents } from '../promotion/observe/state.ts'
import type { RepositoryPorts } from '../promotion/repository-ports.ts'
import { checkChain } from '../state/check-chain.ts'
import { decodeEvent, decodeSnapshot, snapshotPath } from '../state/event-files.ts'
import { foldEvents } from '../state/fold.ts'
import { repairOf, verifyMac } from '../state/mac.ts'

/** The state branch as an operator has to see it before signing for it. */
export interface StateInspection {
  /** `rewritten`: the branch is trusted, and the default branch lost what it says was there (T15). */
  readonly is: 'trusted' | 'untrusted' | 'new' | 'rewritten'
  readonly head: Sha | null
  /** The head of the default branch. */
  readonly base: Sha
  /** The commit up to which pushes were audited, where the default branch no longer holds it. */
  readonly lostHistory: Sha | null
  readonly reason: string | null
  readonly detail: string | null
  /** What the newest promotion names and the branch does not hold. */
  readonly lost: Sha | null
  /** The newest commit that carries our code. */
  readonly lastOurs: Sha | null
  /** Newest first. */
  readonly foreign: readonly ForeignCommit[]
  /** Event files that no version of ours wrote so. */
  readonly unreadable: readonly { readonly path: string; readonly why: string }[]
  readonly brokenSnapshot: boolean
}

export interface ForeignCommit {
  readonly oid: Sha
  readonly author: string
  readonly at: string
  readonly subject: string
  readonly files: readonly {
    readonly does: 'adds' | 'changes' | 'removes'
    readonly path: string
    readonly says: string | null
  }[]
}

export async function inspectState(ports: RepositoryPorts): Promise<StateInspection> {
  const { git, repository, stateKeys } = ports
  const branches = await git.fetch()
  const head = branches.get(stateBranch) ?? null
  const base = branches.get(repository.defaultBranch)
  if (base === undefined)
    throw new UserError('config.none', `${repository.owner}/${repository.name} holds no commit yet`)
  const named = namedState((await observeHistory(ports, base, null)).merges)
  const commits = head === null ? [] : await git.firstParents(head)
  const trust = checkChain(commits, {
    repository: repository.id,
    keys: stateKeys,
    ...(named === undefined ? {} : { mustDescendFrom: named }),
  })
  const isOurs = (commit: Commit) =>
    verifyMac(commit.message, stateKeys, { ...commit, repository: repository.id, repair: repairOf(commit.message) })
  const foreign = trust.is === 'trusted' ? [] : aboveRepair(commits, isOurs).filter((commit) => !isOurs(commit))
  const isHeld = named === undefined || commits.some(({ oid }) => oid === named)
  const lostHistory = trust.is === 'trusted' && head !== null ? await lostHistoryOf(ports, head, base) : null
  return {
    is: lostHistory === null ? trust.is : 'rewritten',
    head,
    base,
    lostHistory,
    reason: trust.is === 'untrusted' ? trust.reason : null,
    detail: trust.is === 'untrusted' ? trust.detail : null,
    lost: trust.is === 'trusted' || isHeld ? null : named,
    lastOurs: commits.find(isOurs)?.oid ?? null,
    foreign: await Promise.all(foreign.slice(0, mostShown).map((commit) => foreignCommit(git, commit))),
    ...(trust.is === 'trusted' || head === null
      ? { unreadable: [], brokenSnapshot: false }
      : await unreadableIn(git, head)),
  }
}

async function lostHistoryOf({ git, now }: RepositoryPorts, head: Sha, base: Sha): Promise<Sha | null> {
  const { audited } = foldEvents(await allEvents(git, head), now())
  return audited === null || (await lineSince(git, audited, base)) !== null ? null : audited
}

const mostShown = 50

/** What lies below the newest repair was accepted by somebody before. */
function aboveRepair(commits: readonly Commit[], isOurs: (commit: Commit) => boolean): readonly Commit[] {
  const at = commits.findIndex((commit) => {
    const [parent] = commit.parents
    return parent !== undefined && repairOf(commit.message)?.accepts === parent && isOurs(commit)
  })
  return at === -1 ? commits : commits.slice(0, at + 1)
}

async function foreignCommit(git: GitObjects, commit: Commit): Promise<ForeignCommit> {
  const [parent] = commit.parents
  const changes = parent === undefined ? [] : await git.changes(parent, commit.oid)
  return {
    oid: commit.oid,
    author: `${commit.authorName} <${commit.authorEmail}>`,
    at: new Date(commit.at).toISOString(),
    subject: commit.message.split('\n')[0] ?? '',
    files: await Promise.all(changes.slice(0, mostShown).map((change) => fileChange(git, change))),
  }
}

async function fileChange(
  git: GitObjects,
  { path, before, after }: PathChange,
): Promise<ForeignCommit['files'][number]> {
  const does = before === undefined ? 'adds' : after === undefined ? 'removes' : 'changes'
  const shown = after ?? before
  const isEvent = path.startsWith('events/') && shown !== undefined
  return { does, path, says: isEvent ? (await textOf(git, shown)).slice(0, 4_000) : null }
}

async function unreadableIn(
  git: GitObjects,
  head: Sha,
): Promise<Pick<StateInspection, 'unreadable' | 'brokenSnapshot'>> {
  const snapshot = await git.entry(head, snapshotPath)
  const snapshotText = snapshot === undefined ? null : await textOf(git, snapshot.oid)
  const events = await git.entry(head, 'events')
  const files = events === undefined ? [] : await filesBelow(git, events.oid, 'events')
  const found = await Promise.all(
    files.map(async ({ path, oid }) => ({ path, why: whyUnreadable(decodeEvent, await textOf(git, oid), path) })),
  )
  return {
    brokenSnapshot: snapshotText !== null && whyUnreadable(decodeSnapshot, snapshotText, snapshotPath) !== null,
    unreadable: found.flatMap(({ path, why }) => (why === null ? [] : [{ path, why }])),
  }
}

function whyUnreadable(decode: (text: string, path: string) => unknown, text: string, path: string): string | null {
  try {
    decode(text, path)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function filesBelow(git: GitObjects, tree: Sha, path: string): Promise<readonly { path: string; oid: Sha }[]> {
  const entries = await git.tree(tree)
  const below = await Promise.all(
    entries.map(async (entry) => {
      const at = `${path}/${entry.path}`
      return entry.type === 'tree' ? filesBelow(git, entry.oid, at) : [{ path: at, oid: entry.oid }]
    }),
  )
  return below.flat()
}

const snapshotBytes = 64 * 1024 * 1024
const textOf = async (git: GitObjects, oid: Sha): Promise<string> =>
  new TextDecoder().decode(await git.blob(oid, snapshotBytes))
