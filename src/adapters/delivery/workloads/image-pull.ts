import { eventsOf } from './events-of.ts'
import type { KubeEvent, Pod } from './workload.ts'

/** `own`: the registry answered that there is no such image, so the release names a wrong one. */
export type PullProblem = 'own' | 'registry'

const waitingForPull = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'ErrImageNeverPull'])

// containerd and CRI-O pass on what the registry said: https://github.com/opencontainers/distribution-spec (error codes).
const notThere =
  /manifest unknown|MANIFEST_UNKNOWN|NAME_UNKNOWN|NAME_INVALID|\bnot found\b|repository does not exist|no matching manifest|invalid reference/i
// A host that cannot be resolved is "not found" as well, and is no answer of a registry.
const notReached =
  /no such host|connection refused|connection reset|timeout|timed out|deadline exceeded|\b5\d\d\b|TLS handshake|\bEOF\b/i

/**
 * Why a pod waits for an image, where it does. Only an answer of the registry counts against the release; an unreachable,
 * failing or refusing registry, and a cause that nobody tells, count as infrastructure (T65: never a reason to revert).
 */
export function pullProblem(pod: Pod, events: readonly KubeEvent[]): PullProblem | undefined {
  const waiting = [...pod.status.initContainerStatuses, ...pod.status.containerStatuses].flatMap(({ state }) =>
    state.waiting === undefined ? [] : [state.waiting],
  )
  if (waiting.some(({ reason }) => reason === 'InvalidImageName')) return 'own'
  const pulling = waiting.filter(({ reason }) => waitingForPull.has(reason))
  if (pulling.length === 0) return undefined
  const told = [...pulling.map(({ message }) => message), ...failuresOf(pod, events)]
  const answered = told.filter((message) => notThere.test(message) && !notReached.test(message))
  return answered.length > 0 ? 'own' : 'registry'
}

/** `ImagePullBackOff` often says nothing but that it backs off; the event beside it has the cause. */
const failuresOf = (pod: Pod, events: readonly KubeEvent[]): readonly string[] =>
  eventsOf(pod.metadata.uid, events)
    .filter(({ reason }) => reason === 'Failed')
    .map(({ message }) => message)
