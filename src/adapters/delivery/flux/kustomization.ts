import { z } from 'zod'
import type { ObjectRef } from '../../../domain/health.ts'
import { conditionSchema, metadataSchema } from '../kube-object.ts'

const nameSchema = z.object({ name: z.string() })

const healthCheckSchema = z.object({
  // Nothing means apps/v1 (kustomize-controller v1.9 `ReferenceToObjMetadataSet`).
  apiVersion: z.string().default(''),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().default(''),
})

/** What we read of a Kustomization, kustomize.toolkit.fluxcd.io/v1. */
export const kustomizationSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    path: z.string().default(''),
    suspend: z.boolean().default(false),
    wait: z.boolean().default(false),
    healthChecks: z.array(healthCheckSchema).default([]),
    // Without a kind it is for all of its API group (fluxcd/pkg `runtime/cel/status_reader.go`).
    healthCheckExprs: z.array(z.object({ apiVersion: z.string(), kind: z.string().default('') })).default([]),
    ignore: z.array(z.object({ paths: z.array(z.string()).default([]) })).default([]),
    images: z.array(z.unknown()).default([]),
    patches: z.array(z.unknown()).default([]),
    components: z.array(z.unknown()).default([]),
    commonMetadata: metadataSchema.pick({ labels: true, annotations: true }).optional(),
    kubeConfig: z.object({ secretRef: nameSchema.optional(), configMapRef: nameSchema.optional() }).optional(),
    sourceRef: z.object({ kind: z.string(), name: z.string(), namespace: z.string().optional() }),
  }),
  status: z
    .object({
      observedGeneration: z.number().optional(),
      lastAppliedRevision: z.string().optional(),
      lastAttemptedRevision: z.string().optional(),
      conditions: z.array(conditionSchema).default([]),
      inventory: z.object({ entries: z.array(z.object({ id: z.string() })).default([]) }).optional(),
      history: z
        .array(
          z.object({
            firstReconciled: z.string().optional(),
            lastReconciled: z.string().optional(),
            lastReconciledStatus: z.string().optional(),
            metadata: z.record(z.string(), z.string()).optional(),
          }),
        )
        .default([]),
    })
    .default({ conditions: [], history: [] }),
})

/** What we read of a GitRepository, source.toolkit.fluxcd.io/v1. */
export const gitRepositorySchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    url: z.string(),
    suspend: z.boolean().default(false),
    include: z.array(z.unknown()).default([]),
    ref: z
      .object({
        branch: z.string().optional(),
        tag: z.string().optional(),
        semver: z.string().optional(),
        name: z.string().optional(),
        commit: z.string().optional(),
      })
      .default({}),
  }),
  status: z
    .object({
      conditions: z.array(conditionSchema).default([]),
      artifact: z.object({ revision: z.string().optional() }).optional(),
    })
    .default({ conditions: [] }),
})

export type Kustomization = z.infer<typeof kustomizationSchema>
export type GitRepository = z.infer<typeof gitRepositorySchema>

export interface InventoryEntry extends ObjectRef {
  /** Of the API; empty where that is the core one. */
  readonly group: string
}

/** `<namespace>_<name>_<group>_<kind>` (cli-utils `object.ObjMetadata`), where a name's colon is written `__`. */
export function inventoryOf({ status }: Pick<Kustomization, 'status'>): readonly InventoryEntry[] {
  return (status.inventory?.entries ?? []).flatMap(({ id }) => {
    const [, namespace = '', name = '', group = '', kind = ''] = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/.exec(id) ?? []
    if (kind === '') return []
    return [{ group, kind, ...(namespace === '' ? {} : { namespace }), name: name.replaceAll('__', ':') }]
  })
}

/** `namespace/name` of the Secret or ConfigMap that leads to the cluster that it applies to, where that is another one. */
export function elsewhere({ spec, metadata }: Kustomization): { readonly elsewhere?: string } {
  if (spec.kubeConfig === undefined) return {}
  const { secretRef, configMapRef } = spec.kubeConfig
  return { elsewhere: `${metadata.namespace ?? ''}/${(secretRef ?? configMapRef)?.name ?? ''}` }
}
