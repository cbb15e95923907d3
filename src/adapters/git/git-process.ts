import { OperatorError, TransientError } from '../../domain/failures.ts'
import { type RunTool, runTool } from '../../run-tool.ts'
import { gitEnvironment } from './git-environment.ts'

export interface GitPlace {
  /** Absolute. */
  readonly git: string
  readonly dir: string
  readonly url: string
  /** Beside the closed environment: a proxy, a CA file. */
  readonly extraEnvironment: Readonly<Record<string, string>>
  /** From a process of its own, where ours is large. */
  readonly run?: RunTool
}

export interface GitResult {
  readonly exitCode: number
  readonly stdout: string
  /** For logs and error messages only; nothing is decided by it. */
  readonly stderr: string
}

const localTimeoutMs = 60_000
const maxOutputBytes = 64 * 1024 * 1024

/** Runs git once, in a closed environment and a bounded time; any exit code is an answer for the caller to judge. */
export async function runGit(
  place: GitPlace,
  args: readonly string[],
  options: { readonly token?: string | null; readonly timeoutMs?: number } = {},
): Promise<GitResult> {
  const { run: start = runTool } = place
  const run = await start({
    command: place.git,
    args,
    cwd: '/',
    env: gitEnvironment({ ...place, token: options.token ?? null, extra: place.extraEnvironment }),
    timeoutMs: options.timeoutMs ?? localTimeoutMs,
    maxOutputBytes,
  })
  if (run.exitCode !== null) return { exitCode: run.exitCode, stdout: run.stdout, stderr: run.stderr }
  const said = `git ${args[0]} did not end by itself (${run.ended}) after ${Math.round(run.durationMs / 1000)} s`
  if (run.ended === 'output-too-large') throw new OperatorError('git.failed', said)
  throw new TransientError('git.unreachable', said)
}

/** Runs git where anything but success means that our store or our call is broken. */
export async function expectGit(place: GitPlace, args: readonly string[]): Promise<string> {
  const result = await runGit(place, args)
  if (result.exitCode !== 0) throw gitFailed(args, result)
  return result.stdout
}

export const gitFailed = (args: readonly string[], result: GitResult): OperatorError =>
  new OperatorError(
    'git.failed',
    `git ${args[0]} ended with ${result.exitCode}: ${result.stderr.trim().slice(0, 2000)}`,
  )
