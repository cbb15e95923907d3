import type { Command } from 'commander'

export interface DemoFlags {
  /** End after the story. */
  readonly exit: boolean
  readonly json: boolean
  /** Aborted when the user wants it to end. */
  readonly interrupted: AbortSignal
}

/** `sluice demo`: the whole of Sluice on this machine, with a forge, a registry and a cluster of its own. */
export function demoCommand(program: Command, play: (flags: DemoFlags) => Promise<boolean>): void {
  program
    .command('demo')
    .description('play seven steps of a story on this machine, narrated, and stay up to be looked at')
    .option('--exit', 'end after the story; status 0 only if every step came out', false)
    .option('--json', 'print one JSON object per event instead of the narration', false)
    .action(async (flags: Pick<DemoFlags, 'exit' | 'json'>) => {
      const ok = await play({ ...flags, interrupted: firstSignal() })
      process.exitCode = ok ? 0 : 1
    })
}

/** The second signal ends the process as it always would. */
function firstSignal(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => controller.abort())
  return controller.signal
}
