import { type Instant, type ReleaseId, type Sha, type SlotKey, slotKey } from '../../domain/ids.ts'
import type { BranchRules } from '../../ports/forge/rules.ts'
import { concerns, type Stale } from '../../ports/stale.ts'
import { stateBranch } from '../branches.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import type { ConfigFacts, PromotionRecord, Slot, Snapshot } from '../snapshot.ts'
import { type CommentFacts, observeAsked } from './asked.ts'
import { audit } from './audit.ts'
import { baselineKey, baselinesOf, type Introductions, introductions } from './baselines.ts'
import { closedPulls } from './closed-pulls.ts'
import { observeConfig } from './config.ts'
import { observeDelivery, type Tracks } from './delivery.ts'
import { initiatorMemory } from './initiators.ts'
import { type Overlays, observeOverlays } from './overlays.ts'
import { observePullList, type PullList } from './pull-list.ts'
import { observePulls, type PullMemory } from './pulls.ts'
import { broughtIn, type History, newestPerSlot, observeHistory, readRecord, readSlotAt } from './records.ts'
import { observeState, type StateMemory } from './state.ts'

/** Everything that one look leaves for the next. Losing it costs time and never truth. */
interface Memory {
  readonly base: Sha
  readonly config: ConfigFacts
  readonly overlays: Overlays
  readonly introduced: Introductions
  readonly baselines: ReadonlyMap<string, ReleaseId>
  readonly originals: ReadonlyMap<SlotKey, ReleaseId>
  readonly history: History
  readonly records: ReadonlyMap<Sha, PromotionRecord | undefined>
  readonly state: StateMemory | null
  readonly list: PullList
  readonly pulls: PullMemory
  readonly tracks: Tracks
  readonly comments: CommentFacts | null
  readonly rules: BranchRules
  readonly audited: Sha
}

export type Observe = (stale: readonly Stale[]) => Promise<Snapshot | null>

/**
 * Re-reads what is stale and serves the rest from memory. Null where the repository holds no manifests, and never did.
 * The order below is the order in which facts depend on each other.
 */
export function observer(ports: RepositoryPorts): Observe {
  let memory: Memory | null = null
  const initiators = initiatorMemory(ports)
  return async (stale) => {
    const at = ports.now()
    const { git, forge, repository } = ports
    const list = await observePullList(forge, repository.defaultBranch, stale, memory?.list ?? null)
    const branches = await git.fetch({
      pulls: list.open.filter((pull) => !pull.sameRepository).map((pull) => pull.number),
    })
    const base = branches.get(repository.defaultBranch)
    if (base === undefined) return null
    const config = await observeConfig(git, repository.name, base, memory?.config ?? null)
    if (config === null) return null
    const overlays = await readOverlays(ports, base, config, memory)
    const introduced =
      memory !== null && memory.config.checked === config.checked
        ? memory.introduced
        : await introductions(git, base, repository.name)
    const known = memory?.introduced === introduced ? memory.baselines : new Map<string, ReleaseId>()
    const baselines = await baselinesOf(git, config.checked, overlays, introduced, known)
    const originals = await originalsOf(
      ports,
      config,
      overlays,
      introduced,
      memory?.introduced === introduced ? memory.originals : new Map(),
    )
    const history = await observeHistory(ports, base, memory?.history ?? null)
    const records = await recordsOf(ports, config, history, memory?.records ?? new Map())
    const state = await observeState(stateContext(ports, at, history), branches.get(stateBranch), memory?.state ?? null)
    const audited = state.branch.folded.audited ?? state.branch.folded.genesis ?? base
    const from = memory !== null && memory.audited === audited && memory.base === base ? base : audited
    const audits = await audit({ ...ports, base, config: config.checked, overlays }, from)
    const tracks = await observeDelivery(ports, base, config.checked, overlays, memory?.tracks ?? new Map())
    const pulls = await observePulls(
      ports,
      {
        base,
        config: config.checked,
        overlays,
        stale,
        recordOf: (slot) => records.bySlot.get(slot),
        initiators: (slot, release) => initiators(config.checked, base, slot, release),
      },
      list.open,
      memory?.pulls ?? new Map(),
    )
    const rules =
      memory !== null && !concerns(stale, 'everything')
        ? memory.rules
        : await forge.rules.ofBranch(repository.defaultBranch)
    const comments = await observeAsked(
      forge,
      {
        stale,
        at,
        folded: state.branch.folded,
        since: await genesisTime(ports, state.branch.folded.genesis),
        config: config.checked,
        applications: [...new Set([...overlays.bySlot.values()].map((one) => one.application))],
        open: list.open,
      },
      memory?.comments ?? null,
    )
    const closed = await closedPulls(ports, config.checked, list.closed, state.branch.folded)
    const isClean = audits.ungated.length === 0 && !audits.rewritten
    memory = {
      base,
      config,
      overlays,
      introduced,
      baselines,
      originals,
      history,
      records: records.memory,
      state: state.memory,
      list,
      pulls: pulls.memory,
      tracks,
      comments,
      rules,
      audited: isClean ? audited : base,
    }
    return {
      at,
      repository,
      us: ports.us,
      base,
      branches,
      config,
      state: state.branch,
      slots: slotsOf(config, overlays, baselines, originals, tracks),
      pulls: pulls.pulls,
      records: [...records.bySlot.values()].toSorted((a, b) => b.mergedAt - a.mergedAt),
      brought: broughtIn(history),
      audit: audits,
      asked: comments.asked,
      closed,
      rules,
      setAside: pulls.setAside,
    }
  }
}

async function readOverlays(
  ports: RepositoryPorts,
  base: Sha,
  config: ConfigFacts,
  memory: Memory | null,
): Promise<Overlays> {
  const { git, repository } = ports
  if (memory === null || memory.config.checked !== config.checked)
    return observeOverlays(git, base, config.checked, repository.name, null)
  if (memory.base === base) return memory.overlays
  const changed = (await git.changes(memory.base, base)).map((change) => change.path)
  return observeOverlays(git, base, config.checked, repository.name, { overlays: memory.overlays, changed })
}

async function originalsOf(
  { git }: RepositoryPorts,
  config: ConfigFacts,
  overlays: Overlays,
  introduced: Introductions,
  known: ReadonlyMap<SlotKey, ReleaseId>,
): Promise<ReadonlyMap<SlotKey, ReleaseId>> {
  const originals = new Map(known)
  for (const [environment, commit] of introduced) {
    if (config.checked.environments.get(environment) === undefined) continue
    const then = [...overlays.bySlot.values()].filter(
      (one) => one.environment === environment && !originals.has(one.key),
    )
    for (const slot of then) {
      const facts = await readSlotAt(git, commit, slot.key, config.checked)
      if (facts?.release.is === 'pinned') originals.set(slot.key, facts.release.release.id)
    }
  }
  return originals
}

interface Records {
  readonly bySlot: ReadonlyMap<SlotKey, PromotionRecord>
  readonly memory: ReadonlyMap<Sha, PromotionRecord | undefined>
}

async function recordsOf(
  ports: RepositoryPorts,
  config: ConfigFacts,
  history: History,
  known: ReadonlyMap<Sha, PromotionRecord | undefined>,
): Promise<Records> {
  const bySlot = new Map<SlotKey, PromotionRecord>()
  const memory = new Map<Sha, PromotionRecord | undefined>()
  for (const [slot, merge] of newestPerSlot(history)) {
    const { oid } = merge.commit
    const record = known.has(oid) ? known.get(oid) : await readRecord(ports, merge, config.checked)
    memory.set(oid, record)
    if (record !== undefined) bySlot.set(slot, record)
  }
  return { bySlot, memory }
}

const stateContext = ({ git, repository, stateKeys }: RepositoryPorts, at: Instant, history: History) => ({
  git,
  repository: repository.id,
  keys: stateKeys,
  at,
  mustDescendFrom: history.merges.find((merge) => merge.trailers.state !== null)?.trailers.state ?? undefined,
})

const genesisTime = async ({ git }: RepositoryPorts, genesis: Sha | null): Promise<Instant | null> =>
  genesis === null ? null : (await git.commit(genesis)).at

function slotsOf(
  config: ConfigFacts,
  overlays: Overlays,
  baselines: ReadonlyMap<string, ReleaseId>,
  originals: ReadonlyMap<SlotKey, ReleaseId>,
  tracks: Tracks,
): ReadonlyMap<SlotKey, Slot> {
  const slots = new Map<SlotKey, Slot>()
  for (const facts of overlays.bySlot.values()) {
    const track = tracks.get(facts.key)
    const downstream = [...config.checked.environments.values()].filter((one) =>
      one.promotesFrom.includes(facts.environment),
    )
    slots.set(facts.key, {
      key: facts.key,
      application: facts.application,
      environment: facts.environment,
      overlay: facts.overlay,
      inputs: facts.inputs,
      release: facts.release,
      baselines: new Map(
        downstream.flatMap(({ name }) => {
          const baseline = baselines.get(baselineKey(slotKey(facts.application, facts.environment), name))
          return baseline === undefined ? [] : [[name, baseline] as const]
        }),
      ),
      original: originals.get(facts.key) ?? null,
      health: track?.health ?? { is: 'unknown', reason: 'health.unreadable', detail: 'its overlay cannot be read' },
      healthySpan: track?.healthy ?? null,
      appliedAt: track?.appliedAt ?? null,
    })
  }
  return slots
}
