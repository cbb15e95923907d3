import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface GitCredentials {
  readonly username: string
  readonly password: string
}

/** Mirrors of the repositories that the controllers follow, and checkouts of their commits, under one folder. */
export interface GitSources {
  /** The commit that a branch points at now, fetched. Rejects with git's own words. */
  fetch(url: string, branch: string, credentials: GitCredentials | undefined): Promise<string>
  /** A folder with the tree of a commit that was fetched; kept, so that asking again is free. */
  checkout(url: string, commit: string): Promise<string>
}

export function gitSources(dir: string): GitSources {
  const checkouts = new Map<string, Promise<string>>()
  const mirrors = new Map<string, Promise<unknown>>()
  const home = (url: string): string => join(dir, createHash('sha256').update(url).digest('hex').slice(0, 16))
  return {
    async fetch(url, branch, credentials) {
      // One Git process per mirror at a time: two fetches of one ref would meet on its lock.
      const before = mirrors.get(url) ?? Promise.resolve()
      const fetched = before.then(() => fetchBranch(join(home(url), 'mirror.git'), url, branch, credentials))
      mirrors.set(
        url,
        fetched.catch(() => undefined),
      )
      return await fetched
    },
    checkout(url, commit) {
      const key = `${url} ${commit}`
      const known = checkouts.get(key)
      if (known !== undefined) return known
      const made = makeCheckout(home(url), commit)
      checkouts.set(key, made)
      made.catch(() => checkouts.delete(key))
      return made
    },
  }
}

/** As source-controller does, asks first what the branch points at, and fetches only what it does not hold. */
async function fetchBranch(mirror: string, url: string, branch: string, credentials?: GitCredentials): Promise<string> {
  const held = join(mirror, 'refs', 'heads', branch)
  const known = existsSync(held) ? (await readFile(held, 'utf8')).trim() : undefined
  if (known !== undefined && (await headOf(url, branch, credentials)) === known) return known
  if (!existsSync(mirror)) await git(['init', '--quiet', '--bare', mirror])
  const refspec = `+refs/heads/${branch}:refs/heads/${branch}`
  const where = ['--git-dir', mirror]
  await git([...where, 'fetch', '--quiet', '--no-tags', '--no-auto-maintenance', '--', url, refspec], credentials)
  return (await git([...where, 'rev-parse', '--verify', `refs/heads/${branch}^{commit}`])).trim()
}

/** Undefined where the answer is not understood: git itself then says why. */
async function headOf(url: string, branch: string, credentials?: GitCredentials): Promise<string | undefined> {
  try {
    const headers = credentials === undefined ? {} : { authorization: `Basic ${basic(credentials)}` }
    const signal = AbortSignal.timeout(30_000)
    const answer = await fetch(`${url}/info/refs?service=git-upload-pack`, { headers, signal })
    const refs = (await answer.text()).split('\n').map((line) => line.split('\0')[0] ?? '')
    return refs.find((line) => line.endsWith(` refs/heads/${branch}`))?.match(/([0-9a-f]{40}) [^ ]*$/)?.[1]
  } catch {
    return undefined
  }
}

async function makeCheckout(home: string, commit: string): Promise<string> {
  const target = join(home, 'trees', commit)
  if (existsSync(target)) return target
  const draft = `${target}.draft`
  await mkdir(draft, { recursive: true })
  const where = ['--git-dir', join(home, 'mirror.git'), '--work-tree', draft]
  await git([...where, 'checkout', '--quiet', '--force', commit, '--', '.'], undefined, {
    GIT_INDEX_FILE: `${draft}.index`,
  })
  await rename(draft, target)
  return target
}

/** No configuration of the machine counts; credentials go by environment, never by argument. */
async function git(
  args: readonly string[],
  credentials?: GitCredentials,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const authorization =
    credentials === undefined
      ? {}
      : {
          GIT_CONFIG_COUNT: '1',
          GIT_CONFIG_KEY_0: 'http.extraHeader',
          GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic(credentials)}`,
        }
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...authorization,
    ...more,
  }
  const { stdout } = await run('git', [...args], { env, timeout: 30_000, maxBuffer: 1 << 20 })
  return stdout
}

const basic = ({ username, password }: GitCredentials): string =>
  Buffer.from(`${username}:${password}`).toString('base64')
