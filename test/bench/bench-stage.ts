import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type ServerProcess, serverProcess } from '../../src/demo/server-process.ts'
import { fluxKustomization, type SandboxCluster, startCluster } from '../../src/sandbox/cluster/start-cluster.ts'
import { asPerson, type Person } from '../../src/sandbox/forge/person.ts'
import { type SandboxForge, startForge } from '../../src/sandbox/forge/start-forge.ts'
import { pushImage } from '../../src/sandbox/registry/push-image.ts'
import { type Signer, signer } from '../../src/sandbox/registry/signer.ts'
import { type RunningRegistry, startRegistry } from '../../src/sandbox/registry/start-registry.ts'
import { generateRepository } from './generate.ts'

export const repository = 'acme/config'
export const branch = 'main'

export interface BenchTools {
  readonly kustomize: string
  readonly cosign: string
  readonly registry: string
}

export interface BenchStage {
  readonly applications: number
  readonly forge: SandboxForge
  readonly cluster: SandboxCluster
  readonly registry: RunningRegistry
  readonly signer: Signer
  readonly ann: Person
  readonly mo: Person
  readonly repositoryId: number
  /** The bare repository at the forge. */
  readonly repositoryDir: string
  readonly installation: number
  /** Where every line of the server's log goes. */
  readonly logFile: string
  /** Starts the server, with some settings of its own, and hands it over; the one before must have ended. */
  start(settings?: Readonly<Record<string, string>>): Promise<ServerProcess>
  /** As if the machine had been replaced: the mirrors are gone. */
  forget(): void
  build(application: string, tag: string, options?: { readonly signed?: boolean }): Promise<string>
  stop(): Promise<void>
}

/** A forge, a cluster, a registry and one generated repository; GitHub's limits for a release train. */
export async function setBenchStage(options: {
  readonly dir: string
  readonly applications: number
  readonly tools: BenchTools
  readonly searchPath: string
  /** A folder for CPU profiles of the server; null takes none. */
  readonly profiles: string | null
  /** GitHub's limits, and a path that ends in staging: a release train. */
  readonly isTrain: boolean
}): Promise<BenchStage> {
  const { dir, tools, applications } = options
  mkdirSync(dir, { recursive: true })
  const quota = options.isTrain
    ? {}
    : { requestsPerHour: 1_000_000, creationsPerMinute: 100_000, creationsPerHour: 1_000_000 }
  const forge = await startForge({ dir: join(dir, 'forge'), quota })
  const registry = await startRegistry({ dir: join(dir, 'registry'), binary: tools.registry })
  const cluster = await startCluster({ dir: join(dir, 'cluster'), name: 'sandbox', kustomize: tools.kustomize })
  const signing = await signer({ cosign: tools.cosign, dir: join(dir, 'signer') })
  const build: BenchStage['build'] = async (application, tag, { signed = false } = {}) => {
    const digest = await pushImage(registry.host, `acme/${application}`, { tag, content: `${application} ${tag}` })
    if (signed) await signing.sign(`${registry.host}/acme/${application}@${digest}`)
    return digest
  }
  const { ann, mo } = createPeople(forge)
  const created = await forge.createRepository({
    owner: 'acme',
    name: 'config',
    author: 'ann',
    roles: { ann: 'write', mo: 'maintain' },
    files: generateRepository({
      applications,
      promotesToProduction: !options.isTrain,
      registry: registry.host,
      publicKey: signing.publicKeyPem,
      watchedDigest: await build('watched', '1.0.0'),
      bigDigest: await build('big', '1.0.0', { signed: true }),
    }),
  })
  forge.protect('acme', 'config', rulesets(forge.app.id))
  const installation = forge.install('acme', ['config'])
  deliverWatched(cluster, created.cloneUrl)
  const port = await freePort()
  const logFile = join(dir, 'server.log')
  writeFileSync(logFile, '')
  forge.setWebhook(`http://127.0.0.1:${port}/api/github/webhooks`)
  const environment = serverEnvironment(options, { forge, cluster, registry, port })
  const profiling: Readonly<Record<string, string>> =
    options.profiles === null ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${options.profiles}` }
  let running: ServerProcess | null = null
  return {
    applications,
    forge,
    cluster,
    registry,
    signer: signing,
    ann,
    mo,
    repositoryId: created.id,
    repositoryDir: created.dir,
    installation,
    logFile,
    build,
    start: async (settings = {}) => {
      running = serverProcess({ environment: { ...environment, ...profiling, ...settings }, port, logFile })
      await running.start()
      return running
    },
    forget: () => rmSync(join(dir, 'data'), { recursive: true, force: true }),
    stop: async () => {
      await running?.stop()
      await cluster.stop()
      await registry.stop()
      await forge.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** ann writes, mo maintains. */
function createPeople(forge: SandboxForge): { readonly ann: Person; readonly mo: Person } {
  const person = (login: string) => asPerson(forge.apiUrl, forge.createUser(login).token)
  const people = { ann: person('ann'), mo: person('mo') }
  forge.createUser('root')
  forge.createOrganization('acme', { owners: ['root'] })
  return people
}

function deliverWatched(cluster: SandboxCluster, repoUrl: string): void {
  for (const name of ['first', 'last']) {
    const at = { namespace: 'flux-system', source: 'config', repoUrl, branch, interval: '2s' }
    cluster.apply(...fluxKustomization({ ...at, name: `watched-${name}`, path: `watched/overlays/${name}` }))
  }
}

const rulesetFolder = new URL('../../manifests/github/', import.meta.url)

/** The rulesets that an organisation installs, with the App's id filled in: Sluice merges under them, as at a customer's. */
const rulesets = (appId: number) =>
  ['state', 'sluice', 'people'].map((name) => {
    const text = readFileSync(new URL(`${name}.json`, rulesetFolder), 'utf8')
    return JSON.parse(text.replace(/"(integration_id|actor_id)": 0/g, `"$1": ${appId}`))
  })

function serverEnvironment(
  { dir, tools, searchPath }: { readonly dir: string; readonly tools: BenchTools; readonly searchPath: string },
  at: {
    readonly forge: SandboxForge
    readonly cluster: SandboxCluster
    readonly registry: RunningRegistry
    readonly port: number
  },
): Readonly<Record<string, string>> {
  const clusters = join(dir, 'clusters.yaml')
  writeFileSync(clusters, JSON.stringify([{ name: 'sandbox', server: at.cluster.url, token: at.cluster.token }]))
  return {
    PATH: searchPath,
    SLUICE_APP_ID: String(at.forge.app.id),
    SLUICE_PRIVATE_KEY: at.forge.app.privateKey,
    SLUICE_WEBHOOK_SECRET: at.forge.app.webhookSecret,
    SLUICE_STATE_KEY: 'a-key-of-the-measurements-which-signs-nothing-else-0123456789',
    SLUICE_API_URL: at.forge.apiUrl,
    SLUICE_WEB_URL: at.forge.url,
    SLUICE_GIT_URL: at.forge.url,
    SLUICE_CLUSTERS: clusters,
    SLUICE_REGISTRY_HTTP: at.registry.host,
    SLUICE_DATA_DIR: join(dir, 'data'),
    SLUICE_KUSTOMIZE: tools.kustomize,
    SLUICE_COSIGN: tools.cosign,
    SLUICE_HOST: '127.0.0.1',
    SLUICE_PORT: String(at.port),
    SLUICE_LOG_LEVEL: 'debug',
    SLUICE_ALLOW_FLAWED_COSIGN: '1',
  }
}

/** The server is started again on the same port, so the port is chosen before it. */
async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done, fail) => probe.once('error', fail).listen(0, '127.0.0.1', done))
  const address = probe.address()
  await new Promise((done) => probe.close(done))
  if (address === null || typeof address === 'string') throw new Error('no free port was found')
  return address.port
}
