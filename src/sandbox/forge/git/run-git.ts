import { execa } from 'execa'

/** Nothing of the machine reaches git: no system or user configuration, no home, no prompt. */
export const closedEnvironment = {
  PATH: '/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
}

export interface GitAnswer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs git in a bare repository and hands back its exit code, whatever it is. */
export async function askGit(dir: string, words: readonly string[], input = ''): Promise<GitAnswer> {
  const answer = await execa('git', words, {
    cwd: dir,
    env: closedEnvironment,
    extendEnv: false,
    input,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: 200_000_000,
  })
  return { code: answer.exitCode ?? 128, stdout: answer.stdout, stderr: answer.stderr }
}

/** As `askGit`, for what can only fail by a fault of ours. */
export async function runGit(dir: string, words: readonly string[], input = ''): Promise<string> {
  const answer = await askGit(dir, words, input)
  if (answer.code !== 0) throw new Error(`git ${words.join(' ')} ended with ${answer.code}: ${answer.stderr}`)
  return answer.stdout
}
