import { Command } from 'commander'
import { serveCommand } from './cli/serve.ts'
import { composeServer } from './compose.ts'
import { failureKind } from './domain/failures.ts'
import { readSettings } from './settings.ts'

const program = new Command('sluice').description('Promotion by pull request, gated, with rollback by revert.')
serveCommand(program, { start: () => composeServer(readSettings()) })

try {
  await program.parseAsync()
} catch (error) {
  const known = failureKind(error) !== 'bug' && error instanceof Error
  process.stderr.write(
    known ? `sluice: ${error.message}\n` : `sluice: ${error instanceof Error ? error.stack : String(error)}\n`,
  )
  process.exitCode = known ? 2 : 70
}
