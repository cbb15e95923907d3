/** One delivery object that must be healthy for a slot, with `{application}` already filled in. */
export type DeliverySpec =
  | { readonly type: 'flux'; readonly cluster: string; readonly namespace: string; readonly name: string }
  | { readonly type: 'argo-cd'; readonly cluster: string; readonly namespace: string; readonly name: string }
  | { readonly type: 'none' }

/** Names the object for people and as a map key: `flux staging flux-system/api-staging`. */
export const deliveryName = (spec: DeliverySpec): string =>
  spec.type === 'none' ? 'none' : `${spec.type} ${spec.cluster} ${spec.namespace}/${spec.name}`
