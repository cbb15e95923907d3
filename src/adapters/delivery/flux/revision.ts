import { isSha, type Sha } from '../../../domain/ids.ts'

export interface Revision {
  readonly commit: Sha
  /** What stands before the `@`: a branch, a tag, or nothing. */
  readonly ref: string
}

/**
 * `main@sha1:<40 hex>` and `sha1:<40 hex>` as source-controller writes them; strictly after the last `@`, since branches
 * may hold one. Undefined for anything else: an OCI digest is no commit.
 */
export function parseRevision(text: string | undefined): Revision | undefined {
  if (text === undefined) return undefined
  const at = text.lastIndexOf('@')
  const [algorithm, id = '', ...rest] = text.slice(at + 1).split(':')
  const length = algorithm === 'sha1' ? 40 : algorithm === 'sha256' ? 64 : 0
  if (rest.length > 0 || id.length !== length || !isSha(id)) return undefined
  return { commit: id, ref: at < 0 ? '' : text.slice(0, at) }
}
