import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type ClusterAccess, kubernetesDelivery } from './adapters/delivery/kubernetes-delivery.ts'
import { kubernetesReconcileRequests } from './adapters/delivery/kubernetes-reconcile-requests.ts'
import { githubInstallations } from './adapters/forge/github/installations.ts'
import { gitRepository } from './adapters/git/git-repository.ts'
import { usableGit } from './adapters/git/usable-git.ts'
import { cosignSignatures } from './adapters/tools/cosign/cosign-signatures.ts'
import { kustomizeRenderer } from './adapters/tools/kustomize/kustomize-renderer.ts'
import { failureKind, OperatorError } from './domain/failures.ts'
import { toInstant } from './domain/ids.ts'
import { createLog, type Logger } from './log.ts'
import type { Clock } from './ports/clock.ts'
import type { Round } from './promotion/reconcile.ts'
import { overviewOf } from './promotion/report/overview.ts'
import type { Workplace } from './promotion/workplace.ts'
import { type Rounds, startRounds } from './rounds.ts'
import { type RunTool, runTool } from './run-tool.ts'
import { createHealth, type Health } from './server/health.ts'
import { createKnownRepositories } from './server/known-repositories.ts'
import { createMetrics, type Metrics } from './server/metrics.ts'
import { type RunningServer, startServer } from './server/server.ts'
import { createSweep } from './server/sweep.ts'
import type { ClusterSettings } from './settings/clusters.ts'
import type { Settings, ToolSettings } from './settings.ts'
import { toolRunner } from './tool-runner.ts'
import { usableTools } from './toolchain/usable-tools.ts'

const now: Clock = () => toInstant(Date.now())
/** How long something may wait for its round before `/healthz` calls it ill. */
const longestWaitMs = 120_000

type ToolHealth = Pick<Health, 'succeeded' | 'failed'>
const unwatched: ToolHealth = { succeeded() {}, failed() {} }

/** Everything that rounds need of the world, put together from the settings. */
export async function composeWorkplace(
  settings: Settings,
  log: Logger,
  metrics: Metrics,
  { run = runTool, health = unwatched }: { readonly run?: RunTool; readonly health?: ToolHealth } = {},
) {
  const [tools, git] = await Promise.all([usableTools(settings.tools), usableGit(settings.tools.git)])
  const dataDir = dataFolder(settings.dataDir)
  const [signing, ...believed] = settings.stateKeys
  const installations = githubInstallations({
    ...settings.forge,
    privateKey: settings.forge.privateKey.reveal(),
    timing: { now: Date.now, pause: (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds)) },
    random: Math.random,
    onAnswer: (operation, status) => metrics.forgeAnswered(operation, status),
    log,
  })
  const clusters = settings.clusters.map(clusterAccess)
  const workplace: Workplace = {
    installations,
    openGit: (repository) =>
      gitRepository({
        dir: join(dataDir, 'mirrors', `${repository.id}.git`),
        url: repository.cloneUrl,
        token: () => installations.gitToken(repository),
        git: git.path,
        run,
      }),
    delivery: kubernetesDelivery({ clusters, now, log }),
    requests: kubernetesReconcileRequests({ clusters }),
    renderer: kustomizeRenderer({
      kustomize: tools.kustomize.path,
      version: tools.kustomize.version,
      run,
      onRun: tellOfTool('kustomize', log, health),
    }),
    signatures: cosignSignatures({
      cosign: tools.cosign.path,
      ...registryAccess(settings),
      runTool: run,
      onRun: tellOfTool('cosign', log, health),
    }),
    stateKeys: [signing.reveal(), ...believed.map((key) => key.reveal())],
    now,
    log,
    told: metrics,
  }
  return { workplace, installations }
}

/** Made where it is missing, and tried: a read-only place is told at the start, not by the first fetch. */
function dataFolder(path: string): string {
  const folder = resolve(path)
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK)
    return folder
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new OperatorError('data.unwritable', `SLUICE_DATA_DIR: ${folder} cannot be written to (${code})`, { cause })
  }
}

/** Level by level: where the kernel says of a parent that it is not there, as /proc does, Node's own way never ends. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder)
}

export const registryAccess = ({ plainHttpRegistries, dockerConfig }: ToolSettings) => ({
  httpRegistries: plainHttpRegistries,
  ...(dockerConfig === null ? {} : { dockerConfig }),
})

/** A verdict tells people that a tool does not work; the log and `/healthz` tell the operator why, the log once. */
function tellOfTool(tool: string, log: Logger, health: ToolHealth) {
  let told: string | null = null
  return (broken: OperatorError | null) => {
    if (broken === null) health.succeeded(tool)
    else health.failed(tool, broken)
    if (broken !== null && broken.message !== told) log.error({ err: broken, tool, kind: 'operator' }, 'tool is broken')
    told = broken?.message ?? null
  }
}

export interface RunningSluice {
  readonly url: string
  stop(): Promise<void>
}

/** The whole server: webhooks in, rounds, health and metrics out. Resolves when it listens and the first sweep is under way. */
export async function composeServer(settings: Settings): Promise<RunningSluice> {
  const log = createLog(settings.log)
  const metrics = createMetrics()
  const tools = toolRunner()
  const health = createHealth({ oldestWaitingMs: () => rounds.queue.oldestWaitingMs(), longestWaitMs, now: Date.now })
  const { workplace, installations } = await composeWorkplace(settings, log, metrics, { run: tools.run, health })
  const known = createKnownRepositories()
  const rounds: Rounds = startRounds({
    workplace,
    find: (id) => known.all().find((one) => one.id === id),
    concurrency: settings.concurrency,
    random: Math.random,
    clock: { wall: Date.now, elapsed: () => performance.now() },
    log,
    onRound: (id, seconds, round, error) => {
      metrics.roundEnded(error === null ? 'done' : failureKind(error), seconds)
      for (const { effect, is } of round?.outcomes ?? []) metrics.effectEnded(effect.kind, is)
      for (const { type, is, reason } of verdictsOf(round)) metrics.verdictGiven(type, is, reason)
      if (error === null) health.succeeded(`repository ${id}`)
      else health.failed(`repository ${id}`, error)
      log.debug({ repository: id, seconds }, 'round ended')
    },
    onGone: (id) => health.forget(`repository ${id}`),
  })
  metrics.watch('queue-age-seconds', () => rounds.queue.oldestWaitingMs() / 1000)
  metrics.watch('queue-waiting', () => rounds.queue.waiting())
  metrics.watch('writes-waiting', () => installations.waitingWrites())
  metrics.watch('repositories', () => known.all().length)
  const sweep = createSweep({
    list: installations.repositories,
    known,
    enqueue: rounds.queue.add,
    intervalMs: settings.sweepIntervalMs,
    isScarce: installations.isScarce,
    random: Math.random,
    health,
    log,
  })
  const us = await installations.identity()
  const server: RunningServer = await startServer({
    host: settings.server.host,
    port: settings.server.port,
    statusToken: settings.server.statusToken?.reveal() ?? null,
    app: { id: settings.forge.appId, privateKey: settings.forge.privateKey.reveal(), apiUrl: settings.forge.apiUrl },
    secrets: settings.forge.webhookSecrets.map((secret) => secret.reveal()),
    self: () => us,
    known,
    enqueue: rounds.queue.add,
    onInstallationsChanged: sweep.refresh,
    metrics,
    health,
    status: () => [...rounds.last().values()].map(({ considered, plan }) => overviewOf(considered, plan)),
    log,
  })
  const watching = workplace.delivery.watch((cluster) => {
    for (const { id } of known.all()) rounds.queue.add(id, [{ is: 'cluster', cluster }])
  })
  await sweep.start()
  log.info({ url: server.url, app: us.slug }, 'Sluice listens')
  return {
    url: server.url,
    stop: async () => {
      await server.stop()
      await sweep.stop()
      await watching.stop()
      await rounds.stop()
      tools.close()
    },
  }
}

const verdictsOf = (round: Round | null) =>
  [...(round?.considered.judgements.values() ?? [])].flat().flatMap((judgement) => judgement.verdicts)

/** The operator's words for a cluster as the adapter takes them. */
export function clusterAccess(cluster: ClusterSettings): ClusterAccess {
  const { name, reconcileRequests, knownAs } = cluster
  const common = { name, reconcileRequests, knownAs }
  if (cluster.by === 'kubeconfig') {
    const { file, context, allowExecPlugins } = cluster
    return { ...common, kubeconfig: file, allowExecPlugins, ...(context === null ? {} : { context }) }
  }
  const { server, token, ca } = cluster
  return {
    ...common,
    server,
    ...(token === null ? {} : 'file' in token ? { tokenFile: token.file } : { token: token.value.reveal() }),
    ...(ca === null ? {} : { ca }),
  }
}
