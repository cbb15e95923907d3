import { readFileSync } from 'node:fs'
import { createProgram } from './cli/program.ts'
import { commandWorld } from './compose-commands.ts'
import { settleEnvironment, wantsStack } from './settings.ts'

settleEnvironment()
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const terminal = {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
}
const cli = createProgram({ version, terminal, world: commandWorld() })

const code = await cli.run(process.argv.slice(2), { wantsStack: wantsStack() })
// Left-over connections must not keep a command from ending; what was written goes out first.
process.stdout.write('', () => process.exit(code))
