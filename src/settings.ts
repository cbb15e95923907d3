import { OperatorError } from './domain/failures.ts'
import { type ClusterSettings, readClusters } from './settings/clusters.ts'
import { readDockerConfig } from './settings/docker-config.ts'
import { type Environment, parseAll, plainValue } from './settings/parse.ts'
import { Secret } from './settings/secret.ts'
import {
  demoVariables,
  type logLevels,
  toolVariables,
  type Values,
  type Variables,
  variables,
} from './settings/variables.ts'

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
  readonly stateKeys: readonly [Secret, ...Secret[]]
  readonly clusters: readonly ClusterSettings[]
  readonly server: { readonly host: string; readonly port: number; readonly statusToken: Secret | null }
  readonly sweepIntervalMs: number
  /** How many repositories are worked on at the same time. */
  readonly concurrency: number
}

/** What every command needs: nothing secret, nothing required. */
export interface ToolSettings {
  readonly dataDir: string
  readonly tools: {
    readonly git: string
    readonly kustomize: string
    readonly cosign: string
    readonly allowFlawedCosign: boolean
    /** PATH, where tools that are given by name are found. */
    readonly searchPath: string | undefined
  }
  readonly plainHttpRegistries: readonly string[]
  /** The folder of a Docker `config.json`, absolute. */
  readonly dockerConfig: string | null
  readonly log: { readonly level: LogLevel; readonly pretty: boolean }
}

/** What commands beside the server use where it is there: nothing is required. */
export interface LocalSettings extends ToolSettings {
  readonly clusters: readonly ClusterSettings[]
  readonly statusToken: Secret | null
}

export type LogLevel = (typeof logLevels)[number]

/**
 * Throws one OperatorError `settings.invalid` that names every problem at once. The only reader of the process's
 * environment in the whole program.
 */
// biome-ignore lint/style/noProcessEnv: this is the one place that may
export function readSettings(env: Environment = process.env): Settings {
  const { values, problems } = parseAll(variables, env)
  const clusters = readClusters(values?.SLUICE_CLUSTERS ?? plainValue(env.SLUICE_CLUSTERS), problems)
  const dockerConfig = readDockerConfig(values?.SLUICE_DOCKER_CONFIG, problems)
  if (values === undefined || problems.length > 0) throw invalid(problems)
  const [signing, ...believed] = values.SLUICE_STATE_KEY
  return {
    ...toolSettings(values, dockerConfig, env),
    forge: forgeSettings(values),
    stateKeys: [new Secret(signing), ...believed.map((key) => new Secret(key))],
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

const localVariables = {
  ...toolVariables,
  SLUICE_CLUSTERS: variables.SLUICE_CLUSTERS,
  SLUICE_STATUS_TOKEN: variables.SLUICE_STATUS_TOKEN,
}

/** For commands that need no forge: the same variables, of which none is required. */
// biome-ignore lint/style/noProcessEnv: as above
export function readToolSettings(env: Environment = process.env): LocalSettings {
  const { values, problems } = parseAll(localVariables, env)
  const clusters = readClusters(values?.SLUICE_CLUSTERS, problems)
  const dockerConfig = readDockerConfig(values?.SLUICE_DOCKER_CONFIG, problems)
  if (values === undefined || problems.length > 0) throw invalid(problems)
  const token = values.SLUICE_STATUS_TOKEN
  return {
    ...toolSettings(values, dockerConfig, env),
    clusters,
    statusToken: token === undefined ? null : new Secret(token),
  }
}

/** What the demonstration takes from the user's environment. */
export interface DemoSettings {
  /** Null for the usual place. */
  readonly toolsDir: string | null
  /** https://no-color.org */
  readonly isColourWanted: boolean
  /** What tools are found and brought by: PATH, HOME, what Go and apt read. */
  readonly env: Environment
}

// biome-ignore lint/style/noProcessEnv: as above
export function readDemoSettings(env: Environment = process.env): DemoSettings {
  const { values, problems } = parseAll(demoVariables, env)
  if (values === undefined || problems.length > 0) throw invalid(problems)
  return { toolsDir: values.SLUICE_TOOLS_DIR ?? null, isColourWanted: (env['NO_COLOR'] ?? '') === '', env }
}

/** Whether somebody looks for a fault of ours; asked before anything else is known to be right. */
// biome-ignore lint/style/noProcessEnv: as above
export const wantsStack = (env: Environment = process.env): boolean =>
  ['debug', 'trace'].includes(env['SLUICE_LOG_LEVEL'] ?? '')

/**
 * Makes the environment a plain object, once, when the program begins. Each look into the one that Node gives asks the
 * system anew (https://github.com/nodejs/node/issues/3104), and the YAML parser looks at every token: a fifth of its time.
 */
export function settleEnvironment(): void {
  // biome-ignore lint/style/noProcessEnv: as above
  process.env = { ...process.env }
}

function toolSettings(
  values: Values<typeof toolVariables>,
  dockerConfig: string | null,
  env: Environment,
): ToolSettings {
  return {
    dataDir: values.SLUICE_DATA_DIR,
    tools: {
      git: values.SLUICE_GIT,
      kustomize: values.SLUICE_KUSTOMIZE,
      cosign: values.SLUICE_COSIGN,
      allowFlawedCosign: values.SLUICE_ALLOW_FLAWED_COSIGN,
      searchPath: env.PATH,
    },
    plainHttpRegistries: values.SLUICE_REGISTRY_HTTP,
    dockerConfig,
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

const invalid = (problems: readonly string[]) =>
  new OperatorError(
    'settings.invalid',
    `the settings have ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n` +
      `${problems.map((problem) => `  - ${problem}`).join('\n')}\n` +
      'They come from environment variables; docs/settings.md lists every one.',
  )
