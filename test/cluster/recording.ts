import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { ExpectedDelivery } from '../../src/ports/delivery.ts'
import type { Kube, KubeObject, Named } from './rig/kube.ts'

/** What the lists of a cluster held at one time, by collection. */
export type Lists = Readonly<Record<string, readonly KubeObject[]>>

type Kinds = Readonly<Record<string, Omit<Named, 'name'>>>

const betweenLooks = 300

/** Keeps every state of an application's objects until it is stopped, and writes them to a file then. */
export function record(kube: Kube, file: string, { expected, kinds, source }: Asked): { stop(): Promise<void> } {
  const steps: Step[] = []
  const stopping = new AbortController()
  const look = async () => {
    const lists = await listAll(kube, kinds)
    if (withoutTimes(steps.at(-1)?.lists) !== withoutTimes(lists)) steps.push({ at: new Date().toISOString(), lists })
  }
  const recording = (async () => {
    while (!stopping.signal.aborted) {
      await look()
      await pause(betweenLooks)
    }
  })()
  return {
    stop: async () => {
      stopping.abort()
      await recording
      // What the story waited for last may be newer than the look before.
      await look()
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, `${JSON.stringify({ source, expected, steps: changesOnly(steps) })}\n`)
    },
  }
}

/** Controllers at rest write no more than that they have looked again. */
const withoutTimes = (lists: Lists | undefined): string =>
  JSON.stringify(lists ?? {})
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '""')
    .replaceAll(/"lastReconciledDuration":"[^"]*"|"totalReconciliations":\d+/g, '')

const mostStates = 60

/** Every state, whatever today's judge makes of it, but for ever; of each only the collections that changed. */
function changesOnly(steps: readonly Step[]): readonly Step[] {
  const isNew = ({ lists }: Step, index: number, collection: string): boolean =>
    !isDeepStrictEqual(lists[collection], steps[index - 1]?.lists[collection])
  return steps.slice(0, mostStates).map((step, index) => ({
    at: step.at,
    lists: Object.fromEntries(Object.entries(step.lists).filter(([collection]) => isNew(step, index, collection))),
  }))
}

interface Step {
  readonly at: string
  readonly lists: Lists
}

interface Asked {
  readonly expected: ExpectedDelivery
  readonly kinds: Kinds
  readonly source: string
}

/** The collections that Sluice lists for an application in a namespace of its own. */
export function kindsOf(by: 'flux' | 'argo-cd', namespace: string): Kinds {
  const flux = 'flux-system'
  const apps = { apiVersion: 'apps/v1', namespace }
  const delivery: Kinds =
    by === 'flux'
      ? {
          'kustomize.toolkit.fluxcd.io/v1/kustomizations': {
            apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
            kind: 'Kustomization',
            namespace: flux,
          },
          'source.toolkit.fluxcd.io/v1/gitrepositories': {
            apiVersion: 'source.toolkit.fluxcd.io/v1',
            kind: 'GitRepository',
            namespace: flux,
          },
        }
      : {
          'argoproj.io/v1alpha1/applications': {
            apiVersion: 'argoproj.io/v1alpha1',
            kind: 'Application',
            namespace: 'argocd',
          },
          'argoproj.io/v1alpha1/appprojects': {
            apiVersion: 'argoproj.io/v1alpha1',
            kind: 'AppProject',
            namespace: 'argocd',
          },
        }
  return {
    ...delivery,
    'apps/v1/deployments': { ...apps, kind: 'Deployment' },
    'apps/v1/replicasets': { ...apps, kind: 'ReplicaSet' },
    'v1/pods': { apiVersion: 'v1', kind: 'Pod', namespace },
    'v1/events': { apiVersion: 'v1', kind: 'Event', namespace },
  }
}

async function listAll(kube: Kube, kinds: Kinds): Promise<Lists> {
  const listed = Object.entries(kinds).map(async ([collection, kind]) => {
    const objects = await kube.list(kind)
    const ours = objects.filter(({ metadata }) => kind.namespace === namespaceOf(kinds) || isOf(metadata.name, kinds))
    return [collection, ours.filter(isTelling).map(trimmed)] as const
  })
  return Object.fromEntries(await Promise.all(listed))
}

/** Other stories' delivery objects stand in the same namespace. */
const namespaceOf = (kinds: Kinds): string => kinds['v1/pods']?.namespace ?? ''
const isOf = (name: string, kinds: Kinds): boolean => name === namespaceOf(kinds) || name === 'default'
const isTelling = (object: KubeObject): boolean =>
  object['involvedObject'] === undefined || object['reason'] === 'Failed'

/** Without what nobody reads here: field managers, versions, and of what runs its annotations and templates. */
function trimmed(object: KubeObject): KubeObject {
  const { managedFields, resourceVersion, ...metadata } = object.metadata
  const isOfDelivery =
    object['spec']?.sourceRef ?? object['spec']?.source ?? object['spec']?.url ?? object['spec']?.sourceRepos
  if (isOfDelivery !== undefined) return { ...object, metadata } as KubeObject
  const { annotations, ...kept } = metadata
  const trimmed = { ...object, metadata: kept } as KubeObject
  return object['spec'] === undefined ? trimmed : { ...trimmed, spec: { replicas: object['spec'].replicas } }
}
