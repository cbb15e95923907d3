import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { QuotaSettings } from '../sandbox/forge/api/quota.ts'
import { asPerson, type Person } from '../sandbox/forge/person.ts'
import { type SandboxForge, startForge } from '../sandbox/forge/start-forge.ts'
import { pushImage } from '../sandbox/registry/push-image.ts'
import { type Signer, signer } from '../sandbox/registry/signer.ts'
import { type RunningRegistry, startRegistry } from '../sandbox/registry/start-registry.ts'
import { applications, configRepository, environments, overlayFolder } from './config-repository.ts'
import { type ServerProcess, serverProcess } from './server-process.ts'
import type { OpenCluster, StageCluster } from './stage-cluster.ts'
import { steadyPort } from './steady-port.ts'

export interface StageOptions<Cluster extends StageCluster = StageCluster> {
  /** A folder of its own; everything that the stage writes is below it. */
  readonly dir: string
  readonly openCluster: OpenCluster<Cluster>
  readonly tools: { readonly kustomize: string; readonly cosign: string; readonly registry: string }
  readonly searchPath: string
  readonly onProgress: (line: string) => void
  /** Aborted when nobody wants the stage any more: setting it then ends soon, and rejects. */
  readonly interrupted?: AbortSignal
  /** Takes the place of the demonstration's files, or adds to them; null removes one. */
  readonly files?: (files: Readonly<Record<string, string>>) => Readonly<Record<string, string>>
  readonly allowFlawedCosign?: boolean
  /** Of the server's environment; takes the place of the demonstration's. */
  readonly settings?: Readonly<Record<string, string>>
  /** GitHub's limits where absent. */
  readonly quota?: Partial<QuotaSettings>
}

export interface Stage<Cluster extends StageCluster = StageCluster> {
  readonly forge: SandboxForge
  readonly cluster: Cluster
  readonly registry: RunningRegistry
  readonly signer: Signer
  readonly server: ServerProcess
  /** `acme/config`. */
  readonly repository: string
  /** Of the App, on that repository alone. */
  readonly installation: number
  readonly people: Readonly<Record<PersonName, Person & { readonly token: string }>>
  /** The environment that the server runs with, for other commands. */
  readonly environment: Readonly<Record<string, string>>
  /** Builds an image and pushes it; hands back its digest. */
  build(application: string, tag: string, options?: { readonly signed?: boolean }): Promise<string>
  /** Ends everything that was started; what `await using` does at the end of its block. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** ann writes and merges code, rita reviews for the SREs, mo maintains, eve may only read. */
const roles = { ann: 'write', rita: 'write', mo: 'maintain', eve: 'read', root: 'admin' } as const
export type PersonName = keyof typeof roles

/**
 * Starts everything that Sluice stands between: a forge, a cluster, a registry, people and a repository. The server is
 * ready to be started. Where something fails, what was started before it is ended.
 */
export async function setStage<Cluster extends StageCluster>(options: StageOptions<Cluster>): Promise<Stage<Cluster>> {
  const { dir, tools, onProgress, interrupted = new AbortController().signal } = options
  mkdirSync(dir, { recursive: true })
  await using started = new AsyncDisposableStack()
  // The longest first: what it lacks is known before anything else stands.
  const place = { dir: join(dir, 'cluster'), kustomize: tools.kustomize, onProgress, interrupted }
  const cluster = await options.openCluster(place)
  started.defer(() => cluster.stop())
  const forge = await startForge({
    dir: join(dir, 'forge'),
    ...(options.quota === undefined ? {} : { quota: options.quota }),
  })
  started.defer(() => forge.stop())
  const registry = await startRegistry({ dir: join(dir, 'registry'), binary: tools.registry })
  started.defer(() => registry.stop())
  onProgress('cluster, forge and registry are up')
  const signing = await signer({ cosign: tools.cosign, dir: join(dir, 'signer') })
  const people = createPeople(forge)
  const build = builder(registry, signing)
  const digests: Record<string, string> = {}
  for (const { name } of applications) {
    interrupted.throwIfAborted()
    digests[name] = await build(name, '1.0.0')
  }
  onProgress(`${applications.length} images are built and signed`)
  const files = configRepository({ registry: registry.host, publicKey: signing.publicKeyPem, digests, cluster })
  const created = await forge.createRepository({
    owner: 'acme',
    name: 'config',
    author: 'ann',
    roles,
    teams: { sre: 'write', platform: 'write' },
    files: options.files?.(files) ?? files,
  })
  forge.protect('acme', 'config', rulesets(forge.app.id))
  const installation = forge.install('acme', ['config'])
  await cluster.deliver(everyDelivery(created.cloneUrl))
  const port = await steadyPort()
  const environment = serverEnvironment(options, { forge, cluster, registry, port })
  const server = serverProcess({ environment, port, logFile: join(dir, 'server.log') })
  started.defer(() => server.stop())
  forge.setWebhook(`${server.url}/api/github/webhooks`)
  interrupted.throwIfAborted()
  const everything = started.move()
  const stop = () => everything.disposeAsync()
  return {
    forge,
    cluster,
    registry,
    signer: signing,
    server,
    repository: 'acme/config',
    installation,
    people,
    environment,
    build,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function createPeople(forge: SandboxForge): Stage['people'] {
  const person = (login: string) => {
    const { token } = forge.createUser(login)
    return { ...asPerson(forge.apiUrl, token), token }
  }
  const people = {
    ann: person('ann'),
    rita: person('rita'),
    mo: person('mo'),
    eve: person('eve'),
    root: person('root'),
  }
  forge.createOrganization('acme', { owners: ['root'] })
  forge.createTeam('acme', 'sre', ['rita'])
  forge.createTeam('acme', 'platform', ['mo'])
  return people
}

const builder =
  (registry: RunningRegistry, signing: Signer): Stage['build'] =>
  async (application, tag, { signed = true } = {}) => {
    const digest = await pushImage(registry.host, `acme/${application}`, { tag, content: `${application} ${tag}` })
    if (signed) await signing.sign(`${registry.host}/acme/${application}@${digest}`)
    return digest
  }

const everyDelivery = (repoUrl: string) =>
  environments.flatMap((environment) =>
    applications.map(({ name, by }) => ({
      application: name,
      environment,
      by,
      repoUrl,
      path: overlayFolder(name, environment),
    })),
  )

const rulesetFolder = new URL('../../manifests/github/', import.meta.url)

/** The three rulesets that are installed on GitHub, with the App's id filled in. */
const rulesets = (appId: number) =>
  ['state', 'sluice', 'people'].map((name) =>
    JSON.parse(
      readFileSync(new URL(`${name}.json`, rulesetFolder), 'utf8').replace(
        /"(integration_id|actor_id)": 0/g,
        `"$1": ${appId}`,
      ),
    ),
  )

function serverEnvironment(
  { dir, tools, searchPath, allowFlawedCosign, settings }: Omit<StageOptions, 'openCluster'>,
  at: {
    readonly forge: SandboxForge
    readonly cluster: StageCluster
    readonly registry: RunningRegistry
    readonly port: number
  },
): Readonly<Record<string, string>> {
  const clusters = join(dir, 'clusters.yaml')
  writeFileSync(clusters, JSON.stringify([{ name: at.cluster.name, ...at.cluster.access }]), { mode: 0o600 })
  return {
    PATH: searchPath,
    SLUICE_APP_ID: String(at.forge.app.id),
    SLUICE_PRIVATE_KEY: at.forge.app.privateKey,
    SLUICE_WEBHOOK_SECRET: at.forge.app.webhookSecret,
    SLUICE_STATE_KEY: 'a-key-of-the-demonstration-which-signs-nothing-else-0123456789',
    SLUICE_API_URL: at.forge.apiUrl,
    SLUICE_WEB_URL: at.forge.url,
    SLUICE_GIT_URL: at.forge.url,
    SLUICE_WRITES_PER_MINUTE: '6000',
    SLUICE_CLUSTERS: clusters,
    SLUICE_REGISTRY_HTTP: at.registry.host,
    SLUICE_DATA_DIR: join(dir, 'data'),
    SLUICE_KUSTOMIZE: tools.kustomize,
    SLUICE_COSIGN: tools.cosign,
    SLUICE_HOST: '127.0.0.1',
    SLUICE_PORT: String(at.port),
    SLUICE_LOG_LEVEL: 'debug',
    ...(allowFlawedCosign === true ? { SLUICE_ALLOW_FLAWED_COSIGN: '1' } : {}),
    ...settings,
  }
}
