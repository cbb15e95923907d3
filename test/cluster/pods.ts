import type { Kube, KubeObject } from './rig/kube.ts'

const pods = { apiVersion: 'v1', kind: 'Pod' } as const

/** The pods of an app, by the label that its Deployment gives them. */
export async function podsOf(kube: Kube, namespace: string, app: string): Promise<readonly KubeObject[]> {
  const all = await kube.list({ ...pods, namespace })
  return all.filter(({ metadata }) => metadata.labels?.['app'] === app && metadata['deletionTimestamp'] === undefined)
}

/** New pods take their place. */
export async function restart(kube: Kube, namespace: string, app: string): Promise<void> {
  for (const { metadata } of await podsOf(kube, namespace, app))
    await kube.remove({ ...pods, namespace, name: metadata.name })
}

export const isReady = ({ status }: KubeObject): boolean =>
  status?.conditions?.some(({ type, status: is }: Condition) => type === 'Ready' && is === 'True') === true

interface Condition {
  readonly type: string
  readonly status: string
}
