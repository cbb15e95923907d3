import type { Command } from 'commander'
import type { Terminal } from './terminal.ts'
import type { CliWorld } from './world.ts'

/** What every command gets. */
export interface Cli {
  readonly program: Command
  readonly terminal: Terminal
  readonly world: CliWorld
  /** Says how the process is to end; 0 where nobody does. */
  readonly end: (code: ExitCode) => void
}

/**
 * 0: all is well; 1: there are findings, or the answer is no; 2: not done; more: ended by that signal, as a shell counts
 * them. What is thrown has codes of its own (failure-line.ts).
 */
export type ExitCode = 0 | 1 | 2 | 129 | 130 | 141 | 143

const codes = `
Exit codes:
  0   done, and nothing is wrong
  1   done, and it found something wrong or the answer is no
  2   not done: wrong usage, settings, credentials, a missing tool, something out of reach
  70  not done: a bug of Sluice
`

/** Adds examples and what the exit codes mean to a command's `--help`. */
export function withExamples(command: Command, ...examples: readonly (readonly [string, string])[]): Command {
  const lines = examples.map(([line, meaning]) => `  $ sluice ${line}\n      ${meaning}`)
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}\n${codes}`)
}
