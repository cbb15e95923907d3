import { argoReasons } from './argo-cd/argo-reasons.ts'
import { clusterReasons } from './cluster/sight.ts'
import { fluxReasons } from './flux/flux-reasons.ts'

/** Every reason code that a sighting may carry, with its sentence. */
export const deliveryReasons: Readonly<Record<string, string>> = { ...clusterReasons, ...fluxReasons, ...argoReasons }
