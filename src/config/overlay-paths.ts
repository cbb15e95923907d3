import { type SlotKey, slotKey } from '../domain/ids.ts'
import type { CheckedConfig, Environment } from './checked-config.ts'
import { namePattern } from './schema/fields.ts'

const placeholder = '{application}'

/** How an overlay with `{application}` names folders. */
export interface OverlayShape {
  /** The folder whose children are the applications; empty for the root. */
  readonly parent: string
  /** The application that a folder name of `parent` stands for. */
  readonly nameOf: (folder: string) => string | undefined
  /** The application whose overlay a path is. */
  readonly nameIn: (path: string) => string | undefined
}

/** Undefined for an overlay without placeholder. */
export function overlayShape(overlay: string): OverlayShape | undefined {
  const at = overlay.indexOf(placeholder)
  if (at === -1) return undefined
  const start = overlay.lastIndexOf('/', at) + 1
  const end = overlay.indexOf('/', at)
  const [before = '', after = ''] = overlay.slice(start, end === -1 ? undefined : end).split(placeholder)
  const [left = '', right = ''] = overlay.split(placeholder)
  return {
    parent: overlay.slice(0, Math.max(0, start - 1)),
    nameOf: (folder) => between(folder, before, after),
    nameIn: (path) => between(path, left, right),
  }
}

function between(text: string, before: string, after: string): string | undefined {
  if (!text.startsWith(before) || !text.endsWith(after)) return undefined
  const name = text.slice(before.length, text.length - after.length)
  return namePattern.test(name) && text.length === before.length + name.length + after.length ? name : undefined
}

/**
 * Whether a path lies where an overlay of some application would, under a name that none may have: no slot is ever made of
 * it, and a controller that takes every folder applies it all the same.
 */
export const isMisnamed = (overlay: string, path: string): boolean => misnamedIn(overlay, path) !== undefined

/** The name that no application may have, under which a path lies where an overlay would. */
export function misnamedIn(overlay: string, path: string): string | undefined {
  const [left = '', right] = overlay.split(placeholder)
  if (right === undefined || !path.startsWith(left)) return undefined
  const [part = ''] = path.slice(left.length).split('/', 1)
  const [ending = ''] = right.split('/', 1)
  const below = path.slice(left.length + part.length)
  const isOverlay = part.endsWith(ending) && `${below}/`.startsWith(`${right.slice(ending.length)}/`)
  const name = part.slice(0, part.length - ending.length)
  return isOverlay && name !== '' && !namePattern.test(name) ? name : undefined
}

/** Why a folder is no application's, and what to do. */
export const misnamedWords = (name: string): string =>
  `${name} is no name that an application may have (lower-case letters, digits and hyphens, a letter or digit first); rename the folder`

/** The names, among the folders of `overlayShape(…).parent`, that stand for an application and that none may have. */
export function misnamedAmong(
  environment: Pick<Environment, 'overlay'>,
  folders: readonly string[],
): readonly string[] {
  const { overlay } = environment
  const parent = overlayShape(overlay)?.parent
  if (parent === undefined) return []
  const [, right = ''] = overlay.split(placeholder)
  const below = right.includes('/') ? right.slice(right.indexOf('/')) : ''
  return folders.flatMap((folder) => {
    const path = `${parent === '' ? '' : `${parent}/`}${folder}${below}`
    return misnamedIn(overlay, path) ?? []
  })
}

/** The folder of an application's overlay in an environment. */
export const overlayOf = (environment: Pick<Environment, 'overlay'>, application: string): string =>
  environment.overlay.replace(placeholder, application)

/**
 * Who lives in an environment, sorted. `folders` are the names of the folders in `overlayShape(…).parent`; whether the
 * rest of the overlay's path exists below each is for the caller to see.
 */
export function applicationsIn(environment: Environment, folders: readonly string[]): readonly string[] {
  if (environment.applications !== null) return environment.applications
  const shape = overlayShape(environment.overlay)
  return folders.flatMap((folder) => shape?.nameOf(folder) ?? []).toSorted()
}

/** The slots whose overlay is exactly this folder; several where one overlay is shared, none for any other folder. */
export function slotsOfOverlayPath(config: CheckedConfig, folder: string): readonly SlotKey[] {
  return [...config.environments.values()].flatMap((environment) => {
    const found = overlayShape(environment.overlay)?.nameIn(folder)
    if (found !== undefined) return [slotKey(found, environment.name)]
    if (environment.overlay !== folder) return []
    return (environment.applications ?? []).map((application) => slotKey(application, environment.name))
  })
}

/** The slots in whose overlay folder one of the paths lies, or is it itself (a link), whether or not the overlay exists. */
export function slotsNamedBy(
  config: CheckedConfig,
  paths: readonly string[],
  repositoryName: string,
): readonly SlotKey[] {
  const folders = new Set(
    paths.flatMap((path) => [path, ...path.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/'))]),
  )
  const fromFolders = [...folders].flatMap((folder) => slotsOfOverlayPath(config, folder))
  const alone = [...config.environments.values()].filter(
    ({ applications, overlay }) => applications === null && overlayShape(overlay) === undefined && folders.has(overlay),
  )
  return [...new Set([...fromFolders, ...alone.map(({ name }) => slotKey(repositoryName, name))])]
}
