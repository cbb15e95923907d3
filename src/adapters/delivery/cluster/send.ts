import {
  HttpMethod,
  IsomorphicFetchHttpLibrary,
  type KubeConfig,
  RequestContext,
  type ResponseContext,
} from '@kubernetes/client-node'

export type Query = Readonly<Record<string, string>>
export type Read = (path: string, query: Query, signal: AbortSignal) => Promise<ResponseContext>

/** The only way in which health is looked at: it cannot write. */
export function reading(config: KubeConfig): Read {
  const send = sender(config)
  return (path, query, signal) => send(`${path}?${new URLSearchParams(query)}`, HttpMethod.GET, signal)
}

/** The annotation by which each family is asked to look, and what it takes. */
export type RequestAnnotation =
  | { readonly key: 'reconcile.fluxcd.io/requestedAt'; readonly value: string }
  | { readonly key: 'argocd.argoproj.io/refresh'; readonly value: 'normal' }

export type Annotate = (path: string, annotation: RequestAnnotation, signal: AbortSignal) => Promise<ResponseContext>

/** The only way in which anything of a cluster is changed: one annotation of an object that is there (I10). */
export function annotating(config: KubeConfig): Annotate {
  const send = sender(config)
  return (path, { key, value }, signal) =>
    send(`${path}?fieldManager=sluice`, HttpMethod.PATCH, signal, { metadata: { annotations: { [key]: value } } })
}

type Send = (path: string, method: HttpMethod, signal: AbortSignal, mergePatch?: object) => Promise<ResponseContext>

/** Requests through client-node for its credentials and TLS alone: its typed lists drop what they do not know. */
function sender(config: KubeConfig): Send {
  const http = new IsomorphicFetchHttpLibrary()
  const server = config.getCurrentCluster()?.server ?? ''
  let dispatcher: ReturnType<RequestContext['getDispatcher']>
  return async (path, method, signal, mergePatch) => {
    const request = new RequestContext(server + path, method)
    await config.applySecurityAuthentication(request)
    // It would open a pool of connections for each request.
    dispatcher ??= request.getDispatcher()
    if (dispatcher !== undefined) request.setDispatcher(dispatcher)
    request.setHeaderParam('Accept', 'application/json')
    if (mergePatch !== undefined) {
      request.setHeaderParam('Content-Type', 'application/merge-patch+json')
      request.setBody(JSON.stringify(mergePatch))
    }
    request.setSignal(signal)
    return await http.send(request).toPromise()
  }
}
