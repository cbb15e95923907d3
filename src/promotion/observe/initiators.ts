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

  /**
   * Of a release that travels: those of the change that brought it into the first environment of its path, and whoever
   * merged that, or ordered its merge or this promotion. Not complete where only machines are known to have done it.
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
      const entered = await entryCommit(git, config, base, firstSlot(config, slot), release)
      const [pull] = entered === undefined ? [] : await forge.pulls.ofCommit(entered)
      if (pull === undefined) return noInitiators
      const opened = await ofPull(pull)
      const merger = await forge.pulls.mergedBy(pull.number)
      const orders = ofKind(folded.directives, 'merge').filter((one) => one.pull === pull.number)
      const people = persons([...opened.people, ...(merger === null ? [] : [merger]), ...orders.map(personBehind)])
      return { people, complete: opened.complete && people.length > 0 }
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

function firstSlot(config: CheckedConfig, slot: SlotKey): SlotKey {
  const { application, environment } = partsOfSlot(slot)
  let name = environment
  // Config refuses cycles, so the walk ends.
  for (let next = config.environments.get(name)?.promotesFrom[0]; next !== undefined; ) {
    name = next
    next = config.environments.get(name)?.promotesFrom[0]
  }
  return slotKey(application, name)
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
