import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { closest, distance } from 'fastest-levenshtein'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { OperatorError } from './domain/failures.ts'

/** Everything that an operator decides. Complete when you hold it: what is missing or wrong has thrown. */
export interface Settings extends ToolSettings {
  readonly forge: {
    readonly appId: number
    /** PEM. */
    readonly privateKey: Secret
    /** The newest first; more than one while a secret is being replaced. */
    readonly webhookSecrets: readonly Secret[]
    /** Without a trailing slash, as the two below. */
    readonly apiUrl: string
    readonly webUrl: string
    readonly gitUrl: string
    readonly installations: readonly number[] | 'all'
    readonly writesPerMinute: number
  }
  /** The first signs new state events, all of them are believed. */
  readonly stateKeys: readonly Secret[]
  readonly clusters: readonly ClusterSettings[]
  readonly server: { readonly host: string; readonly port: number; readonly statusToken: Secret | null }
  readonly sweepIntervalMs: number
  /** How many repositories are worked on at the same time. */
  readonly concurrency: number
}

/** What a command on a checkout needs: nothing secret, nothing required. */
export interface ToolSettings {
  readonly dataDir: string
  readonly tools: {
    readonly git: string
    readonly kustomize: string
    readonly cosign: string
    readonly allowFlawedCosign: boolean
  }
  readonly plainHttpRegistries: readonly string[]
  readonly log: { readonly level: LogLevel; readonly pretty: boolean }
}

export type LogLevel = (typeof logLevels)[number]

export type ClusterSettings =
  | {
      readonly name: string
      readonly by: 'token'
      readonly server: string
      /** A file is read again at each use, since Kubernetes replaces projected tokens. */
      readonly token: { readonly value: Secret } | { readonly file: string } | null
      /** PEM. */
      readonly ca: string | null
    }
  | { readonly name: string; readonly by: 'kubeconfig'; readonly file: string; readonly context: string | null }

/** Bytes that never print: not in logs, JSON, templates or inspection (I8). */
export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return '[secret]'
  }
  toJSON(): string {
    return '[secret]'
  }
  [inspect.custom](): string {
    return '[secret]'
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Throws one OperatorError `settings.invalid` that names every problem at once. The only reader of the process's
 * environment in the whole program.
 */
// biome-ignore lint/style/noProcessEnv: this is the one place that may
export function readSettings(env: Environment = process.env): Settings {
  const { values, problems } = parseAll(variables, env)
  const clusters = readClusters(values?.SLUICE_CLUSTERS ?? plainValue(env.SLUICE_CLUSTERS), problems)
  if (values === undefined || problems.length > 0) throw invalid(problems)
  return {
    ...toolSettings(values),
    forge: forgeSettings(values),
    stateKeys: values.SLUICE_STATE_KEY.map((key) => new Secret(key)),
    clusters,
    server: {
      host: values.SLUICE_HOST,
      port: values.SLUICE_PORT,
      statusToken: values.SLUICE_STATUS_TOKEN === undefined ? null : new Secret(values.SLUICE_STATUS_TOKEN),
    },
    sweepIntervalMs: values.SLUICE_SWEEP_INTERVAL,
    concurrency: values.SLUICE_CONCURRENCY,
  }
}

/** For commands that need no forge: the same variables, of which none is required. */
// biome-ignore lint/style/noProcessEnv: as above
export function readToolSettings(env: Environment = process.env): ToolSettings {
  const { values, problems } = parseAll(toolVariables, env)
  if (values === undefined) throw invalid(problems)
  return toolSettings(values)
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

/** Defaults of tutorials and tools: whoever knows the program knows these. */
const wellKnownSecrets = ['development', 'secret', 'changeme', 'change-me', 'password', 'webhook', 'sluice', 'test']

const text = z.string().trim().min(1, 'must not be empty')
const list = text.transform((words) =>
  words
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== ''),
)
const wholeNumber = (from: number, to: number) =>
  text
    .refine((word) => /^\d+$/.test(word) && Number(word) >= from && Number(word) <= to, {
      message: `must be a whole number from ${from} to ${to}`,
    })
    .transform(Number)
const flag = z.enum(['0', '1', 'true', 'false'], 'must be 1 or 0').transform((word) => word === '1' || word === 'true')
const url = text
  .refine((word) => isWebUrl(word), 'must be an http(s) URL without user, query or fragment')
  .transform((word) => word.replace(/\/+$/, ''))
const duration = text
  .refine((word) => millisecondsOf(word) !== undefined, 'must be a duration such as 30s, 5m or 1h')
  .transform((word) => millisecondsOf(word) ?? 0)
const pem = text
  .transform((word) => word.replaceAll('\\n', '\n'))
  .refine(isPrivateKey, 'must be the private key of the App, in PEM (-----BEGIN … PRIVATE KEY-----)')
const webhookSecrets = list
  .refine((secrets) => secrets.length > 0, 'must hold a secret')
  .refine(
    (secrets) => secrets.every((secret) => !wellKnownSecrets.includes(secret.toLowerCase())),
    'is a well-known default, which anybody would try first; make one with `openssl rand -hex 32`',
  )
  .refine(
    (secrets) => secrets.every((secret) => secret.length >= 16),
    'must be at least 16 characters long; make one with `openssl rand -hex 32`',
  )
const stateKeys = list.refine(
  (keys) => keys.length > 0 && keys.every((key) => Buffer.byteLength(key) >= 32),
  'must be at least 32 bytes long each; make one with `openssl rand -hex 32`',
)
const numbers = list
  .refine((words) => words.every((word) => /^\d+$/.test(word)), 'must be numeric ids, divided by commas')
  .transform((words) => words.map(Number))

const toolVariables = {
  SLUICE_DATA_DIR: text.default('./data').meta({
    description:
      'Folder for the bare mirrors. It holds nothing that is not at the forge: it may be deleted at any time.',
  }),
  SLUICE_GIT: text.default('git').meta({ description: 'The git executable.' }),
  SLUICE_KUSTOMIZE: text.default('kustomize').meta({ description: 'The kustomize executable.' }),
  SLUICE_COSIGN: text.default('cosign').meta({ description: 'The cosign executable.' }),
  SLUICE_ALLOW_FLAWED_COSIGN: flag.default(false).meta({
    description: 'Set to 1 to run with a cosign that CVE-2026-22703 is known of. For demonstrations only.',
  }),
  SLUICE_REGISTRY_HTTP: list.default([]).meta({
    description: 'Registries (host:port, divided by commas) that are spoken to without TLS.',
  }),
  SLUICE_LOG_LEVEL: z
    .enum(logLevels, `must be one of ${logLevels.join(', ')}`)
    .default('info')
    .meta({ description: 'How much is logged.' }),
  SLUICE_LOG_PRETTY: flag.default(false).meta({ description: 'Set to 1 for log lines that people read.' }),
}

/** One table: what is read, what is documented (`docs/settings.md`) and what is refused as unknown. */
const variables = {
  SLUICE_APP_ID: wholeNumber(1, Number.MAX_SAFE_INTEGER).meta({
    description: 'The id of the GitHub App, a number on its settings page.',
  }),
  SLUICE_PRIVATE_KEY: pem.meta({ description: 'The private key of the App, in PEM.', secret: true }),
  SLUICE_WEBHOOK_SECRET: webhookSecrets.meta({
    description:
      'The webhook secret of the App, at least 16 characters. While it is being replaced: the new one, a comma, the old one.',
    secret: true,
  }),
  SLUICE_STATE_KEY: stateKeys.meta({
    description:
      'Signs what Sluice writes to `sluice/state`, at least 32 bytes. To replace it: the new one, a comma, the old one.',
    secret: true,
  }),
  SLUICE_API_URL: url.default('https://api.github.com').meta({
    description:
      'The API; of GitHub Enterprise Server `https://HOST/api/v3`. Sluice speaks to no other host, whatever an answer says.',
  }),
  SLUICE_WEB_URL: url.default('https://github.com').meta({ description: 'Where people look at repositories.' }),
  SLUICE_GIT_URL: url.optional().meta({
    description: 'Where git fetches and pushes: this, then `/owner/name.git`. The web URL if not set.',
  }),
  SLUICE_INSTALLATIONS: numbers.optional().meta({
    description: 'Ids of the installations that this process works for, divided by commas. All if not set.',
  }),
  SLUICE_WRITES_PER_MINUTE: wholeNumber(1, 60_000).default(60).meta({
    description: 'Writes to the forge per installation. GitHub asks for one a second at most.',
  }),
  SLUICE_CLUSTERS: text.optional().meta({
    description:
      'A YAML or JSON file: a list of `{name, server, token or tokenFile, ca or caFile}` or `{name, kubeconfig, context}`.',
  }),
  SLUICE_HOST: text.default('0.0.0.0').meta({ description: 'The address that the server listens on.' }),
  SLUICE_PORT: wholeNumber(0, 65_535).default(3000).meta({ description: 'The port that the server listens on.' }),
  SLUICE_STATUS_TOKEN: text.optional().meta({
    description: 'If set, `/metrics` and `/status` ask for `Authorization: Bearer …` with it.',
    secret: true,
  }),
  SLUICE_SWEEP_INTERVAL: duration.default(300_000).meta({
    description: 'How often every repository is looked at although nothing was heard of it (default `5m`).',
  }),
  SLUICE_CONCURRENCY: wholeNumber(1, 64).default(4).meta({
    description: 'How many repositories are worked on at the same time.',
  }),
  ...toolVariables,
}

type Variables = typeof variables
type Values<V extends z.ZodRawShape> = z.output<z.ZodObject<V>>

/** The rows of `docs/settings.md`, in the order of the table. */
export function settingsRows(): readonly SettingsRow[] {
  return Object.entries(variables).map(([name, schema]) => {
    const { description, secret } = schema.meta() as { description: string; secret?: boolean }
    const absent = schema.safeParse(undefined)
    return { name, description, secret: secret === true, required: !absent.success, default: shownDefault(absent.data) }
  })
}

export interface SettingsRow {
  readonly name: string
  readonly description: string
  /** May also be given as `NAME_FILE`, a path. */
  readonly secret: boolean
  readonly required: boolean
  readonly default: string
}

function shownDefault(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (Array.isArray(value)) return value.join(',')
  return String(value)
}

interface Parsed<V extends z.ZodRawShape> {
  readonly values: Values<V> | undefined
  readonly problems: string[]
}

function parseAll<V extends z.ZodRawShape>(table: V, env: Environment): Parsed<V> {
  const problems: string[] = unknownNames(env)
  const given = Object.fromEntries(Object.keys(table).map((name) => [name, givenValue(name, env, problems)]))
  const result = z.object(table).safeParse(given)
  if (!result.success) problems.push(...result.error.issues.map((issue) => problemOf(issue, given)))
  return { values: result.success ? result.data : undefined, problems }
}

const plainValue = (value: string | undefined) => (value === '' ? undefined : value)
const isSecretName = (name: string) => name in variables && variables[name as keyof Variables].meta()?.secret === true

/** An empty variable counts as not set: orchestrators write them so. */
function givenValue(name: string, env: Environment, problems: string[]): string | undefined {
  const file = isSecretName(name) ? plainValue(env[`${name}_FILE`]) : undefined
  const value = plainValue(env[name])
  if (file === undefined) return value
  if (value !== undefined) problems.push(`${name} and ${name}_FILE are both set: keep one of them`)
  return readFileOr(file, (why) => problems.push(`${name}_FILE: ${why}`))
}

function readFileOr(file: string, onProblem: (why: string) => void): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    onProblem(`cannot read ${file} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`)
    return undefined
  }
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

const descriptionOf = (name: string) => variables[name as keyof Variables].meta()?.description ?? ''

/** A misspelt name would otherwise silently mean the default. `SLUICE_TEST_…` belongs to the tests. */
function unknownNames(env: Environment): string[] {
  const known = Object.keys(variables).flatMap((name) => (isSecretName(name) ? [name, `${name}_FILE`] : [name]))
  return Object.keys(env)
    .filter((name) => name.startsWith('SLUICE_') && !name.startsWith('SLUICE_TEST_') && !known.includes(name))
    .map((name) => `${name} is not a setting${nearestHint(name, known)}`)
}

function nearestHint(name: string, known: readonly string[]): string {
  const nearest = closest(name, known)
  return distance(name, nearest) <= 4 ? `; did you mean ${nearest}?` : ''
}

function toolSettings(values: Values<typeof toolVariables>): ToolSettings {
  return {
    dataDir: values.SLUICE_DATA_DIR,
    tools: {
      git: values.SLUICE_GIT,
      kustomize: values.SLUICE_KUSTOMIZE,
      cosign: values.SLUICE_COSIGN,
      allowFlawedCosign: values.SLUICE_ALLOW_FLAWED_COSIGN,
    },
    plainHttpRegistries: values.SLUICE_REGISTRY_HTTP,
    log: { level: values.SLUICE_LOG_LEVEL, pretty: values.SLUICE_LOG_PRETTY },
  }
}

function forgeSettings(values: Values<Variables>): Settings['forge'] {
  return {
    appId: values.SLUICE_APP_ID,
    privateKey: new Secret(values.SLUICE_PRIVATE_KEY),
    webhookSecrets: values.SLUICE_WEBHOOK_SECRET.map((secret) => new Secret(secret)),
    apiUrl: values.SLUICE_API_URL,
    webUrl: values.SLUICE_WEB_URL,
    gitUrl: values.SLUICE_GIT_URL ?? values.SLUICE_WEB_URL,
    installations: values.SLUICE_INSTALLATIONS ?? 'all',
    writesPerMinute: values.SLUICE_WRITES_PER_MINUTE,
  }
}

const clusterName = z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be a lower-case name')
const clusterSchema = z.union([
  z.strictObject({
    name: clusterName,
    server: url,
    token: text.optional(),
    tokenFile: text.optional(),
    ca: text.optional(),
    caFile: text.optional(),
  }),
  z.strictObject({ name: clusterName, kubeconfig: text, context: text.optional() }),
])
type ClusterEntry = z.output<typeof clusterSchema>

function readClusters(file: string | undefined, problems: string[]): readonly ClusterSettings[] {
  if (file === undefined) return []
  const content = readFileOr(file, (why) => problems.push(`SLUICE_CLUSTERS: ${why}`))
  const entries = content === undefined ? [] : parseClusters(content, problems)
  for (const name of repeated(entries.map((entry) => entry.name))) {
    problems.push(`SLUICE_CLUSTERS names the cluster ${name} more than once`)
  }
  return entries.map((entry) => clusterOf(entry, problems))
}

function parseClusters(content: string, problems: string[]): readonly ClusterEntry[] {
  const result = z.array(clusterSchema).safeParse(yamlOr(content))
  if (result.success) return result.data
  problems.push(
    ...result.error.issues.map(
      ({ path }) =>
        `SLUICE_CLUSTERS${path.map((step) => `[${String(step)}]`).join('')} must be a list of {name, server, token or tokenFile, ca or caFile} or {name, kubeconfig, context}`,
    ),
  )
  return []
}

function yamlOr(content: string): unknown {
  try {
    return parseYaml(content)
  } catch {
    return undefined // not YAML: refused by the schema, as anything else that is no list
  }
}

function clusterOf(entry: ClusterEntry, problems: string[]): ClusterSettings {
  const { name } = entry
  if ('kubeconfig' in entry) return { name, by: 'kubeconfig', file: entry.kubeconfig, context: entry.context ?? null }
  const { server, token, tokenFile, ca, caFile } = entry
  if (token !== undefined && tokenFile !== undefined) {
    problems.push(`SLUICE_CLUSTERS: ${name} has token and tokenFile, keep one of them`)
  }
  const read = () => caFile && readFileOr(caFile, (why) => problems.push(`SLUICE_CLUSTERS: ${name}: ${why}`))
  const credential = tokenFile !== undefined ? { file: tokenFile } : token && { value: new Secret(token) }
  return { name, by: 'token', server, token: credential || null, ca: ca ?? (read() || null) }
}

const repeated = (names: readonly string[]) => new Set(names.filter((name, index) => names.indexOf(name) !== index))

const invalid = (problems: readonly string[]) =>
  new OperatorError(
    'settings.invalid',
    `the settings have ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n` +
      problems.map((problem) => `  - ${problem}`).join('\n'),
  )

function isWebUrl(word: string): boolean {
  if (!URL.canParse(word)) return false
  const { protocol, username, password, search, hash } = new URL(word)
  return ['http:', 'https:'].includes(protocol) && `${username}${password}${search}${hash}` === ''
}

function isPrivateKey(word: string): boolean {
  try {
    return createPrivateKey(word).asymmetricKeyType === 'rsa'
  } catch {
    return false // the reason may quote the key: the problem says what is wanted instead
  }
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

function millisecondsOf(word: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(word) ?? []
  return count === undefined || unit === undefined ? undefined : Number(count) * (unitMs[unit] ?? 0)
}
