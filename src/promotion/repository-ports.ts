import type { Clock } from '../ports/clock.ts'
import type { Delivery } from '../ports/delivery.ts'
import type { Forge, ForgeRepository } from '../ports/forge/forge.ts'
import type { GitRepository } from '../ports/git.ts'
import type { Log } from '../ports/log.ts'
import type { ReconcileRequests } from '../ports/reconcile-requests.ts'
import type { Renderer } from '../ports/render.ts'
import type { Signatures } from '../ports/signatures.ts'
import type { Keys } from '../state/mac.ts'
import type { Identity } from './snapshot.ts'

/** What the rounds of one repository ask of the world. */
export interface RepositoryPorts {
  readonly repository: ForgeRepository
  readonly us: Identity
  readonly forge: Forge
  readonly git: GitRepository
  readonly delivery: Delivery
  readonly requests: ReconcileRequests
  readonly renderer: Renderer
  readonly signatures: Signatures
  /** Keys of the state branch's MAC; the first one signs. */
  readonly stateKeys: Keys
  readonly now: Clock
  readonly log: Log
}
