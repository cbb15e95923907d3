import { ensureTestTools } from '../tools.ts'
import { demandRedis } from './rig/argo-cd.ts'
import { buildBinaries, demandGo } from './rig/build-binaries.ts'
import { type FamilyName, families } from './rig/families.ts'

/** Builds before any test what is not in the cache; what is missing or cannot be built here fails the run and says why. */
export async function setup(): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  await demandGo()
  await demandRedis()
  await ensureTestTools(['kustomize', 'cosign', 'registry'], say)
  await buildBinaries(Object.keys(families) as FamilyName[], say)
}
