import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** Every executable of that name on PATH, in its order; relative entries of PATH are not looked at. */
export async function findOnPath(command: string, path: string | undefined): Promise<readonly string[]> {
  const candidates = (path ?? '')
    .split(delimiter)
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, command))
  const there = await Promise.all(candidates.map(isExecutable))
  return candidates.filter((_, index) => there[index])
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
