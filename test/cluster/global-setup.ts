import { ensureTestTools } from '../tools.ts'
import { demandRedis } from './rig/argo-cd.ts'
import { buildBinaries } from './rig/build-binaries.ts'
import { demandGo } from './rig/demand-go.ts'
import { type FamilyName, families } from './rig/families.ts'
import { RigUnavailable } from './rig/rig-unavailable.ts'

/** Builds before any test what is not in the cache; what is missing or cannot be built here ends the run and says why. */
export async function setup(): Promise<void> {
  try {
    await demandGo()
    await demandRedis()
    await ensureTestTools(['kustomize', 'cosign', 'registry'], say)
    await buildBinaries(Object.keys(families) as FamilyName[], say)
  } catch (error) {
    if (!(error instanceof RigUnavailable)) throw error
    // Thrown, it would stand above two pages of vitest's own stacks.
    say(`\n${error.message}\n`)
    process.exit(1)
  }
}

const say = (line: string): void => void process.stderr.write(`${line}\n`)
