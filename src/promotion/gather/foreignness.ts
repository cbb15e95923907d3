import { applicationSettings } from '../../config/application-settings.ts'
import { overlayOf } from '../../config/overlay-paths.ts'
import { upstreamOf } from '../../config/promotion-order.ts'
import type { Change } from '../../domain/change.ts'
import { partsOfSlot, slotKey } from '../../domain/ids.ts'
import {
  changedParts,
  holdsParts,
  overwrittenParts,
  pinnedIn,
  type Release,
  type ReleasePart,
} from '../../domain/release.ts'
import type { StateFacts } from '../../gates/evidence.ts'
import type { GitObjects } from '../../ports/git.ts'
import { ranIn } from '../plan/witness.ts'
import type { Snapshot } from '../snapshot.ts'
import { type PartHistory, type PartPlace, partHistory } from './part-history.ts'

type Found = StateFacts['foreign']
export type Foreignness = (snapshot: Snapshot, change: Change) => Promise<Found>

/**
 * What a promotion would overwrite that did not come from upstream: somebody put it there on purpose, so it waits. What Sluice
 * brought, or put back, is not that. Digests are foreign unless they ran upstream or stood there when the manifests came, since
 * where people promoted by hand they differ everywhere (T72). A tree, file or field is a divergence unless upstream ever held it.
 */
export function foreignnessBy(git: GitObjects): Foreignness {
  const history = partHistory(git)
  return async (snapshot, change) => {
    const [here, next] = [pinnedIn(change.replaces), pinnedIn(change.release)]
    if (change.kind !== 'promotion' || here === undefined || next === undefined) return []
    const overwritten = overwrittenParts(here, next)
    if (overwritten.length === 0) return []
    const looking = { snapshot, change, history, upstream: releasesUpstream(snapshot, change) }
    const isImage = ({ part }: ReleasePart) => part.startsWith('image ')
    const divergent = await divergentParts(
      looking,
      overwritten.filter((one) => !isImage(one)),
    )
    return [...foreignDigests(looking, overwritten.filter(isImage)), ...divergent]
  }
}

interface Looking {
  readonly snapshot: Snapshot
  readonly change: Change
  readonly history: PartHistory
  /** All that ran in the environments that it promotes from, and what stood there when their manifests came. */
  readonly upstream: readonly Release[]
}

function releasesUpstream(snapshot: Snapshot, { slot }: Change): readonly Release[] {
  const { application, environment } = partsOfSlot(slot)
  const sources = snapshot.config.checked.environments.get(environment)?.promotesFrom ?? []
  return sources.flatMap((name) => {
    const key = slotKey(application, name)
    const source = snapshot.slots.get(key)
    const stood = [pinnedIn(source?.release), source?.original].filter((one) => one != null)
    return [...stood, ...ranIn(snapshot, key).map(({ release }) => release)]
  })
}

/** Digests belong together: known are those that one known release held all of. */
function foreignDigests({ snapshot, change, upstream }: Looking, images: readonly ReleasePart[]): Found {
  const known = [snapshot.slots.get(change.slot)?.original, recordOf(snapshot, change)?.release, ...upstream]
  if (images.length === 0 || known.some((release) => release != null && holdsParts(release, images))) return []
  return [{ is: 'foreign', parts: images.map(({ part, value }) => `${part}@${value}`) }]
}

/** Git is asked last: nearly always it is what upstream had just before, or what Sluice itself brought. */
async function divergentParts(looking: Looking, overwritten: readonly ReleasePart[]): Promise<Found> {
  const { snapshot, change, upstream } = looking
  const record = recordOf(snapshot, change)
  const brought = record === undefined ? [] : changedParts(record.replaces, record.release)
  const parts: string[] = []
  for (const one of overwritten) {
    const isBrought = brought.some(({ part, value }) => part === one.part && value === one.value)
    const ranUpstream = upstream.some((release) => holdsParts(release, [one]))
    if (!isBrought && !ranUpstream && !(await wasEverUpstream(looking, one))) parts.push(one.part)
  }
  return parts.length === 0 ? [] : [{ is: 'divergence', parts }]
}

const recordOf = ({ records }: Snapshot, { slot }: Change) => records.find((record) => record.slot === slot)

async function wasEverUpstream({ snapshot, change, history }: Looking, one: ReleasePart): Promise<boolean> {
  const { application, environment } = partsOfSlot(change.slot)
  const { checked } = snapshot.config
  const { promotes } = applicationSettings(checked, application)
  const field = promotes.fields.find(({ file, path }) => one.part === `field ${file}#${path}`)
  const name = field?.file ?? one.part.slice(one.part.indexOf(' ') + 1)
  for (const above of upstreamOf(checked, environment)) {
    const place: PartPlace = { overlay: overlayOf(above, application), name, field: field?.path ?? null }
    if ((await history(snapshot.base, place)).has(one.value)) return true
  }
  return false
}
