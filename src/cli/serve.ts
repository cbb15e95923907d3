import type { Command } from 'commander'

export interface ServeCommand {
  readonly start: () => Promise<{ readonly url: string; stop(): Promise<void> }>
}

/** `sluice serve`: runs until it is told to stop, finishes the round at hand, and ends. */
export function serveCommand(program: Command, { start }: ServeCommand): void {
  program
    .command('serve')
    .description('run the server: webhooks in, promotions out (settings: docs/settings.md)')
    .action(async () => {
      const running = await start()
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
      })
      await running.stop()
    })
}
