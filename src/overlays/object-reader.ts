import type { Sha } from '../domain/ids.ts'
import type { GitObjects } from '../ports/git.ts'

/** What reading an overlay needs of a repository. Answers depend on nothing but the ids. */
export type ObjectReader = Pick<GitObjects, 'tree' | 'entry' | 'blob'>

export type Consumer = 'kustomize' | 'flux' | 'argo-cd'

/** One overlay at one tree (or commit). `overlay` is a folder without leading or trailing slash. */
export interface OverlayAt {
  readonly reader: ObjectReader
  readonly tree: Sha
  readonly overlay: string
}

export const joinPath = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`)
export const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0))
