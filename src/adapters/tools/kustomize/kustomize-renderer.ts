import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { LRUCache } from 'lru-cache'
import PQueue from 'p-queue'
import { failureReason } from '../../../domain/failures.ts'
import { digestOf } from '../../../domain/hash.ts'
import { mayPassByItself, type Rendering } from '../../../domain/rendered.ts'
import type { Consumer, ObjectReader, OverlayAt } from '../../../overlays/object-reader.ts'
import { kustomizationNames } from '../../../overlays/own-kustomization.ts'
import { refusal } from '../../../overlays/problem.ts'
import { keptKustomizations, type Reached, reachOf } from '../../../overlays/reach.ts'
import type { Renderer } from '../../../ports/render.ts'
import { asFluxWrites, fluxKustomization } from './flux-kustomization.ts'
import { type KustomizeRun, runKustomize } from './run-kustomize.ts'

export interface KustomizeOptions extends KustomizeRun {
  /** Part of what a rendering is kept by: another version may render otherwise. */
  readonly version: string
  /** How soon an overlay is rendered again for which the tool may have been at fault; a minute. */
  readonly againAfterMs?: number
  /** Of kept renderings, roughly. */
  readonly cacheBytes?: number
}

/** Each takes a processor and some 100 MB for a moment. */
const buildsAtOnce = 4
const maxFileBytes = 4 * 1024 * 1024
const maxOverlayBytes = 32 * 1024 * 1024

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
      renderings.set(key, rendering, { ttl: keptForMs(rendering, options.againAfterMs ?? 60_000) })
      return rendering
    },
  }
}

/** Zero is for ever. What cost much is tried more seldom: somebody may have made it so, and opened it many times (T22). */
function keptForMs(rendering: Rendering, againAfterMs: number): number {
  if (rendering.is === 'rendered' || !mayPassByItself(rendering.problem)) return 0
  return rendering.problem.reason === 'render.too-costly' ? againAfterMs * 15 : againAfterMs
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
    const rendering = await runKustomize(options, { folder, overlay: at.overlay, as })
    return isSilent(rendering, reach) ? noOutput(at.overlay) : rendering
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

/** Nothing at all, of an overlay that reaches manifests: a gate that compares renderings would find everything the same. */
const isSilent = (rendering: Rendering, { files, kustomization }: Reached): boolean =>
  rendering.is === 'rendered' &&
  rendering.objects.length === 0 &&
  files.some(({ path }) => path !== kustomization && !kustomizationNames.some((name) => path.endsWith(`/${name}`)))

const noOutput = (overlay: string): Rendering =>
  refusal(overlay, {
    reason: 'render.no-output',
    detail: 'it reaches manifests, and kustomize prints no object; what is to go is taken out of the overlay',
  })
