import type { CheckedConfig } from '../../config/checked-config.ts'
import type { Change, ChangeKind } from '../../domain/change.ts'
import { failureKind, TransientError } from '../../domain/failures.ts'
import type { Sha, SlotKey } from '../../domain/ids.ts'
import { noInitiators } from '../../domain/person.ts'
import { mayPassByItself } from '../../domain/rendered.ts'
import { isAtLeast } from '../../domain/role.ts'
import type { People } from '../../ports/forge/people.ts'
import type { PullRequest } from '../../ports/forge/pull-requests.ts'
import type { Stale } from '../../ports/stale.ts'
import type { Folded } from '../../state/fold.ts'
import { isOurBranch } from '../branches.ts'
import { derive, takeBackOf } from '../derive.ts'
import { gatesFor } from '../gates-for.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import { severalAtOnce } from '../several-at-once.ts'
import type { PromotionRecord, Pull, Unread } from '../snapshot.ts'
import { treeWith } from '../tree-with.ts'
import { changesBetween, placeOf } from './changes.ts'
import { manifestFolder, readConfig } from './config.ts'
import type { HeadSince } from './head-memory.ts'
import type { initiatorMemory } from './initiators.ts'
import { readHead } from './intent.ts'
import type { Overlays } from './overlays.ts'
import { mostPaths } from './paths-between.ts'

export interface PullContext {
  readonly stale: readonly Stale[]
  readonly base: Sha
  readonly config: CheckedConfig
  readonly overlays: Overlays
  /** The newest promotion or rollback of a slot. */
  readonly recordOf: (slot: SlotKey) => PromotionRecord | undefined
  readonly folded: Folded
  readonly initiators: ReturnType<typeof initiatorMemory>
  readonly headSince: HeadSince
  /** How often in a row the forge did not answer for a pull request, by number; kept through rounds that fail. */
  readonly failures: Map<number, number>
}

/** What was read of each pull request, by number: valid for as long as neither head nor base nor manifests moved. */
export type PullMemory = ReadonlyMap<number, { readonly key: string; readonly read: ReadPull }>

export interface PullFacts {
  readonly pulls: readonly Pull[]
  readonly memory: PullMemory
  readonly unread: readonly Unread[]
}

/** A pull request that breaks our reading is set aside and shown; the others go on (T58). */
export async function observePulls(
  ports: RepositoryPorts,
  context: PullContext,
  open: readonly PullRequest[],
  previous: PullMemory,
): Promise<PullFacts> {
  const pulls: Pull[] = []
  const memory = new Map<number, { readonly key: string; readonly read: ReadPull }>()
  const unread: Unread[] = []
  const roleOf = oncePerPerson(ports.forge.people)
  const look = (pull: PullRequest) => lookAtPull(ports, context, pull, previous.get(pull.number), roleOf)
  for (let at = 0; at < open.length; at += pullsAtOnce) {
    for (const seen of await Promise.all(open.slice(at, at + pullsAtOnce).map(look))) {
      if (seen.is === 'read') {
        memory.set(seen.pull.pull.number, seen.memory)
        pulls.push(seen.pull)
        context.failures.delete(seen.pull.pull.number)
      } else {
        const { pull, error } = seen
        if (!isOfThisAlone(error, pull, context.failures)) throw error
        ports.log.error({ err: error, pull: pull.number }, 'pull request set aside')
        unread.push({ pull, why: error instanceof Error ? error.message : String(error) })
      }
    }
  }
  return { pulls, memory, unread }
}

/** Few: each may be a stranger's, and made to be as large as it may be (T22). */
const pullsAtOnce = 4

type Seen =
  | { readonly is: 'read'; readonly pull: Pull; readonly memory: { readonly key: string; readonly read: ReadPull } }
  | { readonly is: 'failed'; readonly pull: PullRequest; readonly error: unknown }

/** Never rejects: whether a failure is of this one alone is for the caller to say, one after another. */
async function lookAtPull(
  ports: RepositoryPorts,
  context: PullContext,
  pull: PullRequest,
  known: { readonly key: string; readonly read: ReadPull } | undefined,
  roleOf: People['role'],
): Promise<Seen> {
  try {
    const check = await ports.forge.checks.own(pull.head, isAskedAgain(context.stale, pull))
    const headSince = context.headSince(pull, check !== undefined)
    const key = `${context.base} ${pull.head}`
    const stands = known?.key === key && !known.read.changes.some(isToBeRenderedAgain)
    const read = stands ? { ...known.read, pull } : await readPull(ports, context, pull)
    const [changes, writers] = await Promise.all([
      severalAtOnce(read.changes, (change) => withInitiators(context, read, change)),
      writersOf(roleOf, read),
    ])
    return { is: 'read', pull: { ...read, changes, check, headSince, writers }, memory: { key, read } }
  } catch (error) {
    return { is: 'failed', pull, error }
  }
}

/** So often the forge may fail to answer for one pull request before the others go on without it. */
const patience = 3

function isOfThisAlone(error: unknown, { number }: PullRequest, failures: Map<number, number>): boolean {
  const kind = failureKind(error)
  if (kind !== 'transient') return kind !== 'operator'
  // A limit is about all of them.
  if (error instanceof TransientError && error.retryAfterSeconds !== undefined) return false
  const failed = (failures.get(number) ?? 0) + 1
  failures.set(number, failed)
  return failed >= patience
}

const isToBeRenderedAgain = ({ difference }: Change): boolean =>
  difference.is === 'unsupported' && mayPassByItself(difference.problem)

/** Asked anew for each look, since orders come and go; and only where a gate keeps them apart from those who approve. */
async function withInitiators(
  context: PullContext,
  { pull, intent, nextConfig }: ReadPull,
  change: Change,
): Promise<Change> {
  const gates = gatesFor({ config: { checked: context.config } }, { nextConfig }, change)
  if (!gates.some((gate) => gate.type === 'approvals' && gate.separation !== 'none')) return change
  const initiators =
    intent === null
      ? await context.initiators.ofPull(pull)
      : await context.initiators.ofRelease(context, change.slot, change.release, intent.brings)
  return { ...change, origin: { ...change.origin, initiators } }
}

/** Somebody pressed "Re-run" on our check: it is shown as queued until it is written again. */
const isAskedAgain = (stale: readonly Stale[], { head }: PullRequest): boolean =>
  stale.some((one) => one.is === 'checks' && one.head === head)

/** Asked afresh for those on whose word a merge without a command could rest; a stranger's hundred forks are not asked about. */
async function writersOf(roleOf: People['role'], { pull, changes, intent }: ReadPull): Promise<ReadonlySet<number>> {
  if (changes.length === 0) return new Set()
  const isEntry = intent === null && pull.sameRepository && !pull.draft
  const asked = [...(isEntry ? [pull.author] : []), ...(pull.autoMerge === null ? [] : [pull.autoMerge.by])]
  const writers = new Set<number>()
  for (const person of asked) if (isAtLeast(await roleOf(person), 'write')) writers.add(person.id)
  return writers
}

/** Of this round: who wrote a hundred of the pull requests is asked about once. */
function oncePerPerson(people: People): People['role'] {
  const asked = new Map<string, ReturnType<People['role']>>()
  return (person) => {
    const key = `${person.id} ${person.login}`
    const role = asked.get(key) ?? people.role(person)
    asked.set(key, role)
    return role
  }
}

/** An open pull request, judged by what a merge of it would make of the default branch. */
type ReadPull = Omit<Pull, 'check' | 'headSince' | 'writers'>

async function readPull(ports: RepositoryPorts, context: PullContext, pull: PullRequest): Promise<ReadPull> {
  const own = pull.ours && pull.sameRepository && isOurBranch(pull.headBranch)
  const head = own ? await readHead(ports, context.config, pull.head) : null
  const intent = head?.is === 'ours' ? head.intent : null
  const outdated = head?.is === 'outdated' ? head.outdated : null
  const facts = { pull, intent, outdated, foreignCommit: head?.is === 'foreign' ? pull.head : null }
  const merge = await ports.git.mergeResult(context.base, pull.head)
  if (merge.is === 'conflict' || outdated !== null) {
    return {
      ...facts,
      merge,
      changes: [],
      takesBack: null,
      paths: merge.is === 'conflict' ? merge.paths : [],
      beside: [],
      nextConfig: context.config,
      brokenConfig: null,
    }
  }
  const paths = (await ports.git.changes(context.base, merge.tree, mostPaths)).map((change) => change.path)
  const next = await nextConfigOf(ports, context, merge.tree, paths)
  // A promotion of ours that leads to the very release before is asked what every promotion is, whoever ordered it: nobody
  // was asked for the right to roll back, and a failure is not behind it.
  const takesBack = intent?.kind === 'promotion' ? null : await slotTakenBack(ports, context, merge.tree, paths)
  const kindOf = (slot: SlotKey): ChangeKind => {
    // Only the shape admits a revert: ours that is another (a restore, a step further back) meets the gates of a promotion.
    if (takesBack === slot) return 'rollback'
    return intent?.slot === slot ? 'promotion' : 'edit'
  }
  const comparison = {
    git: ports.git,
    renderer: ports.renderer,
    config: context.config,
    nextConfig: next.config,
    repositoryName: ports.repository.name,
    base: context.base,
    overlays: context.overlays,
    result: merge.tree,
    paths,
    head: pull.head,
    origin: { in: 'pull-request' as const, pull: pull.number, author: pull.author, initiators: noInitiators },
  }
  const changes = await changesBetween(comparison, kindOf)
  const beside = intent === null ? pathsBeside(context, paths, changes) : []
  return { ...facts, merge, changes, takesBack, paths, beside, nextConfig: next.config, brokenConfig: next.broken }
}

/**
 * Where nothing changes for an environment there is no merge of ours, so nothing is beside it. What an overlay only reaches
 * counts as beside: whoever writes it decides what that is, and could have Sluice merge the owners of all code with it.
 */
function pathsBeside({ config }: PullContext, paths: readonly string[], changes: readonly Change[]): readonly string[] {
  if (changes.length === 0) return []
  const guarded = new Set(changes.flatMap((change) => change.guardPaths))
  const overlays = changes.flatMap(({ slot, guardPaths }) =>
    guardPaths.length > 0 ? [] : (placeOf(config, slot)?.overlay ?? []),
  )
  const isInside = (path: string) => overlays.some((folder) => path === folder || path.startsWith(`${folder}/`))
  return paths.filter((path) => !guarded.has(path) && !isInside(path))
}

async function nextConfigOf(ports: RepositoryPorts, context: PullContext, tree: Sha, paths: readonly string[]) {
  if (!paths.some((path) => path.startsWith(`${manifestFolder}/`))) return { config: context.config, broken: null }
  const next = await readConfig(ports.git, tree, ports.repository.name)
  if (next.is === 'read') return { config: next.checked, broken: null }
  return { config: null, broken: next.is === 'broken' ? next.diagnostics : 'the merge would remove the folder .sluice' }
}

/** The slot whose last promotion the merge result takes back exactly, touching no other byte; whoever opened it. */
async function slotTakenBack(
  ports: RepositoryPorts,
  context: PullContext,
  result: Sha,
  paths: readonly string[],
): Promise<SlotKey | null> {
  for (const overlay of context.overlays.bySlot.values()) {
    if (paths.length === 0 || !paths.every((path) => path.startsWith(`${overlay.overlay}/`))) continue
    const record = context.recordOf(overlay.key)
    if (record?.kind !== 'promotion') continue
    const derived = await derive(ports, context.config, context.base, takeBackOf(record))
    if (derived.is !== 'edits') continue
    if ((await treeWith(ports.git, context.base, derived.edits)) === result) return overlay.key
  }
  return null
}
