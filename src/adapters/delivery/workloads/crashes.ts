import { timeOf } from '../kube-object.ts'
import type { Pod, Workload } from './workload.ts'

export interface Crashes {
  /** A container is down and is to be started again. */
  readonly now: boolean
  /** When a container ended last, in milliseconds. */
  readonly last: number | undefined
}

/**
 * What its pods tell of containers that ended. Those of a Job are to end; every other one is to run for good, so whatever
 * ended there was down, with whatever exit code. Pods that are being deleted end as they should.
 */
export function crashesOf({ kind }: Workload, pods: readonly Pod[]): Crashes {
  if (kind === 'Job') return { now: false, last: undefined }
  const running = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const containers = running.flatMap(({ status }) => status.containerStatuses)
  const all = [...containers, ...running.flatMap(({ status }) => status.initContainerStatuses)]
  const ends = containers.flatMap(({ state, lastState }) => [state.terminated, lastState.terminated])
  const times = ends.flatMap((ended) => timeOf(ended?.finishedAt) ?? [])
  return {
    now:
      containers.some(({ state }) => state.terminated !== undefined) ||
      all.some(({ state }) => state.waiting?.reason === 'CrashLoopBackOff'),
    last: times.length === 0 ? undefined : Math.max(...times),
  }
}
