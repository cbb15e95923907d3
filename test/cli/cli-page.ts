import type { Command } from 'commander'

/** Every command that does something, in the order of `--help`. */
export const commandsOf = (command: Command): readonly Command[] =>
  command.commands.flatMap((one) => (one.commands.length > 0 ? commandsOf(one) : [one]))

/** The page of the command line, as its own help words it. */
export function cliPage(program: Command): string {
  return [
    '# The command line',
    'This page is what `sluice --help` and `sluice <command> --help` print. `npm run sluice -- <command>` runs it unbuilt.',
    'Results go to standard output, progress and errors to standard error. Settings come from the environment\n(`settings.md`); `validate`, `adopt` and `plan` on a folder, and `schema`, need none.',
    'With `--json` a command that ends with 2 or 70 prints `{"error":{"code":"…","message":"…"}}` in the place of its result: the code is\nin [operate](operate.md#what-its-codes-ask-for), or `bug`. Words that it does not know are told on standard error alone.',
    fenced(program.helpInformation()),
    ...commandsOf(program).map((command) => `## ${nameOf(command)}\n\n${fenced(helpOf(command))}`),
  ]
    .join('\n\n')
    .concat('\n')
}

const nameOf = (command: Command): string =>
  command.parent === null || command.parent.parent === null
    ? command.name()
    : `${nameOf(command.parent)} ${command.name()}`

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (more) => (text += more) }).outputHelp()
  return text
}

const fenced = (text: string): string => `\`\`\`text\n${text.trimEnd()}\n\`\`\``
