import { timeOf } from '../kube-object.ts'
import type { KubeEvent } from './workload.ts'

/** Of this very object, whatever had its name before. */
export const eventsOf = (uid: string | undefined, events: readonly KubeEvent[]): readonly KubeEvent[] =>
  events.filter(({ involvedObject }) => uid !== undefined && involvedObject.uid === uid)

/** Events outlive their cause by an hour, so it is the newest that tells what is. One without a time is older than any. */
export const newest = (events: readonly KubeEvent[]): KubeEvent | undefined =>
  events.reduce<KubeEvent | undefined>(
    (last, one) => (last === undefined || at(one) >= at(last) ? one : last),
    undefined,
  )

export const at = ({ series, lastTimestamp, eventTime }: KubeEvent): number =>
  Math.max(...[series?.lastObservedTime, lastTimestamp, eventTime].map((time) => timeOf(time ?? undefined) ?? 0))
