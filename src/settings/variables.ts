import { z } from 'zod'
import { duration, flag, list, numbers, pem, stateKeys, text, url, webhookSecrets, wholeNumber } from './words.ts'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

export const toolVariables = {
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
  SLUICE_DOCKER_CONFIG: text.optional().meta({
    description:
      'Folder of a Docker `config.json`, for registries that want credentials to show signatures. Helper programs are not run.',
  }),
  SLUICE_LOG_LEVEL: z
    .enum(logLevels, `must be one of ${logLevels.join(', ')}`)
    .default('info')
    .meta({ description: 'How much is logged.' }),
  SLUICE_LOG_PRETTY: flag.default(false).meta({ description: 'Set to 1 for log lines that people read.' }),
}

/** Of the demonstration alone, which hands nothing of its own environment to the server that it starts. */
export const demoVariables = {
  SLUICE_TOOLS_DIR: text.optional().meta({
    description: 'Folder that the demonstration keeps its tools in; `.tools` beside the program if not set.',
  }),
}

/** One table: what is read, what is documented (`docs/settings.md`) and what is refused as unknown. */
export const variables = {
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
      'A YAML or JSON file: a list of `{name, server, token or tokenFile, ca or caFile}` or `{name, kubeconfig, context, allowExecPlugins}`, either with `reconcileRequests` and `knownAs`.',
  }),
  SLUICE_HOST: text.default('0.0.0.0').meta({ description: 'The address that the server listens on.' }),
  SLUICE_PORT: wholeNumber(0, 65_535).default(3000).meta({ description: 'The port that the server listens on.' }),
  SLUICE_STATUS_TOKEN: text.optional().meta({
    description:
      '`/metrics` and `/status` ask for `Authorization: Bearer …` with it. Without one `/status` is shown only where `SLUICE_HOST` is this machine.',
    secret: true,
  }),
  SLUICE_SWEEP_INTERVAL: duration('1s', '24h').default(300_000).meta({
    description: 'How often every repository is looked at although nothing was heard of it: from `1s` to `24h`.',
    shownDefault: '5m',
  }),
  SLUICE_CONCURRENCY: wholeNumber(1, 64).default(4).meta({
    description: 'How many repositories are worked on at the same time.',
  }),
  ...toolVariables,
}

export type Variables = typeof variables
export type Values<V extends z.ZodRawShape> = z.output<z.ZodObject<V>>

/** The rows of `docs/settings.md`, in the order of the table. */
export function settingsRows(): readonly SettingsRow[] {
  return Object.entries(variables).map(([name, schema]) => {
    const { description, secret, shownDefault } = schema.meta() as Meta
    const absent = schema.safeParse(undefined)
    const required = !absent.success
    return { name, description, secret: secret === true, required, default: shownDefault ?? wordOf(absent.data) }
  })
}

interface Meta {
  readonly description: string
  readonly secret?: boolean
  /** As somebody would write it, where the value itself is not. */
  readonly shownDefault?: string
}

export interface SettingsRow {
  readonly name: string
  readonly description: string
  /** May also be given as `NAME_FILE`, a path. */
  readonly secret: boolean
  readonly required: boolean
  readonly default: string
}

function wordOf(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (Array.isArray(value)) return value.join(',')
  return String(value)
}

export const isSecretName = (name: string): boolean =>
  name in variables && variables[name as keyof Variables].meta()?.secret === true

export const descriptionOf = (name: string): string => variables[name as keyof Variables].meta()?.description ?? ''
