import type { CheckedConfig } from '../../config/checked-config.ts'
import { guardedEnvironments } from '../../config/guarded-environments.ts'
import { slotsNamedBy } from '../../config/overlay-paths.ts'
import type { Change, ChangeKind, Origin, RenderedDifference } from '../../domain/change.ts'
import { digestOfValue } from '../../domain/hash.ts'
import { type Digest, type Sha, type SlotKey, slotKey } from '../../domain/ids.ts'
import type { OverlayRelease } from '../../domain/release.ts'
import type { Rendering } from '../../domain/rendered.ts'
import { differenceOf } from '../../overlays/rendered-difference.ts'
import type { GitObjects } from '../../ports/git.ts'
import type { Renderer } from '../../ports/render.ts'
import { severalAtOnce } from '../several-at-once.ts'
import { type OverlayFacts, type Overlays, readOverlay, touching, whatLiesAt } from './overlays.ts'

export interface Comparison {
  readonly git: GitObjects
  readonly renderer: Renderer
  readonly config: CheckedConfig
  /** The manifests that the merge result holds, where it changes them; null where they do not parse. */
  readonly nextConfig: CheckedConfig | null
  readonly repositoryName: string
  readonly base: Sha
  readonly overlays: Overlays
  /** The tree that the default branch would have after the merge. */
  readonly result: Sha
  readonly paths: readonly string[]
  readonly head: Sha
  readonly origin: Origin
}

/** Every slot whose inputs differ between base and merge result, and every environment whose guard paths do. */
export async function changesBetween(
  comparison: Comparison,
  kindOf: (slot: SlotKey) => ChangeKind,
): Promise<readonly Change[]> {
  const { overlays, paths, config, repositoryName } = comparison
  const concerned = slotsConcerned(overlays, paths, config, repositoryName)
  const found = await severalAtOnce(concerned, (key) => slotChange(comparison, key, kindOf(key)))
  const changes: Change[] = found.filter((change) => change !== undefined)
  const guarded = guardedEnvironments(comparison.config, comparison.nextConfig, comparison.paths)
  for (const [environment, guardPaths] of guarded) {
    changes.push(await guardChange(comparison, environment, guardPaths, kindOf(slotKey('*', environment))))
  }
  return changes
}

async function slotChange(c: Comparison, key: SlotKey, kind: ChangeKind): Promise<Change | undefined> {
  const place = placeOf(c.config, key)
  if (place === undefined) return undefined
  const before = c.overlays.bySlot.get(key)
  const after = await readOverlay(c.git, c.result, c.config, place)
  const isThere = (await whatLiesAt(c.git, c.result, place.overlay)) !== 'nothing'
  if (before === undefined && !isThere) return undefined
  if (before !== undefined && before.inputs !== null && before.inputs === after.inputs) return undefined
  if (before?.inputs === null && after.inputs === null && !touching(c.paths)(before)) return undefined
  const release: OverlayRelease = isThere ? after.release : { is: 'absent' }
  return {
    slot: key,
    kind,
    head: c.head,
    inputs: inputsOf(after, isThere, c.result),
    release,
    replaces: before?.release ?? { is: 'absent' },
    origin: c.origin,
    difference: await differenceBetween(c, place.environment, before, isThere ? after : undefined),
    sharedPaths: sharedPaths(c, place, after, before),
    guardPaths: [],
  }
}

/** What stands for an overlay in what was gated: of one that is gone or cannot be read, that it is. */
export const inputsOf = (overlay: OverlayFacts, isThere: boolean, tree: Sha): Digest => {
  if (!isThere) return digestOfValue({ absent: overlay.overlay })
  return overlay.inputs ?? digestOfValue({ unread: overlay.overlay, tree })
}

/** The slots that a set of changed paths could concern, whether or not their inputs differ in the end. */
export function slotsConcerned(
  overlays: Overlays,
  paths: readonly string[],
  config: CheckedConfig,
  repositoryName: string,
): readonly SlotKey[] {
  const isTouched = touching(paths)
  const existing = [...overlays.bySlot.values()].filter((overlay) => overlay.inputs === null || isTouched(overlay))
  const named = slotsNamedBy(config, paths, repositoryName)
  return [...new Set([...existing.map((overlay) => overlay.key), ...named])].toSorted()
}

export function placeOf(config: CheckedConfig, key: SlotKey) {
  const at = key.lastIndexOf('/')
  const application = key.slice(0, at)
  const environment = config.environments.get(key.slice(at + 1))
  if (environment === undefined) return undefined
  return {
    key,
    application,
    environment: environment.name,
    overlay: environment.overlay.replaceAll('{application}', application),
  }
}

async function differenceBetween(
  c: Comparison,
  environmentName: string,
  before: OverlayFacts | undefined,
  after: OverlayFacts | undefined,
): Promise<RenderedDifference> {
  const as = c.config.environments.get(environmentName)?.renderAs ?? 'kustomize'
  const [then, next] = await Promise.all([
    before === undefined ? null : c.renderer.render(c.git, c.base, before.overlay, as),
    after === undefined ? emptied : c.renderer.render(c.git, c.result, after.overlay, as),
  ])
  return differenceOf(then, next)
}

/** What an overlay that is taken away renders. */
const emptied: Rendering = { is: 'rendered', objects: [], digest: digestOfValue([]) }

function sharedPaths(
  c: Comparison,
  place: { readonly application: string; readonly environment: string },
  after: OverlayFacts,
  before: OverlayFacts | undefined,
): readonly string[] {
  const upstream = c.config.environments.get(place.environment)?.promotesFrom ?? []
  const others = upstream.flatMap((name) => c.overlays.bySlot.get(slotKey(place.application, name)) ?? [])
  const isOwn = (path: string) => after.paths.has(path) || (before?.paths.has(path) ?? false)
  return c.paths.filter((path) => isOwn(path) && others.some((other) => other.paths.has(path)))
}

/** Of what the guard paths hold in a tree. */
export async function guardInputs(git: GitObjects, tree: Sha, guardPaths: readonly string[]): Promise<Digest> {
  const contents: Record<string, string> = {}
  for (const path of guardPaths) contents[path] = (await git.entry(tree, path))?.oid ?? 'removed'
  return digestOfValue(contents)
}

async function guardChange(
  c: Comparison,
  environment: string,
  guardPaths: readonly string[],
  kind: ChangeKind,
): Promise<Change> {
  return {
    slot: slotKey('*', environment),
    kind: kind === 'promotion' ? 'edit' : kind,
    head: c.head,
    inputs: await guardInputs(c.git, c.result, guardPaths),
    release: { is: 'absent' },
    replaces: { is: 'absent' },
    origin: c.origin,
    difference: { is: 'rendered', after: [], changed: [] },
    sharedPaths: [],
    guardPaths,
  }
}
