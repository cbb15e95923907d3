import { copyFile, lstat, mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OperatorError, UserError } from '../../domain/failures.ts'
import { isSha, type Sha, toInstant, toSha } from '../../domain/ids.ts'
import type { Checkout } from '../../ports/checkout.ts'
import { runTool } from '../../run-tool.ts'
import { gitEnvironment } from './git-environment.ts'
import { gitObjects } from './git-objects.ts'
import type { GitPlace } from './git-process.ts'
import { gitWriter } from './git-writer.ts'
import { ensureMirror, gitExecutable } from './mirror.ts'
import { objectStore } from './object-store.ts'

/**
 * Opens the repository that a folder lies in. Nothing of it is written, fetched or locked: a bare store of our own in a
 * temporary folder borrows its objects. Throws UserError `checkout.*` for what is no usable checkout.
 */
export async function openCheckout(options: { readonly folder: string; readonly git: string }): Promise<Checkout> {
  const ask = asker(gitExecutable(options.git), options.folder)
  const root = await ask(['rev-parse', '--show-toplevel'])
  if (root === null)
    throw new UserError('checkout.none', `${options.folder} lies in no Git repository (with a work tree)`)
  const commit = await ask(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])
  if (commit === null || !isSha(commit)) throw new UserError('checkout.no-commit', `${root} holds no commit yet`)
  if (commit.length !== 40)
    throw new UserError('checkout.format', `${root} is a SHA-256 repository, which Sluice cannot read`)
  const dir = await mkdtemp(join(tmpdir(), 'sluice-checkout-'))
  const place: GitPlace = {
    git: gitExecutable(options.git),
    dir: join(dir, 'store.git'),
    url: root,
    extraEnvironment: {},
  }
  await ensureMirror(place)
  const shallow = await borrowObjects(asker(place.git, root), place.dir)
  const store = objectStore(place, 32 * 1024 * 1024, shallow)
  const current = () => store
  const objects = { ...gitObjects(place, current), ...gitWriter(place.dir, current) }
  const refs = await refsOf(asker(place.git, root))
  const uncommitted = await uncommittedPaths(asker(place.git, root))
  const head = await withUncommitted(objects, root, toSha(commit), uncommitted)
  return {
    git: { ...objects, fetch: async () => new Map([[refs.defaultBranch, refs.base]]), push: refusePush },
    root,
    ...refs,
    head,
    uncommitted,
    close: async () => {
      await store.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

type Ask = (args: readonly string[]) => Promise<string | null>

/** Runs git in the checkout itself, with nothing of its configuration that runs programs. Null where it does not succeed. */
function asker(git: string, folder: string): Ask {
  const { GIT_DIR: _, ...closed } = gitEnvironment({ dir: '', url: '/', token: null, extra: {} })
  const count = Number(closed['GIT_CONFIG_COUNT'])
  // Somebody named this folder on purpose; in containers its files often belong to somebody else.
  const env = {
    ...closed,
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${count}`]: 'safe.directory',
    [`GIT_CONFIG_VALUE_${count}`]: '*',
  }
  return async (args) => {
    const run = await runTool({
      command: git,
      args,
      cwd: folder,
      env,
      timeoutMs: 60_000,
      maxOutputBytes: 64 * 1024 * 1024,
    })
    return run.exitCode === 0 ? run.stdout.replace(/\n$/, '') : null
  }
}

/** Answers the commits at which a shallow checkout ends. */
async function borrowObjects(ask: Ask, dir: string): Promise<ReadonlySet<string>> {
  const objects = await ask(['rev-parse', '--path-format=absolute', '--git-path', 'objects'])
  if (objects === null) throw new OperatorError('git.failed', 'git does not say where the objects of the checkout lie')
  await mkdir(join(dir, 'objects/info'), { recursive: true })
  await writeFile(join(dir, 'objects/info/alternates'), `${objects}\n`)
  const shallow = await ask(['rev-parse', '--path-format=absolute', '--git-path', 'shallow'])
  const isShallow = (await ask(['rev-parse', '--is-shallow-repository'])) === 'true'
  if (!isShallow || shallow === null) return new Set()
  await copyFile(shallow, join(dir, 'shallow'))
  return new Set((await readFile(shallow, 'utf8')).split('\n'))
}

async function refsOf(ask: Ask) {
  const commitOf = async (ref: string): Promise<Sha | null> => {
    const found = await ask(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`])
    return found !== null && isSha(found) ? found : null
  }
  // Not `--short`, which says `heads/main` where a tag is called main as well.
  const named = nameIn('refs/remotes/origin/', await ask(['symbolic-ref', '--quiet', 'refs/remotes/origin/HEAD']))
  const branch = nameIn('refs/heads/', await ask(['symbolic-ref', '--quiet', 'HEAD']))
  const candidates = [...(named === null ? [] : [named]), 'main', 'master', ...(branch === null ? [] : [branch])]
  for (const defaultBranch of candidates) {
    const base =
      (await commitOf(`refs/remotes/origin/${defaultBranch}`)) ?? (await commitOf(`refs/heads/${defaultBranch}`))
    if (base === null) continue
    const state = (await commitOf('refs/remotes/origin/sluice/state')) ?? (await commitOf('refs/heads/sluice/state'))
    return { defaultBranch, base, branch, state, remoteUrl: await ask(['config', '--get', 'remote.origin.url']) }
  }
  throw new UserError(
    'checkout.no-branch',
    'the default branch is not known here: there is neither origin/HEAD nor main nor master',
  )
}

const nameIn = (folder: string, ref: string | null): string | null =>
  ref?.startsWith(folder) ? ref.slice(folder.length) : null

async function uncommittedPaths(ask: Ask): Promise<readonly string[]> {
  const changed = await ask(['diff-index', '--name-only', '--no-renames', '-z', 'HEAD', '--'])
  const added = await ask(['ls-files', '--others', '--exclude-standard', '-z'])
  const paths = [changed, added].flatMap((printed) => (printed ?? '').split('\0'))
  return [...new Set(paths.filter((path) => path !== ''))].toSorted()
}

const mostBytes = 4 * 1024 * 1024

/** A commit as it would be if everything were committed now; `commit` itself where nothing differs. */
async function withUncommitted(
  git: Pick<Checkout['git'], 'writeBlob' | 'writeTree' | 'writeCommit' | 'commit'>,
  root: string,
  commit: Sha,
  paths: readonly string[],
): Promise<Sha> {
  const edits = new Map<string, { readonly oid: Sha; readonly mode?: string } | null>()
  for (const path of paths) {
    const file = await fileAt(join(root, path))
    if (file === 'not-a-file') continue
    edits.set(path, file === null ? null : { oid: await git.writeBlob(file.bytes), mode: file.mode })
  }
  const { tree: before, at } = await git.commit(commit)
  const tree = edits.size === 0 ? before : await git.writeTree(commit, edits)
  if (tree === before) return commit
  const author = { name: 'you', email: 'you@localhost' }
  return git.writeCommit({ tree, parents: [commit], author, at: toInstant(at), message: 'What is not committed yet\n' })
}

/** Null where it was deleted; a submodule or something huge is left as the commit has it. */
async function fileAt(
  path: string,
): Promise<{ readonly bytes: Uint8Array; readonly mode: string } | null | 'not-a-file'> {
  try {
    const there = await lstat(path)
    if (there.isSymbolicLink()) return { bytes: new TextEncoder().encode(await readlink(path)), mode: '120000' }
    if (!there.isFile() || there.size > mostBytes) return 'not-a-file'
    return { bytes: await readFile(path), mode: (there.mode & 0o100) === 0 ? '100644' : '100755' }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new OperatorError(
      'checkout.unreadable',
      `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      {
        cause: error,
      },
    )
  }
}

const refusePush = (): never => {
  throw new OperatorError('checkout.read-only', 'a checkout is only looked at')
}
