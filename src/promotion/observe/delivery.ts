import type { CheckedConfig } from '../../config/checked-config.ts'
import { deliveryOf } from '../../config/delivery-of.ts'
import { type DeliverySpec, deliveryName } from '../../domain/delivery.ts'
import type { Digest, Instant, Sha, SlotKey } from '../../domain/ids.ts'
import type { DeliveryReading, ExpectedDelivery } from '../../ports/delivery.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import { type OverlayFacts, type Overlays, touching } from './overlays.ts'
import { pathsBetween } from './paths-between.ts'
import { readSlotAt } from './records.ts'
import { type ContentThere, revisionsOf, seenOfSighting } from './seen-of-sighting.ts'
import { gravest, type HealthTrack, type Seen, trackHealth } from './track-health.ts'
import { isOnItsWay, isUnproven } from './unproven.ts'

export type Tracks = ReadonlyMap<SlotKey, HealthTrack>

export interface DeliveryFacts {
  readonly tracks: Tracks
  /** Per slot: what acts on another content still, in clusters where it may be asked to look now. */
  readonly mayBeAsked: ReadonlyMap<SlotKey, readonly ExpectedDelivery[]>
}

/** Looks at every delivery object of every slot, and takes each slot's health one look further. */
export async function observeDelivery(
  ports: RepositoryPorts,
  base: Sha,
  config: CheckedConfig,
  overlays: Overlays,
  previous: Tracks,
): Promise<DeliveryFacts> {
  const expected = expectations(ports, config, overlays, previous)
  const readings = await ports.delivery.read([...expected.values()].flat())
  const contents = contentReader(ports, base, config, overlays)
  const tracks = new Map<SlotKey, HealthTrack>()
  const mayBeAsked = new Map<SlotKey, readonly ExpectedDelivery[]>()
  for (const facts of overlays.bySlot.values()) {
    const environment = config.environments.get(facts.environment)
    if (environment === undefined || facts.inputs === null) continue
    const specs = deliveryOf(environment, facts.application)
    const seen = await Promise.all(specs.map((spec) => seenOf(spec, readings, facts, facts.inputs as Digest, contents)))
    const all = seen.length === 0 ? undeclared : gravest(seen as [Seen, ...Seen[]])
    const now: Instant = ports.now()
    tracks.set(facts.key, trackHealth(previous.get(facts.key), facts.inputs, all, environment.health, now))
    const behind = new Set(specs.filter((_, index) => seen[index]?.is === 'behind').map(deliveryName))
    const asked = (expected.get(facts.key) ?? []).filter(
      ({ spec }) => behind.has(deliveryName(spec)) && ports.requests.clusters.has(spec.cluster),
    )
    if (asked.length > 0) mayBeAsked.set(facts.key, asked)
  }
  return { tracks, mayBeAsked }
}

const undeclared: Seen = {
  is: 'unknown',
  reason: 'delivery.undeclared',
  detail: 'the environment names no delivery: add `delivery`, or `{ type: none }` where nothing watches it',
}

function expectations(
  ports: RepositoryPorts,
  config: CheckedConfig,
  overlays: Overlays,
  previous: Tracks,
): ReadonlyMap<SlotKey, readonly ExpectedDelivery[]> {
  const expected = new Map<SlotKey, readonly ExpectedDelivery[]>()
  for (const facts of overlays.bySlot.values()) {
    const environment = config.environments.get(facts.environment)
    if (environment === undefined) continue
    const specs = deliveryOf(environment, facts.application)
    const closely = isUnproven({
      before: previous.get(facts.key),
      inputs: facts.inputs,
      isOnItsWay: isOnItsWay(config, overlays, facts),
      watch: environment.health.watch,
      now: ports.now(),
    })
    expected.set(
      facts.key,
      specs.flatMap((spec) => (spec.type === 'none' ? [] : [{ ...expectation(ports, facts, spec), closely }])),
    )
  }
  return expected
}

const expectation = (
  { repository }: RepositoryPorts,
  facts: OverlayFacts,
  spec: Exclude<DeliverySpec, { type: 'none' }>,
): ExpectedDelivery => ({
  spec,
  repositoryUrls: [repository.url, repository.cloneUrl],
  branch: repository.defaultBranch,
  path: facts.overlay,
})

type ContentAt = (revision: Sha, facts: OverlayFacts) => Promise<ContentThere>

/** What a slot's overlay held at a revision that a controller named. Untouched since is answered without reading. */
function contentReader(ports: RepositoryPorts, base: Sha, config: CheckedConfig, overlays: Overlays): ContentAt {
  const touchedSince = new Map<Sha, Promise<((overlay: OverlayFacts) => boolean) | 'unknown'>>()
  const known = async (revision: Sha) => {
    try {
      const paths = await pathsBetween(ports.git, revision, base)
      return paths === null ? () => true : touching(paths)
    } catch {
      // A revision that the repository does not hold is another repository's, or was rewritten away.
      return 'unknown' as const
    }
  }
  return async (revision, facts) => {
    if (revision === base) return facts.inputs
    const touched = touchedSince.get(revision) ?? known(revision)
    touchedSince.set(revision, touched)
    const isTouched = await touched
    if (isTouched === 'unknown') return 'unknown'
    if (!isTouched(facts)) return overlays.bySlot.get(facts.key)?.inputs ?? null
    return (await readSlotAt(ports.git, revision, facts.key, config))?.inputs ?? null
  }
}

async function seenOf(
  spec: DeliverySpec,
  readings: ReadonlyMap<string, DeliveryReading>,
  facts: OverlayFacts,
  inputs: Digest,
  contentAt: ContentAt,
): Promise<Seen> {
  if (spec.type === 'none') return { is: 'healthy' }
  const sighting = readings.get(deliveryName(spec))?.sighting
  if (sighting === undefined)
    return { is: 'unknown', reason: 'delivery.not-read', detail: `${deliveryName(spec)} was not read` }
  const contents = new Map<Sha, ContentThere>()
  for (const revision of revisionsOf(sighting)) contents.set(revision, await contentAt(revision, facts))
  return seenOfSighting(deliveryName(spec), sighting, { inputs, contents })
}
