import type { World } from './controller.ts'
import type { KubeObject } from './kube-object.ts'
import { keyOf } from './object-store.ts'

const flux = 'reconcile.fluxcd.io/requestedAt'
const argo = 'argocd.argoproj.io/refresh'

/** Flux looks at once when the value is another one (fluxcd/pkg `runtime/predicates`, `ReconcileRequestedPredicate`). */
export const fluxRequest = (object: KubeObject): string => object.metadata.annotations?.[flux] ?? ''

/** The end of a round says which request it has seen. */
export const handledRequest = (object: KubeObject): { readonly lastHandledReconcileAt?: string } =>
  fluxRequest(object) === '' ? {} : { lastHandledReconcileAt: fluxRequest(object) }

/** Argo CD looks at once while the annotation is there (`appcontroller.go`, `needRefreshAppStatus`). */
export const isRefreshAsked = ({ metadata: { annotations = {} } }: KubeObject): boolean =>
  annotations[argo] !== undefined

/** And takes it away with what it found (`persistAppStatus`); one that came during the round is for the next. */
export function takeRefreshAway({ store }: World, application: KubeObject): void {
  const live = store.get(keyOf(application))
  if (live === undefined || !isRefreshAsked(application)) return
  const { [argo]: _, ...annotations } = live.metadata.annotations ?? {}
  store.put({ ...live, metadata: { ...live.metadata, annotations } })
}
