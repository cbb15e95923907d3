import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failureKind } from '../domain/failures.ts'
import { bringTools } from './bring-tools.ts'
import type { Addresses, StepOutcome, Tell } from './events.ts'
import { invitations } from './invitations.ts'
import type { Printer } from './printers.ts'
import { viewOf } from './scene.ts'
import { type Stage, setStage } from './stage.ts'
import type { OpenCluster } from './stage-cluster.ts'
import { playStory, stepCount } from './story.ts'

export interface DemoOptions {
  /** Whether it ends after the story. */
  readonly exit: boolean
  readonly print: Printer
  readonly openCluster: OpenCluster
  /** Null for the usual place. */
  readonly toolsDir: string | null
  /** The user's environment, by which tools are found and brought; no setting of Sluice is taken from it. */
  readonly env: Readonly<Partial<Record<string, string>>>
  /** Aborted when the user wants it to end. */
  readonly interrupted: AbortSignal
}

/** `not-begun`: this machine lacks something that somebody can install. */
export type DemoOutcome = 'came-out' | 'fell-short' | 'not-begun' | 'interrupted'

/**
 * Brings the tools, sets the stage, plays the story, and stays up until interrupted. Nothing that it started outlives it;
 * its folder does only where a step failed.
 */
export async function runDemo(options: DemoOptions): Promise<DemoOutcome> {
  const since = performance.now()
  const seconds = () => Math.round((performance.now() - since) / 100) / 10
  const tell: Tell = (telling) => options.print({ at: seconds(), ...telling })
  const folder = await mkdtemp(join(tmpdir(), 'sluice-demo-'))
  tell({ event: 'demo.begins', folder })
  const { steps, ended } = await perform(options, folder, unlessInterrupted(tell, options.interrupted))
  const ok = steps.length === stepCount && steps.every((step) => step.ok)
  const isKept = ended === 'broken' || steps.some((step) => !step.ok)
  // What was ended a moment ago may still write its last file.
  if (!isKept) await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  tell({ event: 'demo.done', ok, seconds: seconds(), steps, kept: isKept ? folder : null })
  if (options.interrupted.aborted) return 'interrupted'
  if (ended === 'not-begun') return 'not-begun'
  return ok ? 'came-out' : 'fell-short'
}

interface Performance {
  readonly steps: readonly StepOutcome[]
  /** `broken`: something beside the steps went wrong. */
  readonly ended: 'played' | 'broken' | 'not-begun'
}

async function perform(options: DemoOptions, folder: string, tell: Tell): Promise<Performance> {
  try {
    return { steps: await onStage(options, folder, tell), ended: 'played' }
  } catch (error) {
    // What was interrupted breaks in all sorts of ways, which are nobody's concern.
    if (options.interrupted.aborted) return { steps: [], ended: 'played' }
    tell({ event: 'demo.failed', why: error instanceof Error ? error.message : String(error) })
    return { steps: [], ended: failureKind(error) === 'operator' ? 'not-begun' : 'broken' }
  }
}

async function onStage(options: DemoOptions, folder: string, tell: Tell): Promise<readonly StepOutcome[]> {
  const { openCluster, interrupted } = options
  const tools = await bringTools(options, tell)
  const searchPath = options.env['PATH'] ?? ''
  const onProgress = (line: string) => tell({ event: 'stage.progress', line })
  await using stage = await setStage({ dir: folder, searchPath, onProgress, openCluster, interrupted, ...tools })
  // Whoever ends it does not want to wait for what is under way.
  const aborted = untilAborted(interrupted).then(() => stage.server.stop('SIGKILL'))
  await Promise.race([stage.server.start(), aborted])
  const addresses = addressesOf(stage)
  const { about, patience } = stage.cluster
  tell({
    event: 'stage.ready',
    addresses,
    about,
    patience: { ...patience, 'rollback in production': 'when unhealthy' },
  })
  const steps = await Promise.race([playStory(stage, tell), aborted.then(() => [])])
  const isOver = options.exit || steps.length < stepCount || steps.some((step) => !step.ok)
  if (!isOver) {
    const pulls = await viewOf(stage).pulls()
    tell({ event: 'demo.stays', addresses, invitations: invitations(stage, pulls) })
    await aborted
  }
  return steps
}

const addressesOf = ({ forge, cluster, registry, server, repository }: Stage): Addresses => ({
  forge: forge.url,
  repository: `${forge.url}/${repository}`,
  cluster: cluster.url,
  registry: `http://${registry.host}`,
  server: server.url,
  log: server.logFile,
})

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** A story whose stage is being taken down has nothing more to say. */
const unlessInterrupted =
  (tell: Tell, interrupted: AbortSignal): Tell =>
  (telling) => {
    if (!interrupted.aborted) tell(telling)
  }
