import { tmpdir } from 'node:os'
import semver from 'semver'
import { OperatorError } from '../../domain/failures.ts'
import { runTool } from '../../run-tool.ts'
import { gitExecutable } from './mirror.ts'

/** From here on git merges without a work tree (`merge-tree --write-tree`, https://git-scm.com/docs/git-merge-tree). */
const oldestGit = '2.38.0'

export interface UsableGit {
  readonly path: string
  readonly version: string
}

/** Throws OperatorError `git.tool` where there is no git, and `git.old` for one that lacks what every round asks of it. */
export async function usableGit(name: string): Promise<UsableGit> {
  const path = gitExecutable(name)
  const call = { command: path, args: ['--version'], cwd: tmpdir(), env: {} }
  const { stdout } = await runTool({ ...call, timeoutMs: 20_000, maxOutputBytes: 4096 })
  const version = semver.coerce(/^git version (\S+)/.exec(stdout)?.[1])?.version
  if (version === undefined) throw new OperatorError('git.tool', `${path} does not tell its version; is it git?`)
  if (semver.lt(version, oldestGit))
    throw new OperatorError(
      'git.old',
      `git ${version} at ${path} is older than ${oldestGit}; install a newer one, or name it in SLUICE_GIT`,
    )
  return { path, version }
}
