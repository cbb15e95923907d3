import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gitRepository } from '../../../src/adapters/git/git-repository.ts'
import { type Sha, toSha } from '../../../src/domain/ids.ts'

/** A real bare repository in a temporary folder, with a checkout to commit in: what a forge holds. */
export interface Origin {
  readonly folder: string
  readonly url: string
  git(...args: string[]): string
  /** Writes the files (null removes one), commits them on the branch that is checked out, pushes, answers the commit. */
  commit(files: Readonly<Record<string, string | null>>, message?: string): Sha
  /** Commits what lies in the work tree, symlinks and modes included. */
  commitAll(message?: string): Sha
  readonly work: string
  mirror(options?: Partial<Parameters<typeof gitRepository>[0]>): ReturnType<typeof gitRepository>
  remove(): Promise<void>
}

export function newOrigin(): Origin {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-origin-'))
  const url = join(folder, 'origin.git')
  const work = join(folder, 'work')
  const mirrors: { close(): Promise<void> }[] = []
  const git = (...args: string[]): string => runGit(work, args)
  runGit(folder, ['init', '--quiet', '--bare', '--initial-branch=main', url])
  runGit(folder, ['init', '--quiet', '--initial-branch=main', work])
  git('remote', 'add', 'origin', url)
  const commitAll = (message = 'change'): Sha => {
    git('add', '--all')
    git('commit', '--quiet', '--allow-empty', '-m', message)
    git('push', '--quiet', '--force', 'origin', 'HEAD')
    return toSha(git('rev-parse', 'HEAD'))
  }
  return {
    folder,
    url,
    work,
    git,
    commitAll,
    commit(files, message) {
      for (const [path, text] of Object.entries(files)) writeOrRemove(join(work, path), text)
      return commitAll(message)
    },
    async mirror(options) {
      const dir = join(folder, 'mirror.git')
      const mirror = await gitRepository({ dir, url, token: async () => null, git: 'git', ...options })
      mirrors.push(mirror)
      return mirror
    },
    async remove() {
      await Promise.all(mirrors.map((mirror) => mirror.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function writeOrRemove(path: string, text: string | null): void {
  mkdirSync(dirname(path), { recursive: true })
  if (text === null) rmSync(path, { force: true })
  else writeFileSync(path, text)
}

function runGit(cwd: string, args: readonly string[]): string {
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ann',
    GIT_AUTHOR_EMAIL: 'ann@example.com',
    GIT_COMMITTER_NAME: 'Ann',
    GIT_COMMITTER_EMAIL: 'ann@example.com',
    GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
    GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
  }
  return execFileSync('git', [...args], { cwd, env, encoding: 'utf8' }).trim()
}
