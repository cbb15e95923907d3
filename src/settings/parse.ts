import { closest, distance } from 'fastest-levenshtein'
import { z } from 'zod'
import { readFileOr } from './read-file.ts'
import { demoVariables, descriptionOf, isSecretName, type Values, variables } from './variables.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Parsed<V extends z.ZodRawShape> {
  readonly values: Values<V> | undefined
  readonly problems: string[]
}

export function parseAll<V extends z.ZodRawShape>(table: V, env: Environment): Parsed<V> {
  const problems: string[] = unknownNames({ ...variables, ...demoVariables, ...table }, env)
  const given = Object.fromEntries(Object.keys(table).map((name) => [name, givenValue(name, env, problems)]))
  const result = z.object(table).safeParse(given)
  if (!result.success) problems.push(...result.error.issues.map((issue) => problemOf(issue, given)))
  return { values: result.success ? result.data : undefined, problems }
}

export const plainValue = (value: string | undefined) => (value === '' ? undefined : value)

/** An empty variable counts as not set: orchestrators write them so. */
function givenValue(name: string, env: Environment, problems: string[]): string | undefined {
  const file = isSecretName(name) ? plainValue(env[`${name}_FILE`]) : undefined
  const value = plainValue(env[name])
  if (file === undefined) return value
  if (value !== undefined) problems.push(`${name} and ${name}_FILE are both set: keep one of them`)
  return readFileOr(file, (why) => problems.push(`${name}_FILE: ${why}`))
}

function problemOf(issue: z.core.$ZodIssue, given: Readonly<Record<string, string | undefined>>): string {
  const name = String(issue.path[0])
  const value = given[name]
  const orFile = isSecretName(name) ? ` (or ${name}_FILE, a path)` : ''
  if (value === undefined) return `${name}${orFile} is not set: ${descriptionOf(name)}`
  return isSecretName(name)
    ? `${name} ${issue.message}`
    : `${name} ${issue.message}, found ${JSON.stringify(value.slice(0, 80))}`
}

/** A misspelt name would otherwise silently mean the default. `SLUICE_TEST_…` belongs to the tests. */
function unknownNames(table: z.ZodRawShape, env: Environment): string[] {
  const known = Object.keys(table).flatMap((name) => (isSecretName(name) ? [name, `${name}_FILE`] : [name]))
  return Object.keys(env)
    .filter((name) => name.startsWith('SLUICE_') && !name.startsWith('SLUICE_TEST_') && !known.includes(name))
    .map((name) => `${name} is not a setting${nearestHint(name, known)}`)
}

function nearestHint(name: string, known: readonly string[]): string {
  const nearest = closest(name, known)
  return distance(name, nearest) <= 4 ? `; did you mean ${nearest}?` : ''
}
