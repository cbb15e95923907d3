import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface ServerProcess {
  readonly url: string
  readonly logFile: string
  /** Starts it, or starts it again; resolves when it listens. */
  start(): Promise<void>
  /** As a machine that loses power would: no signal that it could handle. */
  kill(): Promise<void>
  /** As an orchestrator stops it. */
  stop(): Promise<void>
}

const main = fileURLToPath(new URL(`../main${extname(import.meta.url)}`, import.meta.url))
const startsWithin = 30_000

/** The real server as a process of its own, by the command that an operator runs; its log goes to a file. */
export function serverProcess(options: {
  readonly environment: Readonly<Record<string, string>>
  readonly port: number
  readonly logFile: string
}): ServerProcess {
  const url = `http://127.0.0.1:${options.port}`
  let child: ChildProcess | null = null
  let ended: Promise<void> = Promise.resolve()
  return {
    url,
    logFile: options.logFile,
    start: async () => {
      const log = openSync(options.logFile, 'a')
      const started = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'serve'], {
        env: options.environment,
        stdio: ['ignore', log, log],
      })
      closeSync(log)
      child = started
      ended = new Promise((resolve) => started.once('exit', () => resolve()))
      await untilListening(url, started)
    },
    kill: async () => {
      child?.kill('SIGKILL')
      await ended
    },
    stop: async () => {
      child?.kill('SIGTERM')
      await ended
    },
  }
}

async function untilListening(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + startsWithin
  while (Date.now() < deadline) {
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
