import PQueue from 'p-queue'
import type { ReconcileRequest, ReconcileRequests, RequestAnswer } from '../../ports/reconcile-requests.ts'
import { askArgo } from './argo-cd/ask-argo.ts'
import { type ClusterAccess, kubeConfigFor } from './cluster/cluster-access.ts'
import { type ClusterApi, clusterApi, lost, pathOf, refused, textOf } from './cluster/cluster-api.ts'
import type { FindToAnnotate, ToAnnotate } from './cluster/family.ts'
import { type Annotate, annotating } from './cluster/send.ts'
import { askFlux } from './flux/ask-flux.ts'

const families: Readonly<Record<ReconcileRequest['expected']['spec']['type'], FindToAnnotate>> = {
  flux: askFlux,
  'argo-cd': askArgo,
}

interface Asked {
  readonly api: ClusterApi
  readonly annotate: Annotate
}

/** The annotations of Flux and Argo CD, for the clusters whose access says `reconcileRequests`; no other is opened. */
export function kubernetesReconcileRequests(options: {
  readonly clusters: readonly ClusterAccess[]
  /** For each request; 3 s. */
  readonly timeoutMs?: number
  /** After this nothing more is begun; 5 s. */
  readonly patienceMs?: number
}): ReconcileRequests {
  const { timeoutMs = 3_000, patienceMs = 5_000 } = options
  const clusters = new Map(
    options.clusters
      .filter(({ reconcileRequests }) => reconcileRequests === true)
      .map((access): readonly [string, Asked] => {
        const config = kubeConfigFor(access)
        return [access.name, { api: clusterApi(config, { timeoutMs }), annotate: annotating(config) }]
      }),
  )
  return {
    clusters: new Set(clusters.keys()),
    ask: async (requests) => {
      const late = AbortSignal.timeout(patienceMs)
      const annotated = new Set<string>()
      const inTurn = new PQueue({ concurrency: 8 })
      const askOne = async (request: ReconcileRequest): Promise<RequestAnswer> => {
        const { type, cluster: name } = request.expected.spec
        const cluster = clusters.get(name)
        if (cluster === undefined) return { request, is: 'refused', detail: `asking is off for the cluster ${name}` }
        const isLate = { request, is: 'refused', detail: 'others took too long' } as const
        if (late.aborted) return isLate
        const found = await families[type](cluster.api, request)
        if (found.is !== 'found') return { request, is: found.is, detail: found.detail }
        if (late.aborted) return isLate
        const object = `${name} ${found.collection} ${found.namespace}/${found.name}`
        // Many Kustomizations share one GitRepository.
        if (annotated.has(object)) return { request, is: 'asked-before', detail: object }
        annotated.add(object)
        const problem = await annotateOne(cluster, found, timeoutMs)
        return problem === undefined
          ? { request, is: 'asked', detail: object }
          : { request, is: 'refused', detail: problem }
      }
      return await Promise.all(requests.map((request) => inTurn.add(() => askOne(request))))
    },
  }
}

/** What is in the way, where something is. */
async function annotateOne(
  { annotate }: Asked,
  { collection, namespace, name, annotation }: Extract<ToAnnotate, { is: 'found' }>,
  timeoutMs: number,
): Promise<string | undefined> {
  const path = pathOf(collection, namespace, name)
  try {
    const response = await annotate(path, annotation, AbortSignal.timeout(timeoutMs))
    const body = await textOf(response)
    return response.httpStatusCode === 200 ? undefined : refused(response.httpStatusCode, `PATCH ${path}`, body).detail
  } catch (error) {
    return lost(error).detail
  }
}
