import { stringify } from 'yaml'
import { folderOf } from '../../../overlays/object-reader.ts'
import type { Reached } from '../../../overlays/reach.ts'

/**
 * The kustomization that Flux makes up for a folder without one: every manifest below, but of a subfolder that has a
 * kustomization only that subfolder. (fluxcd/pkg/kustomize, Generator.generateKustomization)
 */
export function fluxKustomization(overlay: string, reach: Reached): string {
  const inside = overlay === '' ? '' : `${overlay}/`
  const subfolders = reach.folders.filter((folder) => folder !== overlay && folder.startsWith(inside))
  const own = subfolders.filter((folder) => !subfolders.some((other) => isInside(folder, other)))
  const files = reach.files
    .map(({ path }) => path)
    .filter(
      (path) =>
        path.startsWith(inside) && !own.some((folder) => isInside(folderOf(path), folder) || folderOf(path) === folder),
    )
  const resources = [...files, ...own].map((path) => `./${path.slice(inside.length)}`).toSorted()
  return stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources })
}

const isInside = (folder: string, other: string): boolean => folder.startsWith(`${other}/`)
