import { covers } from '../../domain/directive.ts'
import { partsOfSlot, type SlotKey, slotKey } from '../../domain/ids.ts'
import type { StateFacts } from '../../gates/evidence.ts'
import { concerns } from '../../ports/stale.ts'
import { manifestFolder } from '../observe/config.ts'
import { isReached } from '../orders.ts'
import { ranIn } from '../plan/witness.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import type { Pull, Snapshot } from '../snapshot.ts'
import type { Collectors } from './evidence-cache.ts'
import { type Foreignness, foreignnessBy } from './foreignness.ts'
import { signatureCollector } from './signature-collector.ts'
import { unmetRules } from './unmet-rules.ts'
import { weighAnswers } from './weigh-answers.ts'
import { weighReviews } from './weigh-reviews.ts'

/** One collector per kind of evidence. Those that only look into the snapshot are read anew in every round. */
export const collectorsFor = (ports: RepositoryPorts): Collectors => collectorsWith(ports, foreignnessBy(ports.git))

const collectorsWith = (ports: RepositoryPorts, foreignness: Foreignness): Collectors => ({
  checks: {
    collect: ({ head }) => ports.forge.checks.list(head),
    isMutable: () => true,
    isStale: ({ head }, stale) =>
      concerns(stale, 'everything') || stale.some((one) => one.is === 'checks' && one.head === head),
  },
  reviews: {
    collect: ({ pull, from }) => weighReviews(ports.forge, pull, from),
    isMutable: () => true,
    isStale: ({ pull }, stale) =>
      concerns(stale, 'everything') || stale.some((one) => one.is === 'pull' && one.pull === pull),
  },
  signature: signatureCollector(ports),
  upstream: {
    collect: async ({ slot, environments }, snapshot) =>
      environments.map((environment) => upstreamWitness(snapshot, partsOfSlot(slot).application, environment)),
    isMutable: () => true,
    isStale: () => true,
  },
  answers: {
    collect: (key, snapshot) => weighAnswers(ports.forge, snapshot, key),
    isMutable: () => true,
    isStale: () => true,
  },
  state: {
    collect: (key, snapshot) => stateFacts(snapshot, key, foreignness),
    isMutable: () => true,
    isStale: () => true,
  },
  rules: {
    collect: ({ pull, head }, snapshot) => unmetRules(ports, snapshot, pull, head),
    isMutable: () => true,
    isStale: ({ pull, head }, stale) =>
      concerns(stale, 'everything') ||
      stale.some((one) => (one.is === 'pull' && one.pull === pull) || (one.is === 'checks' && one.head === head)),
  },
})

function upstreamWitness(snapshot: Snapshot, application: string, environment: string) {
  const key = slotKey(application, environment)
  const slot = snapshot.slots.get(key)
  return {
    environment,
    runs: slot?.release.is === 'pinned' ? slot.release.release : null,
    health: slot?.health ?? ({ is: 'unknown', reason: 'upstream.absent', detail: `${key} does not exist` } as const),
    witnessed: ranIn(snapshot, key).map((ran) => ({
      release: ran.release.id,
      parts: ran.release.parts,
      healthy: ran.healthy,
      failed: ran.failedAt !== null,
    })),
  }
}

async function stateFacts(
  snapshot: Snapshot,
  { slot, pull }: { readonly slot: SlotKey; readonly pull: number },
  foreignness: Foreignness,
): Promise<StateFacts> {
  const place = partsOfSlot(slot)
  const open = snapshot.pulls.find((one) => one.pull.number === pull)
  const change = open?.changes.find((one) => one.slot === slot)
  const { folded, trusted } = snapshot.state
  const directives = folded.directives.filter((one) => {
    if (one.kind === 'lock' || one.kind === 'freeze') return covers(one.scope, place)
    if (one.kind === 'hold' || one.kind === 'merge') return one.pull === pull
    if (one.kind === 'breaker') return one.environment === place.environment
    if (one.kind === 'ungated') return one.slot === slot || one.slot === slotKey('*', place.environment)
    return 'slot' in one && one.slot === slot
  })
  return {
    trusted,
    directives,
    draft: open?.pull.draft ?? false,
    brokenConfig: open !== undefined && mendsManifests(open) ? null : snapshot.config.broken,
    orderedBy: orderedBy(snapshot, pull),
    foreignCommit: open?.foreignCommit ?? null,
    foreign: change === undefined || isWantedOver(snapshot, slot, open) ? [] : await foreignness(snapshot, change),
  }
}

/** The pull request that brings manifests which parse is the way out, and must not wait for them. */
const mendsManifests = ({ paths, nextConfig }: Pull): boolean =>
  nextConfig !== null && paths.some((path) => path.startsWith(`${manifestFolder}/`))

/** Somebody ordered exactly this release there, knowing what it comes over. */
const isWantedOver = (snapshot: Snapshot, slot: SlotKey, open: Pull | undefined): boolean =>
  snapshot.state.folded.directives.some(
    (one) =>
      one.kind === 'order' &&
      one.does === 'promote' &&
      one.slot === slot &&
      one.release === open?.intent?.brings &&
      !snapshot.lapsed.has(one.event) &&
      !isReached(snapshot, one),
  )

function orderedBy({ state, pulls, lapsed }: Snapshot, pull: number): number {
  const open = pulls.find((one) => one.pull.number === pull)
  const order = state.folded.directives.find(
    (one) => one.kind === 'merge' && one.pull === pull && one.head === open?.pull.head && !lapsed.has(one.event),
  )
  return order?.by ?? open?.pull.autoMerge?.by.id ?? 0
}
