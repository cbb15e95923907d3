import { conditionOf, isTrue } from '../kube-object.ts'
import type { Workload } from './workload.ts'

export interface RolloutState {
  readonly is: 'current' | 'in-progress' | 'over-deadline' | 'failed'
  readonly why: string
  /** What somebody has to do before it goes on: nothing of it is a failure. */
  readonly leftToPeople?: string
}

const current: RolloutState = { is: 'current', why: '' }
const inProgress = (why: string): RolloutState => ({ is: 'in-progress', why })

/**
 * Whether a workload is rolled out, by the rules of kstatus (sigs.k8s.io/cli-utils/pkg/kstatus/status/core.go), which
 * Flux judges by, but that it calls both of these Failed: `over-deadline` may heal, since Kubernetes goes on trying
 * (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment); `failed` does not heal by
 * itself; and that it waits for all pods of a DaemonSet by OnDelete, which Argo CD does not, and of such a StatefulSet
 * neither does (gitops-engine `pkg/health/health_daemonset.go`). A workload without a status is in progress, never current.
 */
export function rolloutState(workload: Workload): RolloutState {
  const { metadata, status } = workload
  if (metadata.deletionTimestamp !== undefined) return inProgress('it is being deleted')
  if (status === undefined) return inProgress('its controller has not looked at it yet')
  if (workload.kind !== 'Job' && (status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    return inProgress('its controller has not looked at the newest spec yet')
  return byKind[workload.kind](workload, status)
}

type Status = NonNullable<Workload['status']>
type Judge = (workload: Workload, status: Status) => RolloutState

const byKind: Readonly<Record<Workload['kind'], Judge>> = {
  Deployment: deploymentState,
  StatefulSet: statefulSetState,
  DaemonSet: daemonSetState,
  Job: jobState,
  Rollout: argoRolloutState,
}

function deploymentState({ spec }: Workload, status: Status): RolloutState {
  const progressing = conditionOf(status.conditions, 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded')
    return { is: 'over-deadline', why: progressing.message || 'its progress deadline is exceeded' }
  const wanted = spec.replicas ?? 1
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, readyReplicas = 0 } = status
  if (updatedReplicas < wanted) {
    const state = inProgress(`${updatedReplicas} of ${wanted} replicas are updated`)
    return spec.paused === true ? { ...state, leftToPeople: 'it is paused; somebody has to resume it' } : state
  }
  if (replicas > updatedReplicas) return inProgress(`${replicas - updatedReplicas} old replicas are still there`)
  if (availableReplicas < wanted) return inProgress(`${availableReplicas} of ${wanted} replicas are available`)
  if (readyReplicas < wanted) return inProgress(`${readyReplicas} of ${wanted} replicas are ready`)
  return current
}

function statefulSetState({ spec }: Workload, status: Status): RolloutState {
  const wanted = spec.replicas ?? 1
  const { readyReplicas = 0, updatedReplicas = 0, currentRevision, updateRevision } = status
  if (readyReplicas < wanted) return inProgress(`${readyReplicas} of ${wanted} replicas are ready`)
  const isUnmoved = currentRevision !== updateRevision && updatedReplicas === 0 && wanted > 0
  if (isOnDelete(spec)) return isUnmoved ? unmoved('it moves once somebody deletes its pods (OnDelete)') : current
  // The API server fills in 0, which is everything. The revision does not move before the last replica has.
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0
  if (partition > 0) {
    if (updatedReplicas < wanted - partition)
      return inProgress(`${updatedReplicas} of ${wanted - partition} replicas beyond its partition are updated`)
    return isUnmoved ? unmoved('its partition holds all of it back until somebody lowers it') : current
  }
  if (currentRevision !== updateRevision) return inProgress('it is still moving to its newest revision')
  return current
}

/** Its pods are ready, and none runs what was applied: whoever takes that for well lets through what never ran. */
const unmoved = (leftToPeople: string): RolloutState => ({ ...inProgress('no pod is updated'), leftToPeople })

/** People move it, by deleting its pods: it is as far as anybody brought it. */
const isOnDelete = ({ updateStrategy }: Workload['spec']): boolean => updateStrategy?.type === 'OnDelete'

function daemonSetState({ spec }: Workload, status: Status): RolloutState {
  const { desiredNumberScheduled: wanted, updatedNumberScheduled = 0, numberReady = 0, numberAvailable = 0 } = status
  if (wanted === undefined) return inProgress('its controller has not counted the nodes yet')
  const updated = `${updatedNumberScheduled} of ${wanted} pods are updated`
  if (updatedNumberScheduled < wanted && !isOnDelete(spec)) return inProgress(updated)
  if (numberAvailable < wanted || numberReady < wanted) return inProgress(`${numberReady} of ${wanted} pods are ready`)
  if (updatedNumberScheduled === wanted) return current
  const leftToPeople = `${updated}; the others follow once somebody deletes them (OnDelete)`
  return updatedNumberScheduled === 0 ? unmoved(leftToPeople) : { ...current, leftToPeople }
}

function jobState({ spec }: Workload, status: Status): RolloutState {
  const failed = conditionOf(status.conditions, 'Failed')
  if (failed?.status === 'True') return { is: 'failed', why: failed.message || 'the job failed' }
  if (isTrue(status.conditions, 'Complete') || spec.suspend === true) return current
  return inProgress('the job is running')
}

/**
 * By what the controller of Argo Rollouts says since 1.0 (`utils/rollout/rolloututil.go`), as Argo CD does. Aborted it
 * stays until somebody tries again or another release comes; over its progress deadline it may heal, like a Deployment.
 */
function argoRolloutState({ metadata }: Workload, status: Status): RolloutState {
  const { phase = '', message = '', conditions, controllerPause, pauseConditions } = status
  const template = Number(metadata.annotations?.['rollout.argoproj.io/workload-generation'])
  if (Number(status.workloadObservedGeneration) < template)
    return inProgress('its controller has not looked at the newest template yet')
  if (controllerPause === true && (pauseConditions?.length ?? 0) === 0) return inProgress('it is being resumed')
  switch (phase) {
    case 'Healthy':
      return current
    case 'Paused':
      return { ...inProgress(message), leftToPeople: `it is paused${message === '' ? '' : `: ${message}`}` }
    case 'Degraded': {
      const isLate = conditionOf(conditions, 'Progressing')?.reason === 'ProgressDeadlineExceeded'
      return { is: isLate ? 'over-deadline' : 'failed', why: message || 'it is degraded' }
    }
    case 'Progressing':
      return inProgress(message || 'it is progressing')
    default:
      return inProgress(phase === '' ? 'it has no phase, as before Argo Rollouts 1.0' : `its phase is ${phase}`)
  }
}
