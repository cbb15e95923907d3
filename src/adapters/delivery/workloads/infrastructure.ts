import { conditionOf, isTrue } from '../kube-object.ts'
import { at, eventsOf, newest } from './events-of.ts'
import { pullProblem } from './image-pull.ts'
import { podsOf } from './pods-of.ts'
import { isAlive, lacksUntoldPods, refusalOf, refusedByInfrastructure } from './refused-pods.ts'
import { unreadList } from './unread.ts'
import { eventCollection, type KubeEvent, type Pod, type Workload, type Workloads } from './workload.ts'

/**
 * Where the machine park holds a workload back, and not what it runs: in which words. Each pod that is not ready, and
 * each that could not be made, must have such a cause: a crash beside them is the release's (T44, T65).
 */
export function infrastructureOf(workload: Workload, read: Workloads): string | undefined {
  const refusal = refusalOf(workload, read)
  const causes = [
    ...(refusal === undefined ? untold(workload, read) : [refusedByInfrastructure(refusal)]),
    ...unreadyPodsOf(workload, read).map((pod) => causeOf(pod, read)),
  ]
  return causes.length > 0 && causes.every((cause) => cause !== undefined) ? causes[0] : undefined
}

/** Pods are missing, and where it would stand why, nobody can look. */
function untold(workload: Workload, read: Workloads): readonly string[] {
  const hidden = unreadList(read, workload.metadata.namespace, eventCollection)
  return hidden !== undefined && lacksUntoldPods(workload, read) ? [hidden] : []
}

/** Those that people or controllers take away end as they should; those of a Job that failed are why it did. */
function unreadyPodsOf(workload: Workload, read: Workloads): readonly Pod[] {
  const pods = podsOf(workload, read)
  const unready = pods.filter((pod) => !isTrue(pod.status.conditions, 'Ready'))
  // On a node that is gone they stay for days, and excuse nothing once others have their place.
  const isComplete = pods.filter(isAlive).length >= wantedPods(workload)
  return workload.kind === 'Job'
    ? unready.filter(({ status }) => status.phase !== 'Succeeded')
    : unready.filter((pod) => isAlive(pod) || (isDisrupted(pod) && !isComplete))
}

const wantedPods = ({ spec, status }: Workload): number => spec.replicas ?? status?.desiredNumberScheduled ?? 1

function causeOf(pod: Pod, { events }: Workloads): string | undefined {
  if (pullProblem(pod, events) === 'registry') return 'image pull: the registry does not serve the image'
  const scheduled = conditionOf(pod.status.conditions, 'PodScheduled')
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') return 'pods cannot be scheduled'
  if (isDisrupted(pod) || isOnLostNode(pod)) return 'the node of a pod is lost'
  return hasNoSandbox(pod, events) ? 'a node cannot start pods' : undefined
}

// Not `TerminationByKubelet`: a release that fills the node up is thrown out by that name as well.
const disruptions = ['DeletionByTaintManager', 'DeletionByPodGC', 'PreemptionByScheduler', 'EvictionByEvictionAPI']

/** https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions */
function isDisrupted({ status }: Pod): boolean {
  const target = conditionOf(status.conditions, 'DisruptionTarget')
  const crashes = status.containerStatuses.some(({ state }) => state.waiting?.reason === 'CrashLoopBackOff')
  return target?.status === 'True' && disruptions.includes(target.reason) && !crashes
}

/**
 * For five minutes before such a pod is taken away its Ready is set to False from outside, and nothing else of it
 * (kubernetes `pkg/controller/util/node`, `MarkPodsNotReady`); the kubelet itself names a reason.
 */
function isOnLostNode({ status: { conditions } }: Pod): boolean {
  const ready = conditionOf(conditions, 'Ready')
  return ready?.status === 'False' && ready.reason === '' && isTrue(conditions, 'ContainersReady')
}

/** What the kubelet says of a pod on its way, from the sandbox (its network, its address) on. */
const noSandbox = 'FailedCreatePodSandBox'
const onItsWay = ['FailedMount', 'Pulling', 'Pulled', 'Failed', 'Created', 'Started', 'BackOff']

/** The node cannot give the pod its network, and did not get any further since; nothing has run in it. */
function hasNoSandbox({ metadata, status }: Pod, events: readonly KubeEvent[]): boolean {
  const containers = [...status.containerStatuses, ...status.initContainerStatuses]
  const hasBegun = containers.some(
    ({ state, lastState }) =>
      !['ContainerCreating', 'PodInitializing'].includes(state.waiting?.reason ?? '') ||
      lastState.terminated !== undefined,
  )
  if (hasBegun || isTrue(status.conditions, 'PodReadyToStartContainers')) return false
  const own = eventsOf(metadata.uid, events)
  const last = newest(own.filter(({ reason }) => reason === noSandbox))
  const next = newest(own.filter(({ reason }) => onItsWay.includes(reason)))
  return last !== undefined && (next === undefined || at(last) > at(next))
}
