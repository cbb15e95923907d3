import type { Kube, KubeObject } from './rig/kube.ts'

/** As if a table were dropped that a release needs: pods that ran well begin to crash. KWOK leaves running pods alone. */
export async function crashPods(kube: Kube, namespace: string, digest: string): Promise<void> {
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace })
  for (const pod of pods.filter((one) => containersOf(one).some(({ image }) => image.endsWith(`@${digest}`)))) {
    const { name } = pod.metadata
    await kube.patch({ apiVersion: 'v1', kind: 'Pod', namespace, name }, { status: crashing(pod) }, 'status')
  }
}

const containersOf = ({ spec }: KubeObject): readonly { readonly image: string }[] => spec.containers

function crashing({ status }: KubeObject) {
  const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' }
  return {
    containerStatuses: status.containerStatuses.map((one: object) => ({ ...one, ready: false, state: { waiting } })),
    conditions: status.conditions.map((one: { readonly type: string }) =>
      ['Ready', 'ContainersReady'].includes(one.type) ? { ...one, status: 'False' } : one,
    ),
  }
}
