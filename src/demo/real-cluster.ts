import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OperatorError } from '../domain/failures.ts'
import type { OpenCluster } from './stage-cluster.ts'

/** Belongs to the tests, which packages leave out: loaded where it is there, and nothing of `src/` may lean on it. */
const rig = new URL('../../test/cluster/stage-cluster.ts', import.meta.url)

interface RigModule {
  /** Rejects with OperatorError where this machine lacks something. */
  findRigCluster(): Promise<OpenCluster>
}

/** The cluster of the rig: real controllers, built from source. Throws OperatorError where there is none to be had. */
export async function findRealCluster(): Promise<OpenCluster> {
  // What was built to JavaScript would load every module of ours a second time.
  const isCheckout = extname(import.meta.url) === '.ts' && existsSync(fileURLToPath(rig))
  if (!isCheckout) {
    throw new OperatorError(
      'demo.no-rig',
      '--cluster builds the real controllers from the sources in test/cluster, which the package leaves out: ' +
        'check Sluice out with Git, then run npm ci && npm run demo -- --cluster there. Without it the cluster is played',
    )
  }
  const { findRigCluster }: RigModule = await import(rig.href)
  return findRigCluster()
}
