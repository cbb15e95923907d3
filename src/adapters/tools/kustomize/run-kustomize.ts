import { OperatorError } from '../../../domain/failures.ts'
import { objectName, type Rendering } from '../../../domain/rendered.ts'
import type { Consumer } from '../../../overlays/object-reader.ts'
import { refusal } from '../../../overlays/problem.ts'
import { renderedObjects } from '../../../overlays/rendered-objects.ts'
import { type RunTool, runTool, type ToolRun } from '../../../run-tool.ts'
import { notApplied } from './not-applied.ts'

export interface KustomizeRun {
  /** Absolute. */
  readonly kustomize: string
  readonly run?: RunTool
  readonly timeoutMs?: number
  /** Called after each run: with the error of a missing or broken tool, with null of one that works. */
  readonly onRun?: (broken: OperatorError | null) => void
}

interface Built {
  /** Holds the overlay's files, and nothing else. */
  readonly folder: string
  readonly overlay: string
  readonly as: Consumer
}

const defaultTimeoutMs = 20_000
const maxOutputBytes = 16 * 1024 * 1024
const memoryLimitBytes = 2 * 1024 * 1024 * 1024

/** One build; every way in which the tool can fail is a denial, and those that are its own fault are told to `onRun` too. */
export async function runKustomize(options: KustomizeRun, built: Built): Promise<Rendering> {
  const { onRun = () => {} } = options
  try {
    const rendering = answerOf(await build(options, built), options, built)
    onRun(null)
    return rendering
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    onRun(error)
    const detail = 'kustomize does not work on this machine; the operator is told, and it is tried again'
    return refusal(built.overlay, { reason: 'render.tool', detail })
  }
}

function build({ kustomize, run = runTool, timeoutMs }: KustomizeRun, built: Built): Promise<ToolRun> {
  // Flux lets a kustomization take files from the whole repository; the walk has bounded it to that.
  const restrictor = built.as === 'flux' ? 'LoadRestrictionsNone' : 'LoadRestrictionsRootOnly'
  return run({
    command: kustomize,
    args: ['build', `--load-restrictor=${restrictor}`, '--', `./${built.overlay}`],
    cwd: built.folder,
    env: { GOMEMLIMIT: '1GiB', GOMAXPROCS: '2' },
    timeoutMs: timeoutMs ?? defaultTimeoutMs,
    maxOutputBytes,
    memoryLimitBytes,
    isolateNetwork: true,
  })
}

function answerOf(result: ToolRun, { kustomize, timeoutMs }: KustomizeRun, built: Built): Rendering {
  const { overlay } = built
  const deny = (reason: string, detail: string): Rendering => refusal(overlay, { reason, detail })
  const hasExited = result.ended === 'exited'
  if (hasExited && result.exitCode === 0) return judged(renderedObjects(overlay, result.stdout), built)
  if (hasExited && result.exitCode === 1) return deny('render.failed', `kustomize says: ${saidIn(result, built)}`)
  if (result.ended === 'timed-out')
    return deny('render.too-costly', `kustomize took longer than ${(timeoutMs ?? defaultTimeoutMs) / 1000} s`)
  if (result.ended === 'output-too-large')
    return deny('render.too-large', `kustomize printed more than ${maxOutputBytes} bytes`)
  // Go ends with 2 when it runs out of the memory that it may use, and when it has a bug.
  if (result.exitCode === 2 || result.ended === 'killed')
    return deny('render.too-costly', 'kustomize ran out of memory or crashed')
  const how = result.exitCode ?? result.ended
  throw new OperatorError('render.tool', `${kustomize} ended with ${how}: ${result.stderr.slice(0, 500)}`)
}

/** Its own words, without our folders. */
const saidIn = ({ stderr }: ToolRun, { folder }: Built): string =>
  stderr.replaceAll(`${folder}/`, '').replaceAll(folder, '').trim().slice(0, 1_000)

/** Flux fills in variables after the build, from objects that only the cluster knows: such an image is hidden from us (T24). */
function judged(rendering: Rendering, { overlay, as }: Built): Rendering {
  if (rendering.is === 'unsupported') return rendering
  const idle = rendering.objects.find((object) => notApplied(object, as) !== undefined)
  if (idle !== undefined) {
    const detail = `${objectName(idle)} runs images and is not applied, since it says ${notApplied(idle, as)}`
    return refusal(overlay, { reason: 'render.not-applied', detail })
  }
  if (as !== 'flux') return rendering
  const hidden = rendering.objects.find(({ images }) => images.some((image) => image.includes('${')))
  if (hidden === undefined) return rendering
  const detail = `an image of ${objectName(hidden)} holds a variable that Flux fills in later`
  return refusal(overlay, { reason: 'render.substitution', detail })
}
