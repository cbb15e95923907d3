import { OperatorError } from '../domain/failures.ts'
import { type Cli, withExamples } from './cli.ts'
import { plainText } from './terminal.ts'

/** `sluice serve`: runs until it is told to stop, finishes the rounds at hand, and ends; at a Ctrl-C after that it ends at once. */
export function serveCommand({ program, terminal, world }: Cli): void {
  const command = program
    .command('serve')
    .description('run the server: webhooks in, promotions out (settings: docs/settings.md)')
    .action(async () => {
      const stopping = firstSignal()
      const running = await started(world.serve)
      terminal.err(plainText(`sluice: ${await stopping}: finishing what is under way; Ctrl-C (SIGINT) ends it at once`))
      await running.stop()
    })
  withExamples(
    command,
    ['serve', 'run with the settings of the environment'],
    ['doctor && sluice serve', 'first see whether everything is in place'],
  )
}

const signals = ['SIGINT', 'SIGTERM'] as const

/**
 * Listened for from the beginning: a stop while it starts is a stop, and the second one ends even that. A SIGTERM that comes
 * again is the same wish: supervisors tell each process of a group, and whoever launched us hands on what it was told; who
 * means more has SIGKILL. The listeners stay: libraries that clean up at a signal end the process where they find themselves
 * to be the only ones who listen.
 */
function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    let heard: string | null = null
    for (const each of signals) {
      process.on(each, () => {
        if (heard !== null && [heard, each].includes('SIGINT')) process.exit(130)
        heard = each
        resolve(each)
      })
    }
  })
}

const addressProblems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there already',
  EACCES: 'this user may not listen there; ports below 1024 are for root',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this machine has no such address',
}

async function started<T>(serve: () => Promise<T>): Promise<T> {
  try {
    return await serve()
  } catch (error) {
    const { code, syscall, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
    const problem = syscall === 'listen' || syscall === 'getaddrinfo' ? addressProblems[code ?? ''] : undefined
    if (problem === undefined) throw error
    const place = port === undefined ? (address ?? 'SLUICE_HOST') : `${address ?? ''}:${port}`
    throw new OperatorError('server.address', `cannot listen on ${place}: ${problem} (SLUICE_HOST, SLUICE_PORT)`, {
      cause: error,
    })
  }
}
