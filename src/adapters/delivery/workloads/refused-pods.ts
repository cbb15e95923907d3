import { conditionOf } from '../kube-object.ts'
import { at, eventsOf, newest } from './events-of.ts'
import { infrastructureIn } from './message-causes.ts'
import { podsOf, replicaSetsOf } from './pods-of.ts'
import type { Pod, Workload, Workloads } from './workload.ts'

const failed = 'FailedCreate'
const created = 'SuccessfulCreate'

/**
 * Why no pod of a workload can be made, in the API's words, where none can be now. ReplicaSets say it in a condition, but
 * only the first reason of all that follow one another (kubernetes `pkg/controller/replicaset/replica_set_utils.go`);
 * the others say it in events alone, and where a pod was made since, or none is missing, that is over.
 */
export function refusalOf(workload: Workload, read: Workloads): string | undefined {
  const makers = [workload, ...replicaSetsOf(workload, read)]
  const failure = makers
    .map(({ status }) => conditionOf(status?.conditions, 'ReplicaFailure'))
    .find((condition) => condition?.status === 'True' && condition.reason === failed)
  const events = makers.flatMap(({ metadata }) => eventsOf(metadata.uid, read.events))
  const last = newest(events.filter(({ reason }) => reason === failed))
  if (failure !== undefined) return last?.message ?? failure.message
  const made = newest(events.filter(({ reason }) => reason === created))
  const isOver = last === undefined || (made !== undefined && at(made) > at(last))
  return isOver || !lacksUntoldPods(workload, read) ? undefined : last.message
}

/** Whether pods are missing, of a kind whose conditions do not tell why. */
export function lacksUntoldPods(workload: Workload, read: Workloads): boolean {
  const pods = podsOf(workload, read)
  switch (workload.kind) {
    case 'StatefulSet':
      return pods.filter(isAlive).length < (workload.spec.replicas ?? 1)
    case 'DaemonSet':
      return pods.filter(isAlive).length < (workload.status?.desiredNumberScheduled ?? 0)
    case 'Job':
      return pods.every(({ status }) => status.phase === 'Succeeded')
    case 'Deployment':
    case 'Rollout':
      return false
  }
}

/** It takes the place of one of the pods that are wanted. */
export const isAlive = ({ metadata, status: { phase = '' } }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && !['Failed', 'Succeeded'].includes(phase)

/** Without whose words they are and the name of a pod that is new at each try: reports are cut. */
export const shortly = (refusal: string): string =>
  refusal.replace(
    /^(\(combined from similar events\): )?(Error creating: |.* failed error: )?(pods "[^"]*" is forbidden: )?/,
    '',
  )

/** What a policy denies, whatever it names as its reason, is for the release to mend. */
export const refusedByInfrastructure = (refusal: string): string | undefined =>
  /denied (?:the )?request/.test(refusal) ? undefined : infrastructureIn(refusal)
