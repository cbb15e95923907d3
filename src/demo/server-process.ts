import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface ServerProcess {
  readonly url: string
  readonly logFile: string
  /** Starts it, or starts it again; resolves when it listens. Rejects once it was stopped. */
  start(): Promise<void>
  /** As a machine that loses power would: no signal that it could handle. */
  kill(): Promise<void>
  /** For good: as an orchestrator does it, or at once. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Rejects when it ends though nobody here wanted that; never resolves. */
  readonly fallen: Promise<never>
}

const main = fileURLToPath(new URL(`../main${extname(import.meta.url)}`, import.meta.url))
/** Seconds on an idle machine. */
const startsWithin = 120_000
/** It finishes what is under way, which a call that hangs may hold up. */
const stopsWithin = 15_000

/** The real server as a process of its own, by the command that an operator runs; its log goes to a file. */
export function serverProcess(options: {
  readonly environment: Readonly<Record<string, string>>
  readonly port: number
  readonly logFile: string
}): ServerProcess {
  const url = `http://127.0.0.1:${options.port}`
  const fallen = Promise.withResolvers<never>()
  // Who does not wait for it need not know.
  fallen.promise.catch(() => undefined)
  let running: Running | null = null
  let isStopped = false
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (running === null) return
    running.isWanted = false
    running.child.kill(signal)
    const hurry = setTimeout(() => running?.child.kill('SIGKILL'), stopsWithin)
    await running.ended
    clearTimeout(hurry)
  }
  // Whoever is in too much of a hurry to stop it (a second Ctrl-C) leaves no server behind either.
  process.once('exit', () => void running?.child.kill('SIGKILL'))
  return {
    url,
    logFile: options.logFile,
    start: async () => {
      // A story that is being interrupted may still get here.
      if (isStopped) throw new Error('the server is stopped for good')
      const started = launch(options.environment, options.logFile)
      running = started
      void started.ended.then((how) => {
        if (started.isWanted) fallen.reject(new Error(`the server ended by itself (${how}); see its log`))
      })
      await untilListening(url, started.child)
    },
    kill: () => end('SIGKILL'),
    stop: (signal = 'SIGTERM') => {
      isStopped = true
      return end(signal)
    },
    fallen: fallen.promise,
  }
}

interface Running {
  readonly child: ChildProcess
  /** Until somebody ends it. */
  isWanted: boolean
  /** With the code or the signal that it ended with. */
  readonly ended: Promise<string>
}

function launch(environment: Readonly<Record<string, string>>, logFile: string): Running {
  const log = openSync(logFile, 'a')
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'serve'], {
    env: environment,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(String(code ?? signal)))
    child.once('error', (error) => resolve(error.message))
  })
  return { child, isWanted: true, ended }
}

async function untilListening(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + startsWithin
  while (performance.now() < deadline) {
    const ending = child.exitCode ?? child.signalCode
    if (ending !== null) throw new Error(`the server ended with ${ending} while it started; see its log`)
    if (await answers(url)) return
    await new Promise((wake) => setTimeout(wake, 100))
  }
  throw new Error(`the server does not listen after ${startsWithin / 1000} seconds; see its log`)
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`)).status > 0
  } catch {
    return false // not there yet: the caller asks again until its deadline
  }
}
