import { z } from 'zod'
import type { SluiceFiles } from '../../gates/gate.ts'
import { strictObject } from '../../gates/strict-object.ts'
import { type GateSpec, type GateType, gates } from '../../gates/table.ts'

/** Names of the implied gates, which no written gate may take. */
export const impliedNames = ['state', 'forge'] as const

// Commands carry it in double quotes without escapes, so it holds nothing that would end or break them.
const gateName = () =>
  z
    .string()
    .max(60)
    .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]*$/, { error: 'letters, digits, spaces, dots, hyphens and underscores' })
    .refine((text) => !impliedNames.some((implied) => implied === text), {
      error: `another name than ${impliedNames.join(' and ')}, which Sluice gives to gates of its own`,
    })

const kinds = ['promotion', 'edit'] as const

const neverRollback = 'promotion, edit; a revert never waits for a gate of this type'

const binds = (mayBindRollback: boolean) =>
  z
    .array(mayBindRollback ? z.enum([...kinds, 'rollback']) : z.enum(kinds, { error: neverRollback }))
    .min(1)
    .default([...kinds])

/** A gate of an environment. */
export const environmentGate = (files: SluiceFiles): z.ZodType<GateSpec> => anyGate<GateSpec>(files, {})

export type ApplicationGate = GateSpec & { readonly environments?: readonly string[] }

/** A gate that an application adds, perhaps in some environments only. */
export const applicationGate = (files: SluiceFiles, environments: z.ZodType): z.ZodType<ApplicationGate> =>
  anyGate<ApplicationGate>(files, { environments })

/** One of those that the table holds, with its own settings and `more`. */
const anyGate = <Spec extends GateSpec>(files: SluiceFiles, more: z.ZodRawShape): z.ZodType<Spec> =>
  // The table types each gate's settings (`SettingsShape`); a union that is built by looping over it cannot carry them to here.
  z.discriminatedUnion('type', gateObjects(files, more)) as unknown as z.ZodType<Spec>

type GateObject = z.ZodObject<{ readonly type: z.ZodLiteral<string> }, z.core.$strict>

function gateObjects(files: SluiceFiles, more: z.ZodRawShape): [GateObject, ...GateObject[]] {
  const [first, ...rest] = configurableTypes().map((type) => gateObject(type, files, more))
  if (first === undefined) throw new TypeError('the table holds no gate that a manifest may write')
  return [first, ...rest]
}

const gateObject = (type: GateType, files: SluiceFiles, more: z.ZodRawShape): GateObject =>
  strictObject({
    name: gateName(),
    type: z.literal(type),
    binds: binds(gates[type].mayBindRollback),
    ...gates[type].settings?.(files),
    ...more,
  })

/** The types that a manifest may write, in the table's order. */
export const configurableTypes = (): readonly GateType[] =>
  Object.keys(gates).filter(
    (type): type is GateType => Object.hasOwn(gates, type) && gates[type as GateType].settings !== null,
  )
