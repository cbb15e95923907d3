import { LRUCache } from 'lru-cache'
import type { CheckedConfig } from '../../config/checked-config.ts'
import { overlayOf } from '../../config/overlay-paths.ts'
import { ofKind } from '../../domain/directive.ts'
import { type Instant, partsOfSlot, type ReleaseId, type Sha, type SlotKey, slotKey } from '../../domain/ids.ts'
import { type Initiators, noInitiators, type Person } from '../../domain/person.ts'
import { agree, type OverlayRelease, pinnedIn, type Release } from '../../domain/release.ts'
import type { PullRequest } from '../../ports/forge/pull-requests.ts'
import type { GitObjects } from '../../ports/git.ts'
import type { Folded } from '../../state/fold.ts'
import { personBehind } from '../person-behind.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import { readSlotAt } from './records.ts'

/** How many changes of the first environment's overlay are searched for the one that brought the release. */
const lookBack = 50
/** Who is not known may be found out: a commit's address is added to an account, an older commit is fetched. */
const askAgainAfter = 10 * 60_000

/** Who stands behind a change, as far as history and the forge tell. Their answers are kept: they hardly ever change. */
export function initiatorMemory({ git, forge, now }: Pick<RepositoryPorts, 'git' | 'forge' | 'now'>) {
  const releases = keptWhileComplete(now)
  const pulls = keptWhileComplete(now)

  /** Of somebody's pull request: its author, and whoever made commits of it. */
  const ofPull = (pull: PullRequest): Promise<Initiators> =>
    pulls(`${pull.number} ${pull.head}`, async () => {
      const { people, complete } = await forge.pulls.contributors(pull.number)
      return { people: persons([pull.author, ...people]), complete }
    })

  /** Of the change that brought a release into one first environment, and whoever merged that, or ordered its merge. */
  const ofEntry = async ({ config, base, folded }: Known, first: SlotKey, release: Release): Promise<Initiators> => {
    const entered = await entryCommit(git, config, base, first, release)
    const [pull] = entered === undefined ? [] : await forge.pulls.ofCommit(entered)
    if (pull === undefined) return noInitiators
    const opened = await ofPull(pull)
    const merger = await forge.pulls.mergedBy(pull.number)
    const orders = ofKind(folded.directives, 'merge').filter((one) => one.pull === pull.number)
    const people = persons([...opened.people, ...(merger === null ? [] : [merger]), ...orders.map(personBehind)])
    return { people, complete: opened.complete && people.length > 0 }
  }

  /**
   * Of a release that travels: those who brought it into the first environment of its path, into each where several lead
   * here, and whoever ordered this promotion. Not complete where only machines are known to have done it.
   */
  const ofRelease = async (
    { config, base, folded }: Known,
    slot: SlotKey,
    overlay: OverlayRelease,
    brings: ReleaseId | null = null,
  ): Promise<Initiators> => {
    const release = pinnedIn(overlay)
    if (release === undefined) return noInitiators
    const ordered = ofKind(folded.directives, 'order').filter(
      (order) => order.does === 'promote' && order.slot === slot && order.release === (brings ?? release.id),
    )
    const brought = await releases(`${slot} ${release.id}`, async () => {
      const entries = await Promise.all(
        firstSlots(config, slot).map((first) => ofEntry({ config, base, folded }, first, release)),
      )
      return {
        people: persons(entries.flatMap(({ people }) => people)),
        complete: entries.every(({ complete }) => complete),
      }
    })
    return { ...brought, people: persons([...brought.people, ...ordered.map(personBehind)]) }
  }

  return { ofPull, ofRelease }
}

/** What decides about who brought a release in. */
interface Known {
  readonly config: CheckedConfig
  readonly base: Sha
  readonly folded: Folded
}

function keptWhileComplete(now: () => Instant) {
  const kept = new LRUCache<string, { readonly found: Promise<Initiators>; readonly at: Instant }>({ max: 10_000 })
  return async (key: string, find: () => Promise<Initiators>): Promise<Initiators> => {
    const before = kept.get(key)
    if (before !== undefined && ((await before.found).complete || now() - before.at < askAgainAfter))
      return before.found
    const found = find()
    kept.set(key, { found, at: now() })
    // What failed is asked again by the next look.
    found.catch(() => kept.delete(key))
    return found
  }
}

/** Each once, by id; machines initiate nothing. */
const persons = (all: readonly Person[]): readonly Person[] => [
  ...new Map(all.filter(({ kind }) => kind === 'person').map((one) => [one.id, one])).values(),
]

/** Where releases enter that come to this slot. */
function firstSlots(config: CheckedConfig, slot: SlotKey): readonly SlotKey[] {
  const { application, environment } = partsOfSlot(slot)
  const on = new Set([environment])
  // A set hands out what is added while it is walked, each once.
  for (const name of on) for (const next of config.environments.get(name)?.promotesFrom ?? []) on.add(next)
  const isFirst = (name: string) => (config.environments.get(name)?.promotesFrom ?? []).length === 0
  return [...on].filter(isFirst).map((name) => slotKey(application, name))
}

async function entryCommit(
  git: GitObjects,
  config: CheckedConfig,
  base: Sha,
  slot: SlotKey,
  release: Release,
): Promise<Sha | undefined> {
  const { application, environment } = partsOfSlot(slot)
  const described = config.environments.get(environment)
  if (described === undefined) return undefined
  const holds = async (commit: Sha): Promise<boolean> => {
    const facts = await readSlotAt(git, commit, slot, config)
    const held = pinnedIn(facts?.release)
    // Its overlay may hold more or less than the one that the release has come to.
    return held !== undefined && (held.id === release.id || agree(held, release))
  }
  for (const commit of await git.history(base, [overlayOf(described, application)], lookBack)) {
    const [parent] = commit.parents
    if (!(await holds(commit.oid))) continue
    if (parent === undefined || !(await holds(parent))) return commit.oid
  }
  return undefined
}
