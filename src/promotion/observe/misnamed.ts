import type { CheckedConfig } from '../../config/checked-config.ts'
import { misnamedAmong, overlayOf, overlayShape } from '../../config/overlay-paths.ts'
import type { Sha } from '../../domain/ids.ts'
import { kustomizationNames } from '../../overlays/own-kustomization.ts'
import type { GitObjects } from '../../ports/git.ts'

export interface MisnamedOverlay {
  readonly environment: string
  readonly overlay: string
  readonly name: string
}

/** Overlays of a tree that are there under a name that no application may have, so that no slot is made of them. */
export async function misnamedOverlays(
  git: GitObjects,
  tree: Sha,
  config: CheckedConfig,
): Promise<readonly MisnamedOverlay[]> {
  const found: MisnamedOverlay[] = []
  for (const environment of config.environments.values()) {
    const parent = overlayShape(environment.overlay)?.parent
    if (parent === undefined) continue
    for (const name of misnamedAmong(environment, await foldersIn(git, tree, parent))) {
      const overlay = overlayOf(environment, name)
      const files = await Promise.all(kustomizationNames.map((file) => git.entry(tree, `${overlay}/${file}`)))
      if (files.some((file) => file !== undefined)) found.push({ environment: environment.name, overlay, name })
    }
  }
  return found
}

async function foldersIn(git: GitObjects, tree: Sha, parent: string): Promise<readonly string[]> {
  const folder = parent === '' ? { type: 'tree', oid: tree } : await git.entry(tree, parent)
  if (folder?.type !== 'tree') return []
  return (await git.tree(folder.oid)).filter((entry) => entry.type === 'tree').map((entry) => entry.path)
}
