import type { Sha } from '../domain/ids.ts'
import type { Rendering } from '../domain/rendered.ts'
import type { GitObjects } from './git.ts'

/**
 * Renders an overlay of a tree as its consumer would. An overlay that cannot be rendered so, or that reaches outside what
 * is allowed (T18–T22), is the value `unsupported`; so is one for which the tool is missing or broken, as `render.tool`.
 */
export interface Renderer {
  render(git: GitObjects, tree: Sha, overlay: string, as: 'kustomize' | 'flux' | 'argo-cd'): Promise<Rendering>
}
