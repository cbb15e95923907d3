/** A Kubernetes object as this cluster keeps it: JSON, of any kind. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: Metadata
  spec?: Record<string, unknown>
  status?: Record<string, unknown>
  [field: string]: unknown
}

interface Metadata {
  name: string
  namespace?: string
  uid?: string
  generation?: number
  resourceVersion?: string
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[]
}

export interface Condition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
  observedGeneration?: number
  lastTransitionTime: string
}

/** Which collection an object lives in: `apps/v1/deployments`, `v1/pods`. */
export const collectionOf = (object: Pick<KubeObject, 'apiVersion' | 'kind'>): string =>
  `${object.apiVersion}/${pluralOf(object.kind)}`

/** Plural as Kubernetes forms it for every kind that comes with it: policies, ingresses, pods. */
export function pluralOf(kind: string): string {
  const word = kind.toLowerCase()
  if (word === 'endpoints') return word
  if (/(?:s|x|ch|sh)$/.test(word)) return `${word}es`
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`
}

const clusterWide = new Set([
  'Namespace',
  'Node',
  'PersistentVolume',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'StorageClass',
  'PriorityClass',
  'IngressClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'ClusterPolicy',
])

export const isNamespaced = (kind: string): boolean => !clusterWide.has(kind)

export const ownerOf = (owner: KubeObject) => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid ?? '',
  controller: true,
})

/** The condition list with one of its conditions set; the time of transition moves only when the status does. */
export function withCondition(
  conditions: readonly Condition[],
  next: Omit<Condition, 'lastTransitionTime'>,
  at: string,
): Condition[] {
  const before = conditions.find(({ type }) => type === next.type)
  const lastTransitionTime = before !== undefined && before.status === next.status ? before.lastTransitionTime : at
  return [...conditions.filter(({ type }) => type !== next.type), { ...next, lastTransitionTime }]
}

export const withoutCondition = (conditions: readonly Condition[], type: string): Condition[] =>
  conditions.filter((condition) => condition.type !== type)

export const conditionsOf = (object: KubeObject): readonly Condition[] =>
  (object.status?.conditions as readonly Condition[] | undefined) ?? []
