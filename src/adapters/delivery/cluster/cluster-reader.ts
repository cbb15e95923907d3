import type { Sighting } from '../../../domain/health.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { Delivery, DeliveryReading, ExpectedDelivery } from '../../../ports/delivery.ts'
import { applications, readArgo } from '../argo-cd/read-argo.ts'
import { kustomizations, readFlux } from '../flux/read-flux.ts'
import { unreadOf } from '../workloads/unread.ts'
import { podCollection, replicaSetCollection, workloadCollections } from '../workloads/workload.ts'
import { backOff } from './back-off.ts'
import type { ClusterApi } from './cluster-api.ts'
import { type FamilyRead, isRead, type ReadFamily } from './family.ts'
import { readWorkloads } from './read-workloads.ts'
import type { Unseen } from './sight.ts'

type DeliveryType = ExpectedDelivery['spec']['type']

const families: Readonly<Record<DeliveryType, ReadFamily>> = { flux: readFlux, 'argo-cd': readArgo }

/** What tells how the pods of an application fare. */
const behindDelivery = [podCollection, replicaSetCollection, ...Object.values(workloadCollections)]

/** As `Delivery.clusters` says it. */
type Problem = Omit<Awaited<ReturnType<Delivery['clusters']>>[number], 'cluster'>

export interface NamedReading extends DeliveryReading {
  readonly expected: ExpectedDelivery
}

/** Reads of one cluster. While it cannot be seen it is not asked at every call, and every answer is `unknown` (I6). */
export function clusterReader(api: ClusterApi, options: { readonly now: Clock; readonly random: () => number }) {
  const { now, random } = options
  const patience = backOff({ firstMs: 250, mostMs: 10_000, random })
  let lost: { readonly how: Unseen; readonly since: number; readonly until: number } | undefined
  return {
    async read(expected: readonly ExpectedDelivery[]): Promise<readonly NamedReading[]> {
      const at = now()
      const reading = (one: ExpectedDelivery, sighting: Sighting) => ({ expected: one, sighting, readAt: at })
      const out = lost
      // A clock that was set back must not make the wait an hour longer.
      if (out !== undefined && at >= out.since && at < out.until)
        return expected.map((one) => reading(one, asUnknown(out.how)))
      const types = [...new Set(expected.map(({ spec }) => spec.type))]
      const reads = await Promise.all(types.map(async (type) => [type, await families[type](api, at)] as const))
      const away = reads.map(([, read]) => read).find((read) => !isRead(read) && isLossOfSight(read))
      const since = now()
      lost = away === undefined || isRead(away) ? undefined : { how: away, since, until: since + patience.failed() }
      if (lost === undefined) patience.succeeded()
      const sightings = await judgeAll(api, expected, new Map(reads))
      return expected.map((one, index) => reading(one, sightings[index] as Sighting))
    },
    /** What is in the way of reading, in words; nothing where at least one family can be listed, and the workloads. */
    async problem(): Promise<Problem> {
      const answers = await Promise.all([api.peek(kustomizations), api.peek(applications)])
      const unseen = answers.filter((answer) => answer.is === 'unseen')
      const refused = unseen.find(({ reason }) => reason !== 'cluster.not-installed') ?? unseen[answers.length - 1]
      if (refused !== undefined) return { problem: `${refused.reason}: ${refused.detail}` }
      const behind = await Promise.all(behindDelivery.map(async (one) => ({ one, answer: await api.peek(one) })))
      const unread = behind.flatMap(({ one, answer }) =>
        answer.is === 'unseen' ? [`${one}: ${answer.reason}: ${answer.detail}`] : [],
      )
      return unread.length === 0 ? {} : { unread }
    },
  }
}

/** First by the delivery objects alone; where that leaves a question about what they applied, with their workloads. */
async function judgeAll(
  api: ClusterApi,
  expected: readonly ExpectedDelivery[],
  reads: ReadonlyMap<DeliveryType, FamilyRead | Unseen>,
): Promise<readonly Sighting[]> {
  const familyOf = ({ spec }: ExpectedDelivery) => reads.get(spec.type) as FamilyRead | Unseen
  const first = expected.map((one) => {
    const family = familyOf(one)
    return isRead(family) ? family.judge(one) : asUnknown(family)
  })
  const asking = expected.filter(({ closely }, index) => asksForWorkloads(first[index] as Sighting, closely === true))
  const applied = asking.flatMap((one) => {
    const family = familyOf(one)
    return isRead(family) ? family.applied(one) : []
  })
  if (applied.length === 0) return first
  const workloads = await readWorkloads(api, applied)
  return expected.map((one, index) => {
    const family = familyOf(one)
    if (!isRead(family) || !asking.includes(one)) return first[index] as Sighting
    const sighting = family.judge(one, workloads)
    return one.closely === true ? notCredited(sighting, unreadOf(family.applied(one), workloads)) : sighting
  })
}

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

const isLossOfSight = ({ reason }: Unseen): boolean =>
  reason !== 'cluster.refused' && reason !== 'cluster.not-installed'

const asUnknown = ({ reason, detail }: Unseen): Sighting => ({ is: 'unknown', reason, detail })
