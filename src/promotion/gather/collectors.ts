import { covers } from '../../domain/directive.ts'
import type { Health } from '../../domain/health.ts'
import { partsOfSlot, type SlotKey, slotKey } from '../../domain/ids.ts'
import type { StateFacts, UpstreamWitness } from '../../gates/evidence.ts'
import { concerns } from '../../ports/stale.ts'
import { manifestFolder } from '../observe/config.ts'
import { whyUnmatched } from '../observe/unmatched.ts'
import { isReached } from '../orders.ts'
import { ranIn } from '../plan/witness.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import type { Pull, Slot, Snapshot } from '../snapshot.ts'
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
      Promise.all(
        environments.map((environment) =>
          upstreamWitness(ports, snapshot, slotKey(partsOfSlot(slot).application, environment)),
        ),
      ),
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

async function upstreamWitness(ports: RepositoryPorts, snapshot: Snapshot, key: SlotKey): Promise<UpstreamWitness> {
  const found = snapshot.slots.get(key)
  const unmatched = await unmatchedUpstream(ports, snapshot, found)
  const slot = found === undefined || unmatched === undefined ? found : { ...found, unmatched }
  return {
    environment: partsOfSlot(key).environment,
    runs: slot?.release.is === 'pinned' ? slot.release.release : null,
    health: slot === undefined ? unseen('upstream.absent', `${key} does not exist`) : healthOfRelease(slot),
    witnessed: ranIn(slot === undefined ? snapshot : { ...snapshot, slots: new Map([[key, slot]]) }, key).map(
      (ran) => ({
        release: ran.release.id,
        parts: ran.release.parts,
        healthy: ran.healthy,
        failed: ran.failedAt !== null,
      }),
    ),
  }
}

/** What was there from the beginning is rendered only here, where somebody's change rests on it. */
async function unmatchedUpstream(ports: RepositoryPorts, { base, config }: Snapshot, slot: Slot | undefined) {
  const isFirst = slot?.release.is === 'pinned' && slot.release.release.id === slot.original?.id
  return slot !== undefined && isFirst ? whyUnmatched(ports, base, config.checked, slot) : slot?.unmatched
}

/** A failure stays one, whoever is to blame for it; that all is well says nothing of what does not run. */
function healthOfRelease({ health, unmatched }: Slot): Health {
  if (unmatched === undefined || health.is === 'failed') return health
  const { file, line, detail, reason } = unmatched
  return unseen(reason, `${file}${line === undefined ? '' : `:${line}`}: ${detail}`)
}

const unseen = (reason: string, detail: string): Health => ({ is: 'unknown', reason, detail })

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
