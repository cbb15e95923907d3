import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { OperatorError } from '../domain/failures.ts'

const mostFiles = 5_000
const mostBytes = 4 * 1024 * 1024

/** Everything under `.sluice/` of a folder as it lies there now, committed or not. Symlinks are left out, as the server does. */
export async function manifestFilesOf(root: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  await collect(root, '.sluice', files)
  return files
}

async function collect(root: string, folder: string, files: Map<string, string>): Promise<void> {
  for (const entry of await entriesOf(join(root, folder))) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) await collect(root, path, files)
    else if (entry.isFile() && files.size < mostFiles) files.set(path, await textOf(join(root, path)))
  }
}

/** A folder that is not there has no entries. */
export async function entriesOf(folder: string) {
  try {
    return (await readdir(folder, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw new OperatorError('checkout.unreadable', `${folder} cannot be read (${code})`, { cause: error })
  }
}

async function textOf(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > mostBytes) throw new OperatorError('checkout.unreadable', `${path} is over 4 MiB`)
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof OperatorError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new OperatorError('checkout.unreadable', `${path} cannot be read (${code})`, { cause: error })
  }
}
