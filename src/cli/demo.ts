import { type Cli, withExamples } from './cli.ts'
import type { DemoFlags } from './world.ts'

/** `sluice demo`: the whole of Sluice on this machine, with a forge, a registry and a cluster of its own. */
export function demoCommand({ program, world, end }: Cli): void {
  const command = program
    .command('demo')
    .description('play a story in seven steps on this machine, narrated, and stay up to be looked at')
    .option('--exit', 'end after the story, with 0 only if every step came out', false)
    .option('--json', 'print one JSON object per event instead of the narration', false)
    .action(async (flags: Pick<DemoFlags, 'exit' | 'json'>) => {
      const ok = await world.demo({ ...flags, interrupted: untilSignalled() })
      end(ok ? 0 : 1)
    })
  withExamples(
    command,
    ['demo', 'play the story, then look around; Ctrl-C ends everything'],
    ['demo --exit --json | jq -r .event', 'for a script: the last event is demo.done'],
  )
}

/**
 * The second signal ends the process at once. We keep listening: a library that cleans up its children at a signal (execa)
 * ends the process itself where nobody else listens.
 */
function untilSignalled(): AbortSignal {
  const controller = new AbortController()
  const hear = () => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, hear)
  return controller.signal
}
