import type { z } from 'zod'
import type { Change, ChangeKind } from '../domain/change.ts'
import type { Instant } from '../domain/ids.ts'
import type { Verdict } from '../domain/verdict.ts'
import type { Evidence, Need } from './evidence.ts'

/** A gate as the checked config holds it: defaults filled in, `{application}` and `owners` resolved when it is judged. */
export interface GateBase<T extends string> {
  readonly type: T
  readonly name: string
  readonly binds: readonly ChangeKind[]
}

/** What a gate may know beside its own spec: facts of the environment and application that it stands in. */
export interface GateContext {
  readonly application: string
  readonly environment: string
  /** The environments that `promotesFrom` names. */
  readonly upstream: readonly string[]
  readonly owners: readonly string[]
  readonly now: Instant
}

/** A verdict without what every gate adds the same way (its name and type). */
export type Judged = Omit<Verdict, 'gate' | 'type'>

/** Everything under `.sluice/` by path, for settings that name a file. */
export type SluiceFiles = ReadonlyMap<string, string>

/**
 * One gate: pure, in one file. `needs` names the evidence, one place fetches it, `judge` says pass, wait or fail.
 * `reasons` holds a sentence for every code that `judge` gives; `{name}` is filled from the verdict's values.
 */
export interface Gate<Settings, Spec> {
  /** Of the keys beside `name`, `type` and `binds` in a manifest, each with its default; null for a gate that only Sluice adds. */
  readonly settings: ((files: SluiceFiles) => SettingsShape<Settings>) | null
  /** Whether a manifest may let it bind rollbacks. */
  readonly mayBindRollback: boolean
  needs(spec: Spec, change: Change, context: GateContext): readonly Need[]
  judge(spec: Spec, change: Change, evidence: Evidence, context: GateContext): Judged
  readonly reasons: Readonly<Record<string, string>>
}

export type SettingsShape<Settings> = { readonly [K in keyof Settings]: z.ZodType<Settings[K]> }
