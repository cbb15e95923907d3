import type { ObjectRef } from '../../../domain/health.ts'

const causes: readonly (readonly [RegExp, string])[] = [
  [/failed calling webhook|no endpoints available for service/i, 'an admission webhook does not answer'],
  [/exceeded quota|status unknown for quota/i, 'a quota of the namespace is used up'],
  [
    /connection refused|i\/o timeout|no route to host|etcdserver|TLS handshake timeout/i,
    'the cluster API did not answer the controller',
  ],
]

/** Where a message names the machine park as the cause why an object could not be made or applied: in which words. */
export const infrastructureIn = (message: string): string | undefined =>
  causes.find(([shape]) => shape.test(message))?.[1]

/** `Deployment/shop/api status: 'InProgress'`, quoted or not, as Flux lists what it waited for (fluxcd/pkg ssa, `manager_wait.go`). */
export const objectsIn = (message: string): readonly ObjectRef[] =>
  [...message.matchAll(/\b([A-Z][A-Za-z]*)\/(?:([a-z0-9.-]+)\/)?([a-z0-9.-]+) status: /g)].map(
    ([, kind = '', namespace, name = '']) => ({ kind, ...(namespace === undefined ? {} : { namespace }), name }),
  )
