import type { World } from './controller.ts'
import type { KubeObject } from './kube-object.ts'

interface Spec {
  readonly project?: string
  readonly syncPolicy?: {
    readonly automated?: { readonly enabled?: boolean; readonly prune?: boolean; readonly selfHeal?: boolean }
  }
}

/**
 * Whether Argo CD begins a sync by itself (`appcontroller.go`, `autoSync`): automated, no window in the way, more to do than
 * what it may not prune; and this commit was not tried in vain before, nor brought, unless it heals itself.
 */
export function syncsByItself(
  world: World,
  application: KubeObject,
  compared: { readonly revision: string; readonly differs: boolean; readonly surplus: readonly KubeObject[] },
): boolean {
  const automated = automatedOf(application)
  const hasWork = compared.differs || (compared.surplus.length > 0 && prunes(application))
  if (automated === undefined || automated.enabled === false || !hasWork) return false
  if (hasClosedWindow(world, application)) return false
  const last = application.status?.operationState as { phase: string; syncResult?: { revision: string } } | undefined
  if (last?.syncResult?.revision !== compared.revision) return true
  return last.phase === 'Succeeded' && automated.selfHeal === true
}

export const prunes = (application: KubeObject): boolean => automatedOf(application)?.prune === true

const automatedOf = ({ spec }: KubeObject) => (spec as Spec).syncPolicy?.automated

/** Windows here are always open or always closed: `syncWindow(true)` adds a deny window without an end. */
function hasClosedWindow({ store }: World, { metadata, spec }: KubeObject): boolean {
  const { project: name = 'default' } = spec as Spec
  const project = store.get({
    collection: 'argoproj.io/v1alpha1/appprojects',
    namespace: metadata.namespace ?? '',
    name,
  })
  const windows = (project?.spec?.syncWindows as readonly { kind: string }[] | undefined) ?? []
  return windows.some(({ kind }) => kind === 'deny')
}
