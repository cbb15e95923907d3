import { type Cli, type ExitCode, withExamples } from './cli.ts'
import type { DemoFlags } from './world.ts'

/** `sluice demo`: the whole of Sluice on this machine, with a forge, a registry and a cluster of its own. */
export function demoCommand({ program, world, end }: Cli): void {
  const command = program
    .command('demo')
    .description('play a story in seven steps on this machine, narrated, and stay up to be looked at')
    .option('--exit', 'end after the story, with 0 only if every step came out', false)
    .option('--json', 'print one JSON object per event instead of the narration', false)
    .option('--cluster', 'with a real API server, Flux and Argo CD; from a checkout, with Go', false)
    .action(async (flags: Pick<DemoFlags, 'exit' | 'json' | 'cluster'>) => {
      const hearing = untilSignalled()
      const outcome = await world.demo({ ...flags, interrupted: hearing.interrupted })
      end(outcome === 'interrupted' ? hearing.code() : codes[outcome])
    })
  withExamples(
    command,
    ['demo', 'play the story, then look around; Ctrl-C ends everything, with 130'],
    ['demo --exit --json | jq -r .event', 'for a script: the last event is demo.done'],
    ['demo --cluster', 'the same story with real controllers, which take their time'],
  )
}

const codes = { 'came-out': 0, 'fell-short': 1, 'not-begun': 2 } as const
/** As a shell counts those whom a signal ended. */
const signalCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const satisfies Partial<
  Record<NodeJS.Signals, ExitCode>
>

/**
 * The second signal ends the process at once. We keep listening: a library that cleans up its children at a signal (execa)
 * ends the process itself where nobody else listens. A reader that went away (`| head`) wants no more either.
 */
function untilSignalled() {
  const controller = new AbortController()
  let code: ExitCode = signalCodes.SIGINT
  const hear = (ofSignal: ExitCode) => {
    if (controller.signal.aborted) process.exit(code)
    code = ofSignal
    controller.abort()
  }
  for (const [signal, ofSignal] of Object.entries(signalCodes)) process.on(signal, () => hear(ofSignal))
  process.stdout.once('error', () => hear(141))
  return { interrupted: controller.signal, code: () => code }
}
