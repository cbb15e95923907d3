import type { Environment } from '../../config/checked-config.ts'

/** Milliseconds that a release must have been healthy upstream, as the environment's gate `upstream` asks. */
export const soakOf = (environment: Environment): number =>
  environment.gates.reduce((soak, gate) => (gate.type === 'upstream' ? Math.max(soak, gate.soak) : soak), 0)
