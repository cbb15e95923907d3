import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kubernetesDelivery } from './adapters/delivery/kubernetes-delivery.ts'
import { openCheckout } from './adapters/git/checkout.ts'
import { usableGit } from './adapters/git/usable-git.ts'
import { cosignSignatures } from './adapters/tools/cosign/cosign-signatures.ts'
import { registryReads } from './adapters/tools/cosign/registry-reads.ts'
import { kustomizeRenderer } from './adapters/tools/kustomize/kustomize-renderer.ts'
import type { CliWorld, DemoFlags, OpenCheckout, OpenForge, ToolFinding } from './cli/world.ts'
import { clusterAccess, composeServer, composeWorkplace, registryAccess } from './compose.ts'
import type { DemoOutcome } from './demo/run-demo.ts'
import { failureKind, failureReason, OperatorError, UserError } from './domain/failures.ts'
import { toInstant } from './domain/ids.ts'
import { createLog, type Logger, standardError } from './log.ts'
import type { Signatures } from './ports/signatures.ts'
import { openRepository } from './promotion/workplace.ts'
import { toolIsolation } from './run-tool.ts'
import { createMetrics } from './server/metrics.ts'
import {
  type LocalSettings,
  readDemoSettings,
  readSettings,
  readToolSettings,
  type Settings,
  type ToolSettings,
} from './settings.ts'
import { cosignFlaw, toolTable } from './toolchain/tool-table.ts'
import { usableTool } from './toolchain/usable-tools.ts'

/** What the commands of the command line ask of the world. Nothing is read or started before a command asks for it. */
export const commandWorld = (): CliWorld => ({
  workingFolder: process.cwd(),
  now,
  settings: () => readSettings(),
  localSettings: () => readToolSettings(),
  demo: playDemo,
  serve: () => composeServer(readSettings()),
  openCheckout: (folder) => composeCheckout(folder, readToolSettings()),
  openForge: composeForge,
  tools: findTools,
  isolation: toolIsolation,
  askRegistry,
  askServer,
})

/** Loaded when it is asked for: nothing else of the program needs a sandbox. */
async function playDemo({ json, cluster, ...flags }: DemoFlags): Promise<DemoOutcome> {
  const { isColourWanted, ...settings } = readDemoSettings()
  const [{ runDemo }, { printerFor }] = await Promise.all([import('./demo/run-demo.ts'), import('./demo/printers.ts')])
  const openCluster = cluster
    ? await (await import('./demo/real-cluster.ts')).findRealCluster()
    : (await import('./demo/sandbox-cluster.ts')).openSandboxCluster
  return runDemo({ ...flags, ...settings, openCluster, print: printerFor({ json, isColourWanted }, process.stdout) })
}

const now = () => toInstant(Date.now())

/** What a command finds it says itself; its log is for whoever looks for a fault. */
const commandLog = ({ log }: ToolSettings): Logger =>
  createLog({ ...log, level: log.level === 'debug' || log.level === 'trace' ? log.level : 'fatal' }, standardError)

async function composeCheckout(folder: string, settings: LocalSettings): Promise<OpenCheckout> {
  const git = await usableGit(settings.tools.git)
  // The folder first: nobody should install a tool only to hear that it was the wrong place.
  const checkout = await openCheckout({ folder, git: git.path })
  try {
    return { checkout, ports: await checkoutPorts(settings), close: () => checkout.close() }
  } catch (error) {
    await checkout.close()
    throw error
  }
}

async function checkoutPorts(settings: LocalSettings): Promise<OpenCheckout['ports']> {
  const kustomize = await usableTool('kustomize', settings.tools.kustomize, settings.tools.searchPath)
  const log = commandLog(settings)
  return {
    delivery: kubernetesDelivery({ clusters: settings.clusters.map(clusterAccess), now, log }),
    renderer: kustomizeRenderer({ kustomize: kustomize.path, version: kustomize.version }),
    signatures: await lenientSignatures(settings),
    // Nothing carries it: no record of a checkout is believed for its seal.
    stateKeys: [randomBytes(32)],
    now,
    log,
  }
}

/** A checkout is looked at without cosign too: what asks for a signature then waits, and says that the tool is missing. */
async function lenientSignatures(settings: LocalSettings): Promise<Signatures> {
  const { cosign, searchPath, allowFlawedCosign } = settings.tools
  try {
    const tool = await usableTool('cosign', cosign, searchPath)
    const flaw = allowFlawedCosign ? undefined : cosignFlaw(tool.version)
    if (flaw !== undefined) throw new OperatorError('tool.flawed', flaw)
    return cosignSignatures({ cosign: tool.path, ...registryAccess(settings) })
  } catch (error) {
    if (failureKind(error) !== 'operator') throw error
    return { byKey: () => Promise.reject(error) }
  }
}

async function composeForge(settings: Settings): Promise<OpenForge> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-command-'))
  const close = () => rm(dataDir, { recursive: true, force: true })
  try {
    // A mirror of our own: two processes that fetch into one would take each other's locks for wreckage.
    const { workplace, installations } = await composeWorkplace(
      { ...settings, dataDir },
      commandLog(settings),
      createMetrics(),
    )
    return {
      installations,
      inspection: installations.inspection,
      delivery: workplace.delivery,
      open: (repository, onArrival) => openRepository(workplace, repository, onArrival),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function findTools(settings: ToolSettings): Promise<readonly ToolFinding[]> {
  return [
    await findGit(settings),
    await findTool('kustomize', settings, () => undefined),
    await findTool('cosign', settings, cosignFlaw),
  ]
}

async function findGit({ tools }: ToolSettings): Promise<ToolFinding> {
  try {
    return { tool: 'git', ...(await usableGit(tools.git)), problem: null }
  } catch (error) {
    return missing('git', error)
  }
}

async function findTool(
  tool: 'kustomize' | 'cosign',
  { tools }: ToolSettings,
  flawOf: (version: string) => string | undefined,
): Promise<ToolFinding> {
  try {
    const { path, version } = await usableTool(tool, tools[tool], tools.searchPath)
    const flaw = flawOf(version)
    const { version: wanted, fits } = toolTable[tool]
    const fix = `install ${tool} ${wanted}, or name it in SLUICE_${tool.toUpperCase()}`
    if (flaw !== undefined)
      return {
        tool,
        path,
        version,
        problem: { is: tools.allowFlawedCosign ? 'warn' : 'fail', says: `${path}: ${flaw}`, fix },
      }
    const says = `${tool} ${version} at ${path} is not a version that Sluice was tried with`
    return { tool, path, version, problem: fits(version) ? null : { is: 'warn', says, fix } }
  } catch (error) {
    return missing(tool, error)
  }
}

function missing(tool: string, error: unknown): ToolFinding {
  if (failureKind(error) === 'bug' || !(error instanceof Error)) throw error
  const fix = `the image brings ${tool}; elsewhere docs/install-on-github.md says how to have it`
  return { tool, path: null, version: null, problem: { is: 'fail', says: error.message, fix } }
}

/** `host/path@sha256:…`; reads its manifest as a verification would. */
async function askRegistry(image: string, settings: ToolSettings): Promise<string | undefined> {
  const [, registry = '', repository = '', digest = ''] = /^([^/]+)\/([^@]+)@(.+)$/.exec(image) ?? []
  try {
    const reads = registryReads(registry, repository, registryAccess(settings))
    return (await reads.exists(`manifests/${digest}`)) ? undefined : `it does not hold ${image}`
  } catch (error) {
    if (failureKind(error) === 'bug' || !(error instanceof Error)) throw error
    return `${error.message} (${failureReason(error)})`
  }
}

async function askServer(address: string, token: string | null): Promise<unknown> {
  if (!URL.canParse(address) || !/^https?:/.test(address))
    throw new UserError('status.address', `${JSON.stringify(address)} is no http(s) address of a server`)
  const response = await statusOf(address, token)
  if (response.status === 401)
    throw new OperatorError('status.token', `${address} wants its token in SLUICE_STATUS_TOKEN`)
  if (!response.ok) throw new OperatorError('status.unreadable', `${address}/status answered ${response.status}`)
  return response.json().catch((cause: unknown) => {
    throw new OperatorError('status.unreadable', `${address}/status did not answer with JSON`, { cause })
  })
}

async function statusOf(address: string, token: string | null): Promise<Response> {
  try {
    return await fetch(new URL('/status', address), {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      // The token goes to the address that was named, and nowhere else.
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
    })
  } catch (cause) {
    throw new OperatorError('status.unreachable', `no server answers at ${address}`, { cause })
  }
}
