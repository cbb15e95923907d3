import type { ClusterApi } from '../../../src/adapters/delivery/cluster/cluster-api.ts'
import { clusterReader } from '../../../src/adapters/delivery/cluster/cluster-reader.ts'
import type { Sighting } from '../../../src/domain/health.ts'
import { toInstant } from '../../../src/domain/ids.ts'
import type { ExpectedDelivery } from '../../../src/ports/delivery.ts'

type Objects = readonly Readonly<Record<string, unknown>>[]

/** A file of `fixtures/delivery/recorded`: what the lists of a cluster held, state by state, as real controllers wrote it. */
export interface Recording {
  readonly source: string
  readonly expected: ExpectedDelivery
  readonly steps: readonly { readonly at: string; readonly lists: Readonly<Record<string, Objects>> }[]
}

/** What Sluice would have seen at each state, in order. */
export async function replay({ expected, steps }: Recording): Promise<readonly Sighting[]> {
  let step = 0
  const api: ClusterApi = {
    list: async (collection) => ({
      is: 'listed',
      objects: steps[step]?.lists[collection] ?? [],
      version: String(step),
    }),
    get: async () => ({ is: 'unseen', reason: 'cluster.not-installed', detail: 'recordings hold lists' }),
    peek: async () => ({ is: 'listed', objects: [], version: '0' }),
    follow: async () => undefined,
  }
  const now = () => toInstant(Date.parse(steps[step]?.at ?? ''))
  const sightings: Sighting[] = []
  for (; step < steps.length; step += 1) {
    const [reading] = await clusterReader(api, { now, random: () => 0 }).read([expected])
    if (reading !== undefined) sightings.push(reading.sighting)
  }
  return sightings
}
