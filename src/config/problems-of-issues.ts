import type { z } from 'zod'
import type { Problem } from './diagnostic.ts'
import { mostProblems } from './manifest-document.ts'
import { nearest } from './nearest.ts'
import { plannedKey, plannedType } from './not-built-yet.ts'
import { impliedNames } from './schema/gate.ts'

type Issue = z.core.$ZodIssue
type IssueOf<C extends Issue['code']> = Extract<Issue, { code: C }>

/** Words a schema's issues so that they teach: what was found at the place, what is allowed, what was probably meant. */
export const problemsOfIssues = (issues: readonly Issue[], root: unknown): readonly Problem[] =>
  issues.flatMap((issue) => problemsOfIssue(issue, root))

function problemsOfIssue(issue: Issue, root: unknown): readonly Problem[] {
  const found = valueAt(root, issue.path)
  if (found === undefined && issue.code !== 'unrecognized_keys') return [missingKey(issue)]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.slice(0, mostProblems).map((key) => unknownKey(issue, key))
    case 'invalid_union':
      return problemsOfUnion(issue, found, root)
    case 'invalid_type':
      return [wrongType(issue.path, found, ownWords(issue) ?? typeInWords(issue.expected))]
    case 'invalid_value':
      return [wrongValue(issue.path, found, issue.values.map(String), ownWords(issue))]
    case 'too_small':
    case 'too_big':
      return [outOfBounds(issue, found)]
    default:
      return [{ code: 'config.wrong-value', ...at(issue.path), message: foundInWords(found), allowed: issue.message }]
  }
}

const at = (path: readonly PropertyKey[]): Pick<Problem, 'path' | 'on'> => ({ path, on: 'value' })

function missingKey(issue: Issue): Problem {
  const key = String(issue.path.at(-1) ?? '')
  const allowed = issue.code === 'invalid_type' ? typeInWords(issue.expected) : wordsOfValues(issue)
  const message = `The key \`${key}\` is missing`
  return { code: 'config.missing-key', ...at(issue.path), message, ...(allowed === undefined ? {} : { allowed }) }
}

function wordsOfValues(issue: Issue): string | undefined {
  if (issue.code === 'invalid_value') return issue.values.map(String).join(', ')
  const options = issue.code === 'invalid_union' ? optionsOf(issue) : []
  return options.length === 0 ? undefined : options.join(', ')
}

const optionsOf = (issue: IssueOf<'invalid_union'>): readonly string[] =>
  'options' in issue ? (issue.options ?? []).map(String) : []

function unknownKey(issue: IssueOf<'unrecognized_keys'>, key: string): Problem {
  const path = [...issue.path, key]
  const planned = plannedKey(key)
  if (planned !== undefined) return notBuiltYet(path, planned, 'key')
  const near = nearest(key, issue.message.split(', '))
  const problem = {
    code: 'config.unknown-key',
    path,
    on: 'key',
    message: `The key \`${key}\` does not exist here`,
  } as const
  return { ...problem, allowed: issue.message, ...(near === undefined ? {} : { nearest: near }) }
}

const notBuiltYet = (path: readonly PropertyKey[], planned: string, on: Problem['on']): Problem => ({
  code: 'config.not-built-yet',
  path,
  on,
  message: `${planned} is not built yet`,
})

/** A discriminated union is told by its discriminator, another by the branch that came nearest. */
function problemsOfUnion(issue: IssueOf<'invalid_union'>, found: unknown, root: unknown): readonly Problem[] {
  if ('discriminator' in issue && issue.discriminator !== undefined) return [unknownType(issue, found, root)]
  const branches = issue.errors.map((errors) => errors.map((one) => ({ ...one, path: [...issue.path, ...one.path] })))
  const inside = branches.find(
    (errors) => errors.every(({ path }) => path.length > issue.path.length) || isAboutKeys(errors),
  )
  if (inside !== undefined) return problemsOfIssues(inside, root)
  const wanted = branches.flat().map((one) => wantedInWords(one))
  return [wrongType(issue.path, found, [...new Set(wanted)].join(', or '))]
}

const isAboutKeys = (errors: readonly Issue[]): boolean => errors.some(({ code }) => code === 'unrecognized_keys')

function unknownType(issue: IssueOf<'invalid_union'>, found: unknown, root: unknown): Problem {
  const isAtType = issue.path.at(-1) === issue.discriminator
  if (!isAtType && (typeof found !== 'object' || found === null)) return wrongType(issue.path, found, 'a mapping')
  const path = isAtType ? issue.path : [...issue.path, issue.discriminator ?? '']
  const type = valueAt(root, path)
  const planned = plannedType(type)
  if (planned !== undefined) return notBuiltYet(path, planned, 'value')
  const options = optionsOf(issue)
  if (path.at(-3) === 'gates' && impliedNames.some((one) => one === type))
    return impliedGate(path, String(type), options)
  if (type !== undefined) return wrongValue(path, type, options)
  const message = `The key \`${String(path.at(-1))}\` is missing`
  return { code: 'config.missing-key', ...at(path), message, allowed: options.join(', ') }
}

/** Whoever writes it wants what is there already. */
const impliedGate = (path: readonly PropertyKey[], type: string, options: readonly string[]): Problem => ({
  code: 'config.wrong-value',
  ...at(path),
  message: `\`${type}\` stands here, a gate that Sluice adds to every environment by itself: leave it out`,
  allowed: options.join(', '),
})

const wantedInWords = (issue: Issue): string =>
  issue.code === 'invalid_type'
    ? typeInWords(issue.expected)
    : issue.code === 'invalid_value'
      ? issue.values.map(String).join(', ')
      : issue.message

const wrongType = (path: readonly PropertyKey[], found: unknown, allowed: string): Problem => ({
  code: 'config.wrong-type',
  ...at(path),
  message: foundInWords(found),
  allowed,
})

function wrongValue(
  path: readonly PropertyKey[],
  found: unknown,
  values: readonly string[],
  allowed = values.join(', '),
): Problem {
  const near = typeof found === 'string' ? nearest(found, values) : undefined
  const problem = { code: 'config.wrong-value', ...at(path), message: foundInWords(found) } as const
  return { ...problem, allowed, ...(near === undefined ? {} : { nearest: near }) }
}

function outOfBounds(issue: IssueOf<'too_small' | 'too_big'>, found: unknown): Problem {
  const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`
  const unit = issue.origin === 'array' ? ' entries' : issue.origin === 'string' ? ' characters' : ''
  return { code: 'config.wrong-value', ...at(issue.path), message: foundInWords(found), allowed: `${bound}${unit}` }
}

const types: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
}

// Zod's own words begin with Invalid; a schema of ours that says more says what is allowed.
const ownWords = ({ message }: Issue): string | undefined => (message.startsWith('Invalid ') ? undefined : message)

const typeInWords = (expected: string): string => types[expected] ?? expected

function foundInWords(value: unknown): string {
  if (value === null) return 'Nothing stands here'
  if (Array.isArray(value)) return `A list of ${value.length} stands here`
  if (typeof value === 'object') return 'A mapping stands here'
  const text = String(value)
  return `\`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\` stands here`
}

/** Undefined where the path leads nowhere. */
function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = Reflect.get(value, step)
  }
  return value
}
