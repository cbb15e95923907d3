import { gateContextOf } from '../config/gates-of.ts'
import { partsOfSlot, type SlotKey } from '../domain/ids.ts'
import type { Evidence, Need } from '../gates/evidence.ts'
import type { GateContext } from '../gates/gate.ts'
import { judgeGate, needsOf } from '../gates/table.ts'
import type { Log } from '../ports/log.ts'
import type { Stale } from '../ports/stale.ts'
import { applyAll } from './apply/apply-all.ts'
import type { Considered } from './considered.ts'
import type { Appliers, Outcome } from './effects.ts'
import { gatesFor } from './gates-for.ts'
import type { Gather } from './gather/gather.ts'
import { giveWay } from './give-way.ts'
import type { Judgement } from './judgement.ts'
import type { Observe } from './observe/observe.ts'
import { approvalsOf } from './plan/move-slots.ts'
import { type Plan, plan } from './plan/plan.ts'
import { wantedBySlot } from './plan/wanted-by-slot.ts'
import { report } from './report/report.ts'
import type { Pull, Snapshot } from './snapshot.ts'

export interface World {
  readonly observe: Observe
  readonly gather: Gather
  readonly appliers: Appliers
  readonly log: Log
}

export interface Round {
  readonly considered: Considered
  readonly plan: Plan
  readonly outcomes: readonly Outcome[]
}

/**
 * One round of one repository: look, judge, plan, do, tell. An event only ever says where to look; running a round twice,
 * late, or after a crash is always right. Null where the repository holds no manifests.
 */
export async function reconcile(world: World, stale: readonly Stale[]): Promise<Round | null> {
  const considered = await consider(world, stale)
  if (considered === null) return null
  await giveWay()
  const next = plan(considered)
  const outcomes = await applyAll(world.appliers, next.effects, world.log)
  const told = await applyAll(world.appliers, report(considered, next, outcomes), world.log)
  return { considered, plan: next, outcomes: [...outcomes, ...told] }
}

/** The reading half of a round: what `sluice plan` shows, and nothing is done. */
export async function consider(
  { observe, gather }: Pick<World, 'observe' | 'gather'>,
  stale: readonly Stale[],
): Promise<Considered | null> {
  const snapshot = await observe(stale)
  if (snapshot === null) return null
  await giveWay()
  const wanted = wantedBySlot(snapshot)
  const gathered = await gather(
    snapshot,
    snapshot.pulls.flatMap((pull) => needsOfPull(snapshot, pull)),
    wanted,
    stale,
  )
  const judgements = new Map(
    snapshot.pulls.map((pull) => [pull.pull.number, judgePull(snapshot, pull, gathered.evidence)] as const),
  )
  return { snapshot, wanted, gathered, judgements }
}

const judgePull = (snapshot: Snapshot, pull: Pull, evidence: Evidence): readonly Judgement[] =>
  pull.changes.map((change) => ({
    change,
    pull: pull.pull.number,
    verdicts: gatesFor(snapshot, pull, change).map((spec) =>
      judgeGate(spec, change, evidence, contextOf(snapshot, change.slot)),
    ),
  }))

function needsOfPull(snapshot: Snapshot, pull: Pull): readonly Need[] {
  const gates = pull.changes.flatMap((change) =>
    gatesFor(snapshot, pull, change).flatMap((spec) => needsOf(spec, change, contextOf(snapshot, change.slot))),
  )
  // Whether anybody approved it decides whether a newer release may take its place.
  return pull.intent === null ? gates : [...gates, approvalsOf(pull.pull.number)]
}

const contextOf = ({ config, at }: Snapshot, slot: SlotKey): GateContext =>
  gateContextOf(config.checked, partsOfSlot(slot), at)
