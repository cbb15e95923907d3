import type { BenchStage } from '../bench-stage.ts'
import type { Figure, RowName } from '../rows.ts'

/** Measures some rows on a stage whose server is not running, and leaves it so. */
export interface Scenario {
  readonly rows: readonly RowName[]
  readonly run: (stage: BenchStage, say: (line: string) => void) => Promise<readonly Figure[]>
}
