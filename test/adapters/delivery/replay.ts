import type { ClusterApi } from '../../../src/adapters/delivery/cluster/cluster-api.ts'
import { clusterReader } from '../../../src/adapters/delivery/cluster/cluster-reader.ts'
import { toInstant } from '../../../src/domain/ids.ts'
import type { ExpectedDelivery } from '../../../src/ports/delivery.ts'
import type { Look } from './fold-health.ts'

type Objects = readonly Readonly<Record<string, unknown>>[]

/** What the collections of a cluster held at one time. */
export interface State {
  readonly at: string
  /** A collection that is not named holds what it held the step before. */
  readonly lists: Readonly<Record<string, Objects>>
}

/** A file of `fixtures/delivery/recorded`: what the lists of a cluster held, state by state, as real controllers wrote it. */
export interface Recording {
  readonly source: string
  readonly expected: ExpectedDelivery
  readonly steps: readonly State[]
}

/** What Sluice would have seen at each state, in order. */
export async function replay({ expected, steps }: Recording): Promise<readonly Look[]> {
  let at = toInstant(0)
  let lists: State['lists'] = {}
  const api: ClusterApi = {
    list: async (collection) => ({ is: 'listed', objects: lists[collection] ?? [], version: String(at) }),
    get: async () => ({ is: 'unseen', reason: 'cluster.not-installed', detail: 'recordings hold lists' }),
    peek: async () => ({ is: 'listed', objects: [], version: '0' }),
    follow: async () => undefined,
  }
  const reader = clusterReader(api, {
    ...{ now: () => at, random: () => 0 },
    ...{ elsewhere: () => undefined, isAppliedTo: false },
  })
  const looks: Look[] = []
  for (const step of steps) {
    at = toInstant(Date.parse(step.at))
    lists = { ...lists, ...step.lists }
    const [reading] = await reader.read([expected])
    if (reading !== undefined) looks.push({ at, sighting: reading.sighting })
  }
  return looks
}
