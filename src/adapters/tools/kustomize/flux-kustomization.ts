import { isMap, stringify } from 'yaml'
import { folderOf } from '../../../overlays/object-reader.ts'
import type { Reached } from '../../../overlays/reach.ts'
import { maxAliases, yamlSource } from '../../../overlays/yaml-source.ts'

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

/**
 * Where a kustomization has no `resources`, Flux has kustomize write into each object where it comes from, and takes the
 * place of what the file says of that (`GenerateManifest`, "to avoid kustomization.yaml is empty"). Unchanged where it has
 * some; undefined where that cannot be put into the file as it is written.
 */
export function asFluxWrites(bytes: Uint8Array): Uint8Array | undefined {
  const source = yamlSource(bytes)
  if (source.is !== 'yaml') return undefined
  const [document] = source.documents
  const root = document?.contents
  const said: unknown = document?.toJS({ maxAliasCount: maxAliases })
  if (typeof said !== 'object' || said === null || !isMap(root)) return undefined
  if ('resources' in said && Array.isArray(said.resources) && said.resources.length > 0) return bytes
  if ('buildMetadata' in said || root.flow === true || /^(\.\.\.|---)/m.test(source.text.slice(root.range?.[0])))
    return undefined
  return new TextEncoder().encode(`${source.text.replace(/\n?$/, '\n')}buildMetadata: [originAnnotations]\n`)
}

const isInside = (folder: string, other: string): boolean => folder.startsWith(`${other}/`)
