import { conditionOf } from '../kube-object.ts'
import { pullProblem } from './image-pull.ts'
import { podsOf } from './pods-of.ts'
import type { Pod, Workload, Workloads } from './workload.ts'

/** Where the machine park holds a workload back, and not what it runs: in which words. */
export function infrastructureOf(workload: Workload, read: Workloads): string | undefined {
  const unready = podsOf(workload, read).filter((pod) => conditionOf(pod.status.conditions, 'Ready')?.status !== 'True')
  const causes = unready.map((pod) => causeOf(pod, read))
  return causes.length > 0 && causes.every((cause) => cause !== undefined) ? causes[0] : undefined
}

function causeOf(pod: Pod, { events }: Workloads): string | undefined {
  if (pullProblem(pod, events) === 'registry') return 'image pull: the registry does not serve the image'
  const scheduled = conditionOf(pod.status.conditions, 'PodScheduled')
  return scheduled?.status === 'False' && scheduled.reason === 'Unschedulable' ? 'pods cannot be scheduled' : undefined
}
