import { joinPath, type OverlayAt } from './object-reader.ts'

export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/** The path of the overlay's kustomization file; where there is none, the path that it would have. */
export async function ownKustomization({ reader, tree, overlay }: OverlayAt): Promise<string> {
  for (const name of kustomizationNames) {
    const path = joinPath(overlay, name)
    if ((await reader.entry(tree, path)) !== undefined) return path
  }
  return joinPath(overlay, kustomizationNames[0])
}
