import { z } from 'zod'

/** The parts of any object that every reader here looks at; what else it carries is kept. */
export const metadataSchema = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  generation: z.number().optional(),
  deletionTimestamp: z.string().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  ownerReferences: z.array(z.object({ kind: z.string(), name: z.string(), uid: z.string() })).optional(),
})

/** Go writes a time that is not set as null. */
export const optionalTime = z.string().nullish()

export const conditionSchema = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
  observedGeneration: z.number().optional(),
  lastTransitionTime: optionalTime,
})

export type Metadata = z.infer<typeof metadataSchema>
export type Condition = z.infer<typeof conditionSchema>

export const conditionOf = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find((condition) => condition.type === type)

export const isTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  conditionOf(conditions, type)?.status === 'True'

/** An object of a cluster as it was listed, not yet looked into. */
export type RawObject = Readonly<Record<string, unknown>>

/** `namespace/name`, or undefined where the object does not even have these. */
export function objectKey(object: unknown): string | undefined {
  const metadata = (object as { readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown } } | null)
    ?.metadata
  return typeof metadata?.name === 'string' ? `${String(metadata.namespace ?? '')}/${metadata.name}` : undefined
}

export const timeOf = (text: string | null | undefined): number | undefined => {
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

/** By `namespace/name`; what has no name cannot be asked for. */
export const byKey = (objects: readonly RawObject[]): ReadonlyMap<string, RawObject> =>
  new Map(
    objects.flatMap((object) => {
      const key = objectKey(object)
      return key === undefined ? [] : [[key, object] as const]
    }),
  )
