import { z } from 'zod'
import type { ObjectRef } from '../../../domain/health.ts'
import { metadataSchema } from '../kube-object.ts'
import { isWorkload, isWorkloadKind } from '../workloads/workload.ts'

const sourceSchema = z.looseObject({
  repoURL: z.string(),
  path: z.string().default(''),
  targetRevision: z.string().default(''),
  /** A name for the files of a Helm chart's values to refer to. */
  ref: z.string().default(''),
  chart: z.string().default(''),
  kustomize: z
    .looseObject({
      images: z.array(z.unknown()).default([]),
      patches: z.array(z.unknown()).default([]),
      components: z.array(z.unknown()).default([]),
    })
    .optional(),
})

const revisions = { revision: z.string().default(''), revisions: z.array(z.string()).default([]) }

const automatedSchema = z.object({
  enabled: z.boolean().default(true),
  prune: z.boolean().default(false),
  selfHeal: z.boolean().default(false),
})

/** What an operation was told to do. */
const operationSchema = z.object({
  dryRun: z.boolean().default(false),
  /** Where only some resources are meant; hooks do not run then. */
  resources: z.array(z.unknown()).nullish(),
  /** Which one of its attempts to heal the same commit it is. */
  autoHealAttemptsCount: z.number().default(0),
})

/** What we read of an Application, argoproj.io/v1alpha1. */
export const applicationSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    project: z.string().default('default'),
    source: sourceSchema.optional(),
    sources: z.array(sourceSchema).default([]),
    sourceHydrator: z.unknown().optional(),
    destination: z.looseObject({
      server: z.string().optional(),
      name: z.string().optional(),
      namespace: z.string().optional(),
    }),
    ignoreDifferences: z
      .array(
        z.looseObject({
          jsonPointers: z.array(z.string()).default([]),
          jqPathExpressions: z.array(z.string()).default([]),
        }),
      )
      .nullish(),
    syncPolicy: z.object({ automated: automatedSchema.nullish() }).default({}),
  }),
  operation: z.unknown().optional(),
  status: z
    .object({
      controllerNamespace: z.string().default(''),
      /** `appTree` where the health of resources is not written down here, as by default since 3.0. */
      resourceHealthSource: z.string().default(''),
      sync: z
        .object({
          status: z.string().default(''),
          ...revisions,
          comparedTo: z
            .object({ source: z.unknown(), sources: z.unknown(), destination: z.unknown() })
            .partial()
            .optional(),
        })
        .optional(),
      health: z
        .object({
          status: z.string().default(''),
          message: z.string().default(''),
          lastTransitionTime: z.string().optional(),
        })
        .default({ status: '', message: '' }),
      reconciledAt: z.string().optional(),
      sourceType: z.string().default(''),
      sourceTypes: z.array(z.string()).default([]),
      operationState: z
        .object({
          phase: z.string().default(''),
          message: z.string().default(''),
          startedAt: z.string().optional(),
          finishedAt: z.string().optional(),
          operation: z.object({ sync: operationSchema.optional() }).optional(),
          syncResult: z
            .object({
              ...revisions,
              resources: z
                .array(
                  z.object({
                    group: z.string().default(''),
                    kind: z.string(),
                    namespace: z.string().optional(),
                    name: z.string(),
                    status: z.string().optional(),
                    message: z.string().default(''),
                    /** Of hooks only, unlike their phase. */
                    hookType: z.string().default(''),
                    hookPhase: z.string().optional(),
                  }),
                )
                .default([]),
            })
            .optional(),
        })
        .optional(),
      conditions: z.array(z.object({ type: z.string(), message: z.string().default('') })).default([]),
      resources: z
        .array(
          z.object({
            group: z.string().default(''),
            kind: z.string(),
            namespace: z.string().optional(),
            name: z.string(),
            status: z.string().default(''),
            requiresPruning: z.boolean().default(false),
            hook: z.boolean().default(false),
            health: z.object({ status: z.string().optional(), message: z.string().optional() }).optional(),
          }),
        )
        .default([]),
      history: z
        .array(z.object({ ...revisions, source: z.unknown().optional(), sources: z.unknown().optional() }))
        .default([]),
    })
    .default({
      controllerNamespace: '',
      resourceHealthSource: '',
      health: { status: '', message: '' },
      sourceType: '',
      sourceTypes: [],
      conditions: [],
      resources: [],
      history: [],
    }),
})

export type Application = z.infer<typeof applicationSchema>
export type OperationState = NonNullable<Application['status']['operationState']>
export type ApplicationSource = z.infer<typeof sourceSchema>

export const sourcesOf = ({ spec }: Application): readonly ApplicationSource[] =>
  spec.sources.length > 0 ? spec.sources : spec.source === undefined ? [] : [spec.source]

/**
 * What runs, and the hooks that a sync waits for. Hooks of a sync that ended are no part of what runs, and may lie there
 * until the next one.
 */
export function appliedObjects({ status: { resources, operationState } }: Application): readonly ObjectRef[] {
  const synced = operationState?.finishedAt === undefined ? (operationState?.syncResult?.resources ?? []) : []
  const hooks = synced.filter(({ hookType, hookPhase }) => hookType !== '' && hookPhase === 'Running')
  return [...resources.filter(({ hook }) => !hook), ...hooks].filter(isWhatItSeems).map(refOf)
}

/** Another API may have a kind of the same name as one that is looked into. */
const isWhatItSeems = (resource: { readonly group: string; readonly kind: string }): boolean =>
  !isWorkloadKind(resource.kind) || isWorkload(resource)

/** The Applications that it renders, as an app of apps does; not those that Git no longer holds. */
export const renderedBy = ({ status: { resources } }: Application) =>
  resources.filter((resource) => isApplication(resource) && !resource.hook && !resource.requiresPruning)

export const isApplication = ({ group, kind }: Application['status']['resources'][number]): boolean =>
  group === 'argoproj.io' && kind === 'Application'

/** Argo CD's own cluster by its address, and by the name that it has by default (`KubernetesInternalAPIServerAddr`). */
const ownCluster = ['https://kubernetes.default.svc', 'in-cluster']

/** The address or name of its destination, where that is not the cluster that Argo CD itself runs in. */
export function elsewhere({ spec }: Application): { readonly elsewhere?: string } {
  const called = spec.destination.server || spec.destination.name || ''
  return called === '' || ownCluster.includes(called) ? {} : { elsewhere: called }
}

/** Undefined where people sync it. */
export function automationOf({ spec }: Application) {
  const automated = spec.syncPolicy.automated ?? undefined
  return automated?.enabled === true ? automated : undefined
}

export const refOf = ({
  kind,
  namespace,
  name,
}: {
  kind: string
  namespace?: string | undefined
  name: string
}): ObjectRef => ({
  kind,
  ...(namespace === undefined || namespace === '' ? {} : { namespace }),
  name,
})
