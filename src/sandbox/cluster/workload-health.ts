import { conditionsOf, type KubeObject } from './kube-object.ts'

export type WorkloadHealth = 'Current' | 'InProgress' | 'Failed'

/** kstatus (sigs.k8s.io/cli-utils/pkg/kstatus) for the kinds whose controllers this cluster plays; others are Current. */
export function workloadHealth(object: KubeObject): WorkloadHealth {
  const status = object.status ?? {}
  const workload = ['Deployment', 'StatefulSet', 'DaemonSet'].includes(object.kind)
  if (workload && Number(status.observedGeneration ?? 0) < Number(object.metadata.generation ?? 0)) return 'InProgress'
  if (object.kind === 'Deployment') return deploymentHealth(object)
  if (object.kind === 'StatefulSet') return enough(status.readyReplicas, object.spec?.replicas ?? 1)
  if (object.kind === 'DaemonSet') return enough(status.numberReady, status.desiredNumberScheduled)
  if (object.kind === 'Job') return jobHealth(object)
  return 'Current'
}

function deploymentHealth(deployment: KubeObject): WorkloadHealth {
  const conditions = conditionsOf(deployment)
  if (conditions.some(({ reason }) => reason === 'ProgressDeadlineExceeded')) return 'Failed'
  const {
    replicas = 0,
    updatedReplicas = 0,
    availableReplicas = 0,
    readyReplicas = 0,
  } = deployment.status as Record<string, number>
  const wanted = Number(deployment.spec?.replicas ?? 1)
  const settled = [replicas, updatedReplicas, availableReplicas, readyReplicas].every((count) => count === wanted)
  return settled ? 'Current' : 'InProgress'
}

function jobHealth(job: KubeObject): WorkloadHealth {
  const is = (type: string) => conditionsOf(job).some((one) => one.type === type && one.status === 'True')
  if (is('Failed')) return 'Failed'
  return is('Complete') ? 'Current' : 'InProgress'
}

const enough = (count: unknown, wanted: unknown): WorkloadHealth =>
  Number(count ?? 0) >= Number(wanted ?? 1) ? 'Current' : 'InProgress'
