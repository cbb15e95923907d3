import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Makes folders below one. */
export const folderIn =
  (...parts: readonly [string, ...string[]]) =>
  (name: string): string => {
    const path = join(...parts, name)
    mkdirSync(path, { recursive: true })
    return path
  }
