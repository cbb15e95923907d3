import type { ForgeRepository } from './forge.ts'

type Levels = Readonly<Record<string, string>>

/** What `sluice doctor` asks the forge about our App itself. Reads only; throws as every port of the forge does. */
export interface Inspection {
  app(): Promise<{ readonly slug: string; readonly permissions: Levels; readonly events: readonly string[] }>
  /** Null where the forge does not tell. */
  webhookUrl(): Promise<string | null>
  /** With what each account granted: an App's new permissions wait there for an owner's consent. */
  installations(): Promise<
    readonly { readonly id: number; readonly suspended: boolean; readonly permissions: Levels }[]
  >
  /** The kinds of rules that bind a branch of that name, whether or not it exists: `update`, `deletion`. */
  ruleTypes(repository: ForgeRepository, branch: string): Promise<readonly string[]>
}
