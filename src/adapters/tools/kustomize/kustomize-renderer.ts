import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { LRUCache } from 'lru-cache'
import PQueue from 'p-queue'
import { failureReason, OperatorError } from '../../../domain/failures.ts'
import { digestOf } from '../../../domain/hash.ts'
import { objectName, type Rendering } from '../../../domain/rendered.ts'
import type { Consumer, ObjectReader, OverlayAt } from '../../../overlays/object-reader.ts'
import { refusal } from '../../../overlays/problem.ts'
import { keptKustomizations, type Reached, reachOf } from '../../../overlays/reach.ts'
import { renderedObjects } from '../../../overlays/rendered-objects.ts'
import type { Renderer } from '../../../ports/render.ts'
import { type RunTool, runTool } from '../../../run-tool.ts'
import { asFluxWrites, fluxKustomization } from './flux-kustomization.ts'
import { notApplied } from './not-applied.ts'

export interface KustomizeOptions {
  /** Absolute. */
  readonly kustomize: string
  /** Part of what a rendering is kept by: another version may render otherwise. */
  readonly version: string
  readonly run?: RunTool
  readonly timeoutMs?: number
  /** Of kept renderings, roughly. */
  readonly cacheBytes?: number
}

/** Each takes a processor and some 100 MB for a moment. */
const buildsAtOnce = 4
const maxFileBytes = 4 * 1024 * 1024
const maxOverlayBytes = 32 * 1024 * 1024
const maxOutputBytes = 16 * 1024 * 1024
const memoryLimitBytes = 2 * 1024 * 1024 * 1024

/**
 * Renders by the real kustomize, of nothing but the files that the static walk reached: in an empty folder, without a
 * home, a PATH or (where the machine allows it) a network, within bounds of time, output and memory.
 */
export function kustomizeRenderer(options: KustomizeOptions): Renderer {
  const kept = keptKustomizations()
  const underWay = new Map<string, Promise<Rendering>>()
  const queue = new PQueue({ concurrency: buildsAtOnce })
  const renderings = new LRUCache<string, Rendering>({
    maxSize: options.cacheBytes ?? 64 * 1024 * 1024,
    sizeCalculation: sizeOf,
  })
  return {
    async render(git, tree, overlay, as) {
      const reach = await reachOf({ reader: git, tree, overlay, as, kept })
      if (reach.is === 'unsupported') return reach
      const key = digestOf(JSON.stringify([reach.inputs, overlay, as, options.version]))
      const known = renderings.get(key)
      if (known !== undefined) return known
      const building = underWay.get(key) ?? queue.add(() => build(options, { reader: git, tree, overlay }, reach, as))
      underWay.set(key, building)
      const rendering = await building.finally(() => underWay.delete(key))
      renderings.set(key, rendering)
      return rendering
    },
  }
}

/** Bodies are counted by what their objects hold; a guess is enough for a bound. */
const sizeOf = (rendering: Rendering): number =>
  rendering.is === 'unsupported'
    ? 1_000
    : 1_000 + rendering.objects.reduce((sum, { body }) => sum + JSON.stringify(body).length * 2, 0)

async function build(options: KustomizeOptions, at: OverlayAt, reach: Reached, as: Consumer): Promise<Rendering> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-render-'))
  try {
    const written = await writeFiles(folder, at.reader, reach)
    if (written !== undefined)
      return refusal(written, { reason: 'render.too-large', detail: 'it is too large to be rendered' })
    if (reach.kustomization === null) await writeMadeUp(folder, at, reach)
    else if (as === 'flux' && !(await rewriteForFlux(join(folder, reach.kustomization))))
      return refusal(reach.kustomization, withoutResources)
    return await runKustomize(options, folder, at.overlay, as)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The path of the file that breaks the bounds, where one does. */
async function writeFiles(folder: string, reader: ObjectReader, reach: Reached): Promise<string | undefined> {
  let left = maxOverlayBytes
  for (const { path, oid } of reach.files) {
    const bytes = await blobWithin(reader, oid)
    left -= bytes?.length ?? Number.POSITIVE_INFINITY
    if (bytes === undefined || left < 0) return path
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), bytes, { flag: 'wx' })
  }
  return undefined
}

async function blobWithin(reader: ObjectReader, oid: Reached['files'][number]['oid']): Promise<Uint8Array | undefined> {
  try {
    return await reader.blob(oid, maxFileBytes)
  } catch (error) {
    if (failureReason(error) !== 'git.blob-too-large') throw error
    return undefined
  }
}

async function writeMadeUp(folder: string, { overlay }: OverlayAt, reach: Reached): Promise<void> {
  await mkdir(join(folder, overlay), { recursive: true })
  await writeFile(join(folder, overlay, 'kustomization.yaml'), fluxKustomization(overlay, reach), { flag: 'wx' })
}

const withoutResources = {
  reason: 'render.no-resources',
  detail:
    'Flux adds `buildMetadata: [originAnnotations]` to a kustomization without `resources`, which cannot be done as this ' +
    'one is written; give it `resources`, or write it as a plain block without `buildMetadata`',
}

async function rewriteForFlux(file: string): Promise<boolean> {
  const written = asFluxWrites(await readFile(file))
  if (written !== undefined) await writeFile(file, written)
  return written !== undefined
}

async function runKustomize(
  { kustomize, run = runTool, timeoutMs = 20_000 }: KustomizeOptions,
  folder: string,
  overlay: string,
  as: Consumer,
): Promise<Rendering> {
  // Flux lets a kustomization take files from the whole repository; the walk has bounded it to that.
  const restrictor = as === 'flux' ? 'LoadRestrictionsNone' : 'LoadRestrictionsRootOnly'
  const result = await run({
    command: kustomize,
    args: ['build', `--load-restrictor=${restrictor}`, '--', `./${overlay}`],
    cwd: folder,
    env: { GOMEMLIMIT: '1GiB', GOMAXPROCS: '2' },
    timeoutMs,
    maxOutputBytes,
    memoryLimitBytes,
    isolateNetwork: true,
  })
  if (result.ended === 'exited' && result.exitCode === 0)
    return judged(renderedObjects(overlay, result.stdout), overlay, as)
  if (result.ended === 'timed-out') return tooLarge(overlay, `kustomize took longer than ${timeoutMs / 1000} s`)
  if (result.ended === 'output-too-large')
    return tooLarge(overlay, `kustomize printed more than ${maxOutputBytes} bytes`)
  if (result.ended === 'exited' && result.exitCode === 1) return failed(overlay, result.stderr, folder)
  // Go ends with 2 when it runs out of the memory that it may use, and when it has a bug.
  if (result.exitCode === 2 || result.ended === 'killed')
    return tooLarge(overlay, 'kustomize ran out of memory or crashed')
  throw new OperatorError(
    'render.tool',
    `${kustomize} ended with ${result.exitCode ?? result.ended}: ${result.stderr.slice(0, 500)}`,
  )
}

/** Flux fills in variables after the build, from objects that only the cluster knows: such an image is hidden from us (T24). */
function judged(rendering: Rendering, overlay: string, as: Consumer): Rendering {
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

const tooLarge = (overlay: string, detail: string): Rendering =>
  refusal(overlay, { reason: 'render.too-large', detail })

const failed = (overlay: string, stderr: string, folder: string): Rendering =>
  refusal(overlay, {
    reason: 'render.failed',
    detail: `kustomize says: ${stderr.replaceAll(`${folder}/`, '').replaceAll(folder, '').trim().slice(0, 1_000)}`,
  })
