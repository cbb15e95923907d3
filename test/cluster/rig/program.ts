import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Program {
  readonly name: string
  /** As a machine that hangs: it keeps its connections and answers nothing. */
  freeze(): void
  thaw(): void
  /** Ends it, gently at first, and all that it started. */
  stop(): Promise<void>
  hasEnded(): boolean
  lastWords(lines?: number): string
}

export interface Started {
  readonly name: string
  readonly binary: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly logs: string
  /** Joined at once, ahead of what was started before: whoever gives up half-way ends all that it names. */
  readonly running: Program[]
}

const children = new Set<ChildProcess>()

/** Ends every program of this process at once. Whoever waits for one to get ready gives up then. */
export function killPrograms(): void {
  for (const child of children) signal(child, 'SIGKILL')
}
// A run that is cut short leaves nothing behind.
process.once('exit', killPrograms)

// That handler does not run where the run itself is killed; the kernel sees to it then, where it can be asked to.
const setpriv = '/usr/bin/setpriv'
const endsWithUs = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', '--'] : []

// Nearly all are written in Go, and a tenth of their work would be to collect garbage that is small.
const seldomCollecting = { GOGC: '400' }

/** Starts a program in a process group of its own; what it writes goes to `logs/NAME.log`. */
export function startProgram({ name, binary, args, env, logs, running }: Started): Program {
  mkdirSync(logs, { recursive: true })
  const file = join(logs, `${name}.log`)
  const log = openSync(file, 'a')
  const [command = binary, ...words] = [...endsWithUs, binary, ...args]
  const child = spawn(command, words, {
    env: { PATH: process.env['PATH'], HOME: logs, ...seldomCollecting, ...env },
    stdio: ['ignore', log, log],
    detached: true,
  })
  closeSync(log)
  children.add(child)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  }).then(() => void children.delete(child))
  const program: Program = {
    name,
    freeze: () => signal(child, 'SIGSTOP'),
    thaw: () => signal(child, 'SIGCONT'),
    stop: async () => {
      signal(child, 'SIGCONT')
      signal(child, 'SIGTERM')
      const hurry = setTimeout(() => signal(child, 'SIGKILL'), 2_000)
      await ended
      clearTimeout(hurry)
    },
    hasEnded: () => !children.has(child),
    lastWords: (lines = 25) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n'),
  }
  running.unshift(program)
  return program
}

function signal(child: ChildProcess, what: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  process.kill(-child.pid, what)
}

/** Waits until a program is ready; rejects with its last words where it ends before, or takes too long. */
export async function untilReady(program: Program, isReady: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await isReady().catch(() => false))) {
    if (program.hasEnded()) throw new Error(`${program.name} ended while it started:\n${program.lastWords()}`)
    if (performance.now() > deadline)
      throw new Error(`${program.name} is not ready after ${withinMs / 1000} s:\n${program.lastWords()}`)
    await new Promise((wake) => setTimeout(wake, 100))
  }
}

/** Ready by its own word: the URL answers with success. */
export const answers = (url: string) => async (): Promise<boolean> => (await fetch(url)).ok
