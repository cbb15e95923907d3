import type { ObjectRef, Sighting } from '../../../domain/health.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { Delivery, DeliveryReading, ExpectedDelivery } from '../../../ports/delivery.ts'
import { applications, readArgo } from '../argo-cd/read-argo.ts'
import { kustomizations, readFlux } from '../flux/read-flux.ts'
import { unreadOf } from '../workloads/unread.ts'
import { podCollection, replicaSetCollection, type Workloads, workloadCollections } from '../workloads/workload.ts'
import type { ClusterApi } from './cluster-api.ts'
import { type Applied, type FamilyRead, isRead, type ReadFamily } from './family.ts'
import { lostSight } from './lost-sight.ts'
import { notRead, readWorkloads } from './read-workloads.ts'
import type { Unseen } from './sight.ts'

type DeliveryType = ExpectedDelivery['spec']['type']

const families: Readonly<Record<DeliveryType, ReadFamily>> = { flux: readFlux, 'argo-cd': readArgo }

/** What tells how the pods of an application fare, in any cluster: few have Rollouts. */
const { Rollout: _, ...ofKubernetes } = workloadCollections
const behindDelivery = [podCollection, replicaSetCollection, ...Object.values(ofKubernetes)]

const noController =
  'cluster.not-installed: it has neither Flux nor Argo CD; if those of another cluster apply to it, list what they call it in knownAs'

/** As `Delivery.clusters` says it. */
type Problem = Omit<Awaited<ReturnType<Delivery['clusters']>>[number], 'cluster'>

export interface NamedReading extends DeliveryReading {
  readonly expected: ExpectedDelivery
}

/** The workloads among objects that were applied to a cluster. Never throws: what cannot be read is named in the answer. */
export type ReadApplied = (objects: readonly ObjectRef[]) => Promise<Workloads>

interface ReaderOptions {
  readonly now: Clock
  readonly random: () => number
  /** Of the cluster that a controller calls so, where Sluice may look there. */
  elsewhere(called: string): ReadApplied | undefined
  /** Whether it is there for what controllers of other clusters apply to it: it needs none itself. */
  readonly isAppliedTo: boolean
}

/** Reads of one cluster. While it cannot be seen it is not asked at every call, and every answer is `unknown` (I6). */
export function clusterReader(api: ClusterApi, options: ReaderOptions) {
  const { now } = options
  const sight = lostSight(options)
  const readIn: ReadIn = (called) =>
    called === undefined ? (objects) => readWorkloads(api, objects) : options.elsewhere(called)
  return {
    async read(expected: readonly ExpectedDelivery[]): Promise<readonly NamedReading[]> {
      const at = now()
      const reading = (one: ExpectedDelivery, sighting: Sighting) => ({ expected: one, sighting, readAt: at })
      const lost = sight.reason()
      if (lost !== undefined) return expected.map((one) => reading(one, asUnknown(lost)))
      const types = [...new Set(expected.map(({ spec }) => spec.type))]
      const reads = await Promise.all(types.map(async (type) => [type, await families[type](api, at)] as const))
      sight.saw(reads.flatMap(([, read]) => (isRead(read) ? [] : [read])).find(isLossOfSight))
      const sightings = await judgeAll(expected, new Map(reads), readIn)
      return expected.map((one, index) => reading(one, sightings[index] as Sighting))
    },
    /** For the controllers of other clusters. */
    applied: (async (objects) => {
      const lost = sight.reason()
      if (lost !== undefined) return notRead(objects, lost)
      // One request tells whether it answers at all, before there is one for each list of each namespace.
      const glance = await api.peek(podCollection)
      const away = glance.is === 'unseen' && isOutOfReach(glance) ? glance : undefined
      sight.saw(away)
      return away === undefined ? await readWorkloads(api, objects) : notRead(objects, away)
    }) satisfies ReadApplied,
    /** What is in the way of reading, in words; nothing where at least one family can be listed, if it needs one, and the workloads. */
    async problem(): Promise<Problem> {
      const answers = await Promise.all([api.peek(kustomizations), api.peek(applications)])
      const away = answers.filter((answer) => answer.is === 'unseen')
      const refused = away.find(({ reason }) => reason !== 'cluster.not-installed')
      if (refused !== undefined) return { problem: `${refused.reason}: ${refused.detail}` }
      if (away.length === answers.length && !options.isAppliedTo) return { problem: noController }
      const behind = await Promise.all(behindDelivery.map(async (one) => ({ one, answer: await api.peek(one) })))
      const unread = behind.flatMap(({ one, answer }) =>
        answer.is === 'unseen' ? [`${one}: ${answer.reason}: ${answer.detail}`] : [],
      )
      return unread.length === 0 ? {} : { unread }
    },
  }
}

type ReadIn = (called: string | undefined) => ReadApplied | undefined

/** First by the delivery objects alone; where that leaves a question about what they applied, with their workloads. */
async function judgeAll(
  expected: readonly ExpectedDelivery[],
  reads: ReadonlyMap<DeliveryType, FamilyRead | Unseen>,
  readIn: ReadIn,
): Promise<readonly Sighting[]> {
  const first = expected.map((one) => glanceAt(one, reads.get(one.spec.type) as FamilyRead | Unseen))
  const workloads = await workloadsByPlace(
    first.flatMap(({ asks }) => asks?.applied ?? []),
    readIn,
  )
  return first.map(({ sighting, asks }) => {
    const read = asks === undefined ? undefined : workloads.get(asks.applied.elsewhere)
    return asks === undefined || read === undefined ? sighting : asks.judge(read)
  })
}

interface Glance {
  readonly sighting: Sighting
  /** Of what was applied, and what it shows once that was read. */
  readonly asks?: { readonly applied: Applied; judge(read: Workloads): Sighting }
}

function glanceAt(expected: ExpectedDelivery, family: FamilyRead | Unseen): Glance {
  if (!isRead(family)) return { sighting: asUnknown(family) }
  const closely = expected.closely === true
  const sighting = family.judge(expected)
  if (!asksForWorkloads(sighting, closely)) return { sighting }
  const applied = family.applied(expected)
  if (applied.objects.length === 0) return { sighting }
  const judge = (read: Workloads) => {
    const closer = family.judge(expected, read)
    return closely ? notCredited(closer, unreadOf(applied.objects, read)) : closer
  }
  return { sighting, asks: { applied, judge } }
}

/** Each cluster that they are in is asked once. */
async function workloadsByPlace(
  applied: readonly Applied[],
  readIn: ReadIn,
): Promise<ReadonlyMap<string | undefined, Workloads>> {
  const places = [...Map.groupBy(applied, ({ elsewhere }) => elsewhere)]
  const read = places.map(async ([called, there]) => {
    const objects = there.flatMap((one) => one.objects)
    return [called, await (readIn(called) ?? readNowhere(called))(objects)] as const
  })
  return new Map(await Promise.all(read))
}

const readNowhere =
  (called = ''): ReadApplied =>
  async (objects) =>
    notRead(objects, {
      reason: 'cluster.not-configured',
      detail: `they are in ${called}, which no cluster of the settings has as its server or in knownAs`,
    })

/** A controller goes on calling well what has crashed since it looked: where nobody else could look, that is no health (T45). */
function notCredited(sighting: Sighting, unread: string | undefined): Sighting {
  if (unread === undefined) return sighting
  if (sighting.is === 'healthy') return { is: 'unknown', reason: 'cluster.pods-unread', detail: unread }
  return sighting.is === 'progressing' ? { ...sighting, isUnseen: true } : sighting
}

/** What is at rest is called well, and checked again at every interval: no reason to read the pods of thousands. */
const asksForWorkloads = (sighting: Sighting, closely: boolean): boolean => {
  if (sighting.is === 'unknown') return sighting.reason === 'flux.not-health-checked'
  const isAtRest = sighting.is === 'healthy' || (sighting.is === 'progressing' && sighting.reason === 'flux.rechecking')
  return isAtRest ? closely : sighting.is !== 'waiting'
}

/** What one request that was made in vain says of the whole cluster. */
const isOutOfReach = ({ reason }: Unseen): boolean => reason === 'cluster.unreachable' || reason === 'cluster.timeout'

const isLossOfSight = ({ reason }: Unseen): boolean =>
  reason !== 'cluster.refused' && reason !== 'cluster.not-installed'

const asUnknown = ({ reason, detail }: Unseen): Sighting => ({ is: 'unknown', reason, detail })
