import type { CheckedConfig } from '../../config/checked-config.ts'
import { overlayOf } from '../../config/overlay-paths.ts'
import { partsOfSlot, type Sha, type SlotKey, slotKey } from '../../domain/ids.ts'
import type { Person } from '../../domain/person.ts'
import type { OverlayRelease, Release } from '../../domain/release.ts'
import type { PullRequests } from '../../ports/forge/pull-requests.ts'
import type { GitObjects } from '../../ports/git.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import { readSlotAt } from './records.ts'

/** How many changes of the first environment's overlay are searched for the one that brought the release. */
const lookBack = 50

/** Answers of the forge about a release never change, so each is asked for once. */
export function initiatorMemory({ git, forge }: Pick<RepositoryPorts, 'git' | 'forge'>) {
  const known = new Map<string, Promise<readonly Person[] | 'unknown'>>()
  return (config: CheckedConfig, base: Sha, slot: SlotKey, release: OverlayRelease) => {
    if (release.is !== 'pinned') return Promise.resolve('unknown' as const)
    const key = `${slot} ${release.release.id}`
    const asked = known.get(key) ?? initiatorsOf(git, forge.pulls, config, base, slot, release)
    known.set(key, asked)
    // What failed is asked again; what was not found may have been looked for too early.
    asked.then(
      (people) => people === 'unknown' && known.delete(key),
      () => known.delete(key),
    )
    return asked
  }
}

/**
 * The people who authored and merged the change that brought the release into the first environment of its path.
 * `unknown` where history or the forge does not tell, or where only machines did it.
 */
async function initiatorsOf(
  git: GitObjects,
  pulls: PullRequests,
  config: CheckedConfig,
  base: Sha,
  slot: SlotKey,
  release: OverlayRelease,
): Promise<readonly Person[] | 'unknown'> {
  if (release.is !== 'pinned') return 'unknown'
  const entered = await entryCommit(git, config, base, firstSlot(config, slot), release.release)
  if (entered === undefined) return 'unknown'
  const [pull] = await pulls.ofCommit(entered)
  if (pull === undefined) return 'unknown'
  const people = [pull.author, await pulls.mergedBy(pull.number)]
  const persons = people.filter((one): one is Person => one !== null && one.kind === 'person')
  return persons.length === 0 ? 'unknown' : persons
}

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
    return facts?.release.is === 'pinned' && facts.release.release.id === release.id
  }
  for (const commit of await git.history(base, [overlayOf(described, application)], lookBack)) {
    const [parent] = commit.parents
    if (!(await holds(commit.oid))) continue
    if (parent === undefined || !(await holds(parent))) return commit.oid
  }
  return undefined
}
