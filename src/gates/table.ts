import type { Change } from '../domain/change.ts'
import type { Verdict } from '../domain/verdict.ts'
import { type ApprovalsSettings, approvals } from './approvals.ts'
import { type ChecksSettings, checks } from './checks.ts'
import type { Evidence, Need } from './evidence.ts'
import { type ForgeSettings, forge } from './forge.ts'
import type { Gate, GateBase, GateContext } from './gate.ts'
import { type ManualSettings, manual } from './manual.ts'
import { signature } from './signature.ts'
import type { SignatureSettings } from './signature-settings.ts'
import { type StateSettings, state } from './state.ts'
import { type UpstreamSettings, upstream } from './upstream.ts'

/** Every gate and its settings: the one map that the family hangs on. */
export interface GateSpecs {
  upstream: UpstreamSettings
  checks: ChecksSettings
  approvals: ApprovalsSettings
  signature: SignatureSettings
  manual: ManualSettings
  state: StateSettings
  forge: ForgeSettings
}

export type GateType = keyof GateSpecs
export type GateSpecOf<T extends GateType> = GateBase<T> & GateSpecs[T]
export type GateSpec = { [T in GateType]: GateSpecOf<T> }[GateType]

export const gates: { readonly [T in GateType]: Gate<GateSpecs[T], GateSpecOf<T>> } = {
  upstream,
  checks,
  approvals,
  signature,
  manual,
  state,
  forge,
}

/** The verdict of one gate on one change; where its type does not bind the change's kind, the caller does not ask. */
export const judgeGate = <T extends GateType>(
  spec: GateSpecOf<T>,
  change: Change,
  evidence: Evidence,
  context: GateContext,
): Verdict => ({ gate: spec.name, type: spec.type, ...gates[spec.type].judge(spec, change, evidence, context) })

/** The evidence that a gate will ask for. */
export const needsOf = <T extends GateType>(
  spec: GateSpecOf<T>,
  change: Change,
  context: GateContext,
): readonly Need[] => gates[spec.type].needs(spec, change, context)
