import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { type Fields, fieldsAt, isFields, textAt } from './operation.ts'

/** One operation of GitHub's description, with validators that are compiled when first used. */
export interface Described {
  readonly id: string
  readonly method: string
  /** `/repos/{owner}/{repo}/…` */
  readonly template: string
  readonly checkPath: ValidateFunction
  readonly checkQuery: ValidateFunction
  readonly checkBody: ValidateFunction | undefined
  readonly checkAnswer: ReadonlyMap<number, ValidateFunction>
}

const root = 'github'
const description = new URL('../../../../fixtures/github-rest-openapi.json', import.meta.url)

/** Reads the description once per process; validators are shared by all forges in it. */
export const describedOperations: () => readonly Described[] = once(() => {
  const document: Fields = JSON.parse(readFileSync(description, 'utf8'))
  const components = toJsonSchema(document.components)
  const strict = validator(false).addSchema({ $id: root, components })
  const coercing = validator(true).addSchema({ $id: root, components })
  const found: Described[] = []
  for (const [template, methods] of Object.entries(fieldsAt(document, 'paths') ?? {}))
    for (const [method, described] of Object.entries(isFields(methods) ? methods : {}))
      if (isFields(described)) found.push(describe({ document, strict, coercing }, template, method, described))
  return found
})

/** Where the description contradicts itself: it demands of a listed installation that its account is a person and an enterprise. */
const corrections: Readonly<Record<string, Fields>> = {
  'apps/list-installations': { type: 'array', items: { $ref: '#/components/schemas/installation' } },
}

interface Source {
  readonly document: Fields
  readonly strict: Ajv
  readonly coercing: Ajv
}

function describe(
  { document, strict, coercing }: Source,
  template: string,
  method: string,
  described: Fields,
): Described {
  const parameters = list(described.parameters).map((parameter) => resolve(document, parameter))
  const id = textAt(described, 'operationId') ?? ''
  const body = schemaOf(resolve(document, described.requestBody))
  const inPlace = (place: string) => toJsonSchema(parametersSchema(parameters.filter((one) => one.in === place)))
  return {
    id,
    method: method.toUpperCase(),
    template,
    checkPath: lazily(coercing, inPlace('path')),
    checkQuery: lazily(coercing, inPlace('query')),
    checkBody: body === undefined ? undefined : lazily(strict, toJsonSchema(body)),
    checkAnswer: new Map(
      Object.entries(fieldsAt(described, 'responses') ?? {}).flatMap(([status, response]) => {
        const corrected = status === '200' ? corrections[id] : undefined
        const schema = corrected ?? schemaOf(resolve(document, response))
        return [[Number(status), lazily(strict, schema === undefined ? {} : toJsonSchema(schema))] as const]
      }),
    ),
  }
}

const parametersSchema = (parameters: readonly Fields[]): Fields => ({
  type: 'object',
  properties: Object.fromEntries(parameters.map((one) => [one.name, one.schema ?? {}])),
  required: parameters.filter((one) => one.required === true).map((one) => one.name),
})

function schemaOf(message: Fields): unknown {
  const content = fieldsAt(message, 'content') ?? {}
  const json = content['application/json'] ?? Object.values(content)[0]
  return isFields(json) ? json.schema : undefined
}

function resolve(document: Fields, value: unknown): Fields {
  if (!isFields(value)) return {}
  const reference = textAt(value, '$ref')
  if (reference === undefined) return value
  const target = reference
    .slice(2)
    .split('/')
    .reduce<unknown>((at, key) => (isFields(at) ? at[key] : undefined), document)
  return isFields(target) ? target : {}
}

/**
 * OpenAPI 3.0 to JSON Schema: `nullable` becomes a type of its own, references point into our copy, and `oneOf` becomes
 * `anyOf`, since GitHub's own alternatives overlap.
 */
function toJsonSchema(value: unknown): Fields {
  const converted = convert(value)
  return isFields(converted) ? converted : {}
}

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert)
  if (!isFields(value)) return value
  const entries = Object.entries(value)
    .filter(([key]) => !['nullable', 'discriminator', 'example', 'examples'].includes(key) || isFields(value[key]))
    .filter(([key]) => key !== 'discriminator')
    .map(([key, inner]) => {
      if (key === '$ref' && typeof inner === 'string') return [key, `${root}${inner}`]
      return [key === 'oneOf' && Array.isArray(inner) ? 'anyOf' : key, convert(inner)]
    })
  const schema = Object.fromEntries(entries)
  return value.nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema
}

function validator(coerceTypes: boolean): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: false, inlineRefs: false, useDefaults: coerceTypes, coerceTypes })
  formats.default(ajv)
  ajv.addFormat('repo.nwo', /^[^/]+\/[^/]+$/)
  return ajv
}

function lazily(ajv: Ajv, schema: Fields): ValidateFunction {
  const compiled = once(() => ajv.compile(schema))
  const check = (data: unknown) => {
    const found = compiled()
    const valid = found(data)
    check.errors = found.errors ?? null
    return valid
  }
  check.errors = null as ValidateFunction['errors']
  check.schema = schema
  return check as ValidateFunction
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
