import { deliveryName } from '../../domain/delivery.ts'
import type { Sighting } from '../../domain/health.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Delivery, DeliveryReading, ExpectedDelivery } from '../../ports/delivery.ts'
import type { Log } from '../../ports/log.ts'
import { type ClusterAccess, kubeConfigFor } from './cluster/cluster-access.ts'
import { clusterApi } from './cluster/cluster-api.ts'
import { clusterReader, type NamedReading, type ReadApplied } from './cluster/cluster-reader.ts'
import { clusterReasons } from './cluster/sight.ts'
import { watchCluster } from './cluster/watch-cluster.ts'

export type { ClusterAccess } from './cluster/cluster-access.ts'

export interface DeliveryOptions {
  readonly clusters: readonly ClusterAccess[]
  readonly now: Clock
  readonly log: Log
  /** For each request; 10 s. */
  readonly timeoutMs?: number
  /** How long a watch is kept open, and a quarter more until one that says nothing is given up; 60. */
  readonly watchSeconds?: number
  /** For jitter. */
  readonly random?: () => number
}

/**
 * Flux and Argo CD as the API servers of their clusters tell of them, by fresh lists; watches only hint. Throws
 * OperatorError `cluster.settings` for an access that cannot work; whatever a cluster does later is a sighting.
 */
export function kubernetesDelivery(options: DeliveryOptions): Delivery {
  const { now, log, timeoutMs = 10_000, watchSeconds = 60, random = Math.random } = options
  const clusters = options.clusters.map((access) => {
    const config = kubeConfigFor(access)
    const api = clusterApi(config, { timeoutMs, watchSeconds })
    const known = access.knownAs ?? []
    const reader = clusterReader(api, { now, random, elsewhere, isAppliedTo: known.length > 0 })
    return { name: access.name, api, reader, called: [config.getCurrentCluster()?.server ?? '', ...known].map(bare) }
  })
  // Declared: by the first read every cluster is there.
  function elsewhere(called: string): ReadApplied | undefined {
    return clusters.find((cluster) => cluster.called.includes(bare(called)))?.reader.applied
  }
  return {
    async read(expected) {
      const asked = Map.groupBy(expected, ({ spec }) => spec.cluster)
      const readings = [...asked].map(async ([name, wanted]) => {
        const cluster = clusters.find((one) => one.name === name)
        return cluster === undefined ? wanted.map(notConfigured(now)) : await cluster.reader.read(wanted)
      })
      return byName((await Promise.all(readings)).flat())
    },
    watch(onHint) {
      const stopping = new AbortController()
      const followed = clusters.map(({ name, api }) =>
        watchCluster(api, { name, log, random, signal: stopping.signal, onHint: () => onHint(name) }),
      )
      return {
        async stop() {
          stopping.abort()
          await Promise.all(followed)
        },
      }
    },
    clusters: () =>
      Promise.all(clusters.map(async ({ name, reader }) => ({ cluster: name, ...(await reader.problem()) }))),
  }
}

const bare = (address: string): string => address.replace(/\/+$/, '')

/** Two slots may name one object and expect different things of it. Where one of them must not trust it, neither does. */
function byName(readings: readonly NamedReading[]): ReadonlyMap<string, DeliveryReading> {
  const named = new Map<string, DeliveryReading>()
  for (const { expected, sighting, readAt } of readings) {
    const name = deliveryName(expected.spec)
    if (named.get(name)?.sighting.is !== 'unknown') named.set(name, { sighting, readAt })
  }
  return named
}

const notConfigured =
  (now: Clock) =>
  (expected: ExpectedDelivery): NamedReading => {
    const reason = 'cluster.not-configured'
    const sighting: Sighting = { is: 'unknown', reason, detail: `${expected.spec.cluster}: ${clusterReasons[reason]}` }
    return { expected, sighting, readAt: now() }
  }
