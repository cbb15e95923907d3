import { fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OperatorError, TransientError } from './domain/failures.ts'
import type { RunTool, ToolRun } from './run-tool.ts'
import type { Answer, Ask, Ending } from './tool-runner-process.ts'

export interface ToolRunner {
  readonly run: RunTool
  /** Ends the process, and what it still runs. What is run afterwards starts another. */
  close(): void
}

/**
 * Runs tools as `runTool` does, from a small process of their own. Starting one copies the page tables of whoever starts it,
 * which stands still meanwhile (https://github.com/nodejs/node/issues/14917): 0.6 ms for a small process, 6 ms for a server
 * of 400 MB, many times a round, while webhooks wait for their answer.
 */
export function toolRunner(): ToolRunner {
  let current: RunnerProcess | undefined
  return {
    run: (call) => {
      if (current === undefined || current.hasEnded()) current = startProcess()
      return current.run(call)
    },
    close: () => current?.close(),
  }
}

interface RunnerProcess extends ToolRunner {
  hasEnded(): boolean
}

interface Waiting {
  readonly resolve: (run: ToolRun) => void
  readonly reject: (error: Error) => void
}

const file = fileURLToPath(new URL(`./tool-runner-process${extname(import.meta.url)}`, import.meta.url))

function startProcess(): RunnerProcess {
  // Nothing of our environment: it holds our secrets, and tools get theirs with each call (T41).
  const child = fork(file, [], {
    env: {},
    execArgv: ['--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
  })
  const waiting = new Map<number, Waiting>()
  let asked = 0
  let hasEnded = false
  const ended = (cause?: unknown) => {
    hasEnded = true
    const died = new TransientError('tool.runner', 'the process that runs the tools has ended', { cause })
    for (const { reject } of waiting.values()) reject(died)
    waiting.clear()
  }
  child.once('error', ended)
  child.once('disconnect', () => ended())
  child.on('message', ({ id, ...ending }: Answer) => {
    const one = waiting.get(id)
    waiting.delete(id)
    if (ending.is === 'ended') one?.resolve(ending.run)
    else one?.reject(failureOf(ending))
  })
  return {
    run: (call) =>
      new Promise((resolve, reject) => {
        asked += 1
        waiting.set(asked, { resolve, reject })
        // What cannot be sent is told by `disconnect` too.
        child.send({ id: asked, call } satisfies Ask, () => undefined)
      }),
    hasEnded: () => hasEnded,
    close: () => {
      if (child.connected) child.disconnect()
    },
  }
}

const failureOf = ({ by, reason, message }: Extract<Ending, { is: 'failed' }>): Error =>
  by === 'operator' ? new OperatorError(reason, message) : new Error(message)
