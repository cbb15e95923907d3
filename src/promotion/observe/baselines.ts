import type { CheckedConfig } from '../../config/checked-config.ts'
import { type ReleaseId, type Sha, type SlotKey, slotKey } from '../../domain/ids.ts'
import type { GitObjects } from '../../ports/git.ts'
import { manifestFolder, readConfig } from './config.ts'
import type { Overlays } from './overlays.ts'
import { readSlotAt } from './records.ts'

/** How many changes of the manifests are followed back to the first. */
const lookBack = 1_000

/** When each environment came under a manifest: the commit of the default branch, by environment. */
export type Introductions = ReadonlyMap<string, Sha>

export async function introductions(git: GitObjects, base: Sha, repositoryName: string): Promise<Introductions> {
  const found = new Map<string, Sha>()
  for (const commit of (await git.history(base, [manifestFolder], lookBack)).toReversed()) {
    const config = await readConfig(git, commit.oid, repositoryName)
    if (config.is !== 'read') continue
    for (const name of config.checked.environments.keys()) if (!found.has(name)) found.set(name, commit.oid)
    // An environment that was taken out and came back begins anew.
    for (const name of found.keys()) if (!config.checked.environments.has(name)) found.delete(name)
  }
  return found
}

/**
 * What an upstream slot held when it and the environment behind it had both come under manifests: the baseline, which is
 * never promoted by itself (T72). Read only where the two differ, since only there it decides anything.
 */
export async function baselinesOf(
  git: GitObjects,
  config: CheckedConfig,
  overlays: Overlays,
  introduced: Introductions,
  known: ReadonlyMap<string, ReleaseId>,
): Promise<ReadonlyMap<string, ReleaseId>> {
  const baselines = new Map(known)
  for (const target of overlays.bySlot.values()) {
    for (const upstream of config.environments.get(target.environment)?.promotesFrom ?? []) {
      const source = overlays.bySlot.get(slotKey(target.application, upstream))
      const key = baselineKey(slotKey(target.application, upstream), target.environment)
      if (source === undefined || baselines.has(key) || sameRelease(source, target)) continue
      const since = await later(git, introduced.get(upstream), introduced.get(target.environment))
      const then = since === undefined ? undefined : await readSlotAt(git, since, source.key, config)
      if (then?.release.is === 'pinned') baselines.set(key, then.release.release.id)
    }
  }
  return baselines
}

export const baselineKey = (upstream: SlotKey, environment: string): string => `${upstream} > ${environment}`

type HasRelease = NonNullable<ReturnType<Overlays['bySlot']['get']>>
const sameRelease = (a: HasRelease, b: HasRelease): boolean =>
  a.release.is === 'pinned' && b.release.is === 'pinned' && a.release.release.id === b.release.release.id

async function later(git: GitObjects, one: Sha | undefined, other: Sha | undefined): Promise<Sha | undefined> {
  if (one === undefined || other === undefined) return one ?? other
  return (await git.isAncestor(one, other)) ? other : one
}
