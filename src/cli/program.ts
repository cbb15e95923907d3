import { Command } from 'commander'
import { adoptCommand } from './adopt.ts'
import type { Cli, ExitCode } from './cli.ts'
import { demoCommand } from './demo.ts'
import { doctorCommand } from './doctor.ts'
import { explainCommand } from './explain.ts'
import { failureOf } from './failure-line.ts'
import { planCommand } from './plan.ts'
import { schemaCommand } from './schema.ts'
import { serveCommand } from './serve.ts'
import { stateCommand } from './state-repair.ts'
import { statusCommand } from './status.ts'
import { jsonText, plainText, type Terminal } from './terminal.ts'
import { validateCommand } from './validate.ts'
import type { CliWorld } from './world.ts'

/** Every command, in the order of `--help`: first what one tries, then what one runs, then what one asks. */
const commands: readonly ((cli: Cli) => void)[] = [
  demoCommand,
  validateCommand,
  adoptCommand,
  planCommand,
  serveCommand,
  doctorCommand,
  statusCommand,
  explainCommand,
  stateCommand,
  schemaCommand,
]

export interface Program {
  /** For commands that are put together elsewhere. */
  readonly program: Command
  /** Runs what was typed and hands back the exit code; errors are on the terminal by then. */
  run(words: readonly string[], options: { readonly wantsStack: boolean }): Promise<number>
}

export function createProgram(options: {
  readonly version: string
  readonly terminal: Terminal
  readonly world: CliWorld
}): Program {
  const { terminal, world } = options
  let code: ExitCode = 0
  const program = new Command('sluice')
    .description('Takes a change from commit to production through Git alone: gated promotion, rollback by revert.')
    .version(options.version, '-V, --version', 'print the version')
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      outputError: (text, write) => write(text.replace(/^error: /, 'sluice: ')),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    })
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(sluice --help lists what there is)')
    .exitOverride()
  const cli: Cli = { program, terminal, world, end: (ended) => (code = ended) }
  for (const add of commands) add(cli)
  for (const command of program.commands) pointToHelp(command, 'sluice')
  let wantsJson = false
  program.hook('preAction', (_, acting) => {
    wantsJson = acting.opts()['json'] === true
  })
  return {
    program,
    run: async (words, { wantsStack }) => {
      try {
        await program.parseAsync(withoutVainHelp(program, words), { from: 'user' })
        return code
      } catch (error) {
        const failure = failureOf(error, wantsStack)
        if (failure.line !== '') terminal.err(plainText(failure.line))
        if (wantsJson) terminal.out(jsonText({ error: failure.told }, 0))
        return failure.code
      }
    },
  }
}

/** What was typed wrong is shown right by the help of that command, not by the list of all. */
function pointToHelp(command: Command, before: string): void {
  const words = `${before} ${command.name()}`
  command.showHelpAfterError(`(${words} --help shows how it is used)`)
  for (const each of command.commands) pointToHelp(each, words)
}

/** `help nonsense` is read as `nonsense`, which is told: Commander would print the whole usage, and not what is wrong. */
function withoutVainHelp(command: Command, words: readonly string[]): readonly string[] {
  const [first, wanted, ...rest] = words
  const named = (word: string | undefined) => command.commands.find((one) => one.name() === word)
  const next = named(first)
  if (first !== undefined && next !== undefined) return [first, ...withoutVainHelp(next, words.slice(1))]
  const asksForHelp = first === 'help' && command.commands.length > 0
  if (!asksForHelp || wanted === undefined || wanted.startsWith('-') || named(wanted) !== undefined) return words
  return [wanted, ...rest]
}
