import type { Asker } from '../../commands/rights.ts'
import { overlayOf } from '../../config/overlay-paths.ts'
import { failureKind, failureReason } from '../../domain/failures.ts'
import type { ObjectRef } from '../../domain/health.ts'
import type { SlotKey } from '../../domain/ids.ts'
import { mayPassByItself } from '../../domain/rendered.ts'
import { isAtLeast } from '../../domain/role.ts'
import type { Evidence, EvidenceKind, Found, KeyOf, Need, ValueOf } from '../../gates/evidence.ts'
import { roleGroups } from '../../gates/people.ts'
import { differenceOf } from '../../overlays/rendered-difference.ts'
import type { Stale } from '../../ports/stale.ts'
import { type Derived, derive, type Wish } from '../derive.ts'
import type { Gathered } from '../gathered.ts'
import { manifestFolder } from '../observe/config.ts'
import { groupsNamed } from '../plan/answer-commands.ts'
import type { Wanted } from '../plan/wanted.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import { severalAtOnce } from '../several-at-once.ts'
import type { Asked, PromotionRecord, Snapshot } from '../snapshot.ts'
import { collectorsFor } from './collectors.ts'
import { evidenceCache, idOf } from './evidence-cache.ts'

export type Gather = (
  snapshot: Snapshot,
  needs: readonly Need[],
  wanted: ReadonlyMap<SlotKey, Wanted>,
  stale: readonly Stale[],
) => Promise<Gathered>

/** Fetches what the gates, the planner and the commands of a round name. Late evidence calls `onArrival`. */
export function gatherer(ports: RepositoryPorts, onArrival: () => void): Gather {
  const cache = evidenceCache(collectorsFor(ports), ports.now, onArrival)
  const proposals = new Map<string, Promise<Derived>>()
  return async (snapshot, needs, wanted, stale) => {
    const [found, proposed, askers, promoted] = await Promise.all([
      cache.fetchAll(needs, snapshot, stale),
      propose(ports, snapshot, wanted, proposals),
      askersOf(ports, snapshot),
      promotedObjects(ports, snapshot),
    ])
    return { evidence: evidenceIn(found), proposals: proposed, askers, promoted }
  }
}

/** What nobody named as a need is pending: a gate that asks for it waits, and never passes by it. */
const evidenceIn = (found: ReadonlyMap<string, Found<unknown>>): Evidence => ({
  find: <K extends EvidenceKind>(kind: K, key: KeyOf<K>) =>
    (found.get(idOf(kind, key)) ?? {
      is: 'unavailable',
      reason: 'evidence.not-named',
      detail: `${kind} was not asked for`,
    }) as Found<ValueOf<K>>,
})

const mostProposals = 5_000

async function propose(
  ports: RepositoryPorts,
  snapshot: Snapshot,
  wanted: ReadonlyMap<SlotKey, Wanted>,
  known: Map<string, Promise<Derived>>,
): Promise<ReadonlyMap<SlotKey, Derived>> {
  if (known.size > mostProposals) known.clear()
  const wishes = [...wanted].flatMap(([slot, wish]) => (wish.is === 'nothing' ? [] : [[slot, wish] as const]))
  const proposals = await severalAtOnce(wishes, async ([slot, wish]) => {
    const name = await contentsOf(ports, snapshot, slot, wish.wish)
    const derived = known.get(name) ?? derive(ports, snapshot.config.checked, snapshot.base, wish.wish)
    known.set(name, derived)
    // What failed is tried anew: kept, it would fail every round from now on.
    derived.then(
      (one) => one.is === 'problem' && mayPassByItself(one.problem) && known.delete(name),
      () => known.delete(name),
    )
    return [slot, await orProblem(derived)] as const
  })
  return new Map(proposals)
}

/**
 * All that the edits of a wish depend on: the manifests, what the slot's overlay reaches, and everything in its own folder
 * and in the one that tags are read from. The same give the same edits, wherever else the default branch has moved to.
 */
async function contentsOf(
  { git }: RepositoryPorts,
  { base, slots }: Snapshot,
  slot: SlotKey,
  wish: Wish,
): Promise<string> {
  const { inputs, overlay } = slots.get(slot) ?? {}
  const contentOf = async (path: string | null | undefined) =>
    path === '' ? base : path == null ? null : (await git.entry(base, path))?.oid
  const from = wish.is === 'bring' ? wish.from : null
  const contents = await Promise.all([manifestFolder, overlay, from].map(contentOf))
  return JSON.stringify([slot, inputs, contents, wish])
}

/** The boundary "one slot": what breaks our writing for it is told there, and the others go on (T58). */
async function orProblem(derived: Promise<Derived>): Promise<Derived> {
  try {
    return await derived
  } catch (error) {
    if (failureKind(error) !== 'user' && failureKind(error) !== 'bug') throw error
    const detail = error instanceof Error ? error.message : String(error)
    return { is: 'problem', problem: { reason: failureReason(error), file: 'overlay', detail } }
  }
}

/** Who asked, and what they belong to, as the forge says at this moment; what it does not say is left unknown. */
async function askersOf(ports: RepositoryPorts, snapshot: Snapshot): Promise<ReadonlyMap<number, Asker>> {
  const askers = new Map<number, Asker>()
  for (const asked of snapshot.asked) askers.set(asked.comment.id, await askerOf(ports, snapshot, asked))
  return askers
}

async function askerOf({ forge, log }: RepositoryPorts, snapshot: Snapshot, asked: Asked): Promise<Asker> {
  const person = asked.comment.by
  const orUnknown = async <T>(question: Promise<T>): Promise<T | undefined> => {
    try {
      return await question
    } catch (error) {
      // What cannot be known refuses; the reason is for operators.
      log.warn({ err: error, person: person.id }, 'the forge did not tell who asks')
      return undefined
    }
  }
  if (person.kind === 'bot') return { person, appId: asked.comment.app, role: undefined, memberOf: () => undefined }
  const role = await orUnknown(forge.people.role(person))
  const isMaintainer = role === undefined ? undefined : isAtLeast(role, 'maintain')
  const memberships = new Map<string, boolean | undefined>()
  for (const group of groupsNamed(snapshot, asked))
    memberships.set(
      group,
      group === roleGroups.maintain ? isMaintainer : await orUnknown(forge.people.isMember(group, person)),
    )
  return { person, appId: null, role, memberOf: (group) => memberships.get(group) }
}

/** Only for slots that are failing: which objects their last promotion changed. */
async function promotedObjects(
  ports: RepositoryPorts,
  snapshot: Snapshot,
): Promise<ReadonlyMap<SlotKey, readonly ObjectRef[] | null>> {
  const promoted = new Map<SlotKey, readonly ObjectRef[] | null>()
  for (const slot of snapshot.slots.values()) {
    const record = slot.health.is === 'failed' ? snapshot.records.find((one) => one.slot === slot.key) : undefined
    if (record !== undefined) promoted.set(slot.key, await changedBy(ports, snapshot, record))
  }
  return promoted
}

async function changedBy(
  { git, renderer }: RepositoryPorts,
  { config, slots }: Snapshot,
  record: PromotionRecord,
): Promise<readonly ObjectRef[] | null> {
  const slot = slots.get(record.slot)
  const environment = config.checked.environments.get(slot?.environment ?? '')
  if (slot === undefined || environment === undefined) return null
  const overlay = overlayOf(environment, slot.application)
  const [before, after] = await Promise.all([
    renderer.render(git, record.parent, overlay, environment.renderAs),
    renderer.render(git, record.merge, overlay, environment.renderAs),
  ])
  const difference = differenceOf(before, after)
  if (before.is !== 'rendered' || difference.is !== 'rendered') return null
  return difference.changed.map((change) => {
    const { kind, namespace, name } = 'after' in change ? change.after : change.before
    return namespace === undefined ? { kind, name } : { kind, namespace, name }
  })
}
