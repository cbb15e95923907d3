import { z } from 'zod'
import { manifestSchemas } from './manifests.ts'

/** The JSON Schemas of what somebody writes, by file name, for editors (`# yaml-language-server: $schema=…`). */
export function jsonSchemas(): ReadonlyMap<string, unknown> {
  const { Application, Environment, Repository } = manifestSchemas(new Map())
  const any = z.discriminatedUnion('kind', [Application, Environment, Repository])
  return new Map([
    ['application.json', written(Application, 'An Application of Sluice')],
    ['environment.json', written(Environment, 'An Environment of Sluice')],
    ['repository.json', written(Repository, 'The Repository settings of Sluice')],
    ['sluice.json', written(any, 'Any manifest of Sluice')],
  ])
}

// Stripped of the default's own key order: z.toJSONSchema keeps the order of the schema, so equal schemas are equal texts.
const written = (schema: z.ZodType, title: string): unknown => {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return { $schema, title, ...rest }
}
