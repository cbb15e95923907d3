import type { GitRepository } from '../../ports/git.ts'
import type { RunTool } from '../../run-tool.ts'
import { protocolOf } from './git-environment.ts'
import { gitObjects } from './git-objects.ts'
import type { GitPlace } from './git-process.ts'
import { gitRemote } from './git-remote.ts'
import { gitWriter } from './git-writer.ts'
import { ensureMirror, gitExecutable, recreateMirror } from './mirror.ts'
import { objectStore } from './object-store.ts'

export interface GitRepositoryOptions {
  /** Of the bare mirror, absolute; made where it is not there. */
  readonly dir: string
  /** `https://…`, `http://…` or a local path, without credentials. */
  readonly url: string
  /** Asked anew for each fetch and push; null where none is needed. */
  readonly token: () => Promise<string | null>
  /** The git executable: a path, or a name that the usual folders hold. */
  readonly git: string
  /** Of parsed objects kept in memory. */
  readonly cacheBytes?: number
  /** Of one fetch or push. */
  readonly networkTimeoutMs?: number
  /** Added to git's otherwise closed environment: a proxy, a CA file. */
  readonly extraEnvironment?: Readonly<Record<string, string>>
  readonly run?: RunTool
}

/**
 * One repository by a bare mirror: fetched and pushed by git, read through one long-lived `cat-file`, written as loose
 * objects. Nothing is in it before the first `fetch`. Deleting the folder, at any time, costs a fetch.
 */
export async function gitRepository(
  options: GitRepositoryOptions,
): Promise<GitRepository & { close(): Promise<void> }> {
  protocolOf(options.url)
  const { dir, url } = options
  const place: GitPlace = {
    git: gitExecutable(options.git),
    dir,
    url,
    extraEnvironment: options.extraEnvironment ?? {},
    ...(options.run === undefined ? {} : { run: options.run }),
  }
  await ensureMirror(place)

  const openStore = () => objectStore(place, options.cacheBytes ?? 32 * 1024 * 1024)
  let store = openStore()
  const current = () => store
  const rebuild = async (): Promise<void> => {
    await store.close()
    await recreateMirror(place)
    store = openStore()
  }
  const remote = gitRemote({
    place,
    token: options.token,
    timeoutMs: options.networkTimeoutMs ?? 120_000,
    isBroken: () => store.isBroken(),
    rebuild,
  })
  return { ...gitObjects(place, current), ...gitWriter(dir, current), ...remote, close: () => store.close() }
}
