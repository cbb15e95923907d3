import type { Clock } from '../ports/clock.ts'
import type { Delivery } from '../ports/delivery.ts'
import type { ForgeRepository, Installations } from '../ports/forge/forge.ts'
import type { GitRepository } from '../ports/git.ts'
import type { Log } from '../ports/log.ts'
import type { ReconcileRequests } from '../ports/reconcile-requests.ts'
import type { Renderer } from '../ports/render.ts'
import type { Signatures } from '../ports/signatures.ts'
import type { Keys } from '../state/mac.ts'
import { appliersFor, type Told } from './apply/appliers.ts'
import { gatherer } from './gather/gather.ts'
import { observer } from './observe/observe.ts'
import { rememberOwnChecks } from './own-checks.ts'
import type { World } from './reconcile.ts'
import type { RepositoryPorts } from './repository-ports.ts'

/** What every repository of this process shares. */
export interface Workplace {
  readonly installations: Installations
  readonly openGit: (repository: ForgeRepository) => Promise<GitRepository & { close(): Promise<void> }>
  readonly delivery: Delivery
  readonly requests: ReconcileRequests
  readonly renderer: Renderer
  readonly signatures: Signatures
  readonly stateKeys: Keys
  readonly now: Clock
  readonly log: Log
  readonly told: Told
}

export interface OpenRepository {
  readonly world: World
  readonly ports: RepositoryPorts
  close(): Promise<void>
}

/** Opens one repository for rounds. `onArrival` is called when evidence that a round did not wait for has come. */
export async function openRepository(
  workplace: Workplace,
  repository: ForgeRepository,
  onArrival: () => void,
): Promise<OpenRepository> {
  const { installations, openGit, told, ...shared } = workplace
  const git = await openGit(repository)
  const forge = installations.forge(repository)
  const ports: RepositoryPorts = {
    ...shared,
    repository,
    us: await installations.identity(),
    forge: { ...forge, checks: rememberOwnChecks(forge.checks) },
    git,
  }
  const world: World = {
    observe: observer(ports),
    gather: gatherer(ports, onArrival),
    appliers: appliersFor(ports, told),
    log: ports.log,
  }
  return { world, ports, close: () => git.close() }
}
