import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { execa } from 'execa'
import { OperatorError } from './domain/failures.ts'

export interface ToolCall {
  /** An absolute path: PATH never chooses what runs. */
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment: nothing of ours is inherited (T41). */
  readonly env: Readonly<Partial<Record<string, string>>>
  readonly input?: string | Uint8Array
  readonly timeoutMs: number
  /** Of standard output, and again of standard error. */
  readonly maxOutputBytes: number
  /** Of address space, where the machine can bound it (`prlimit`). */
  readonly memoryLimitBytes?: number
  /** Runs in an empty network namespace where the machine allows it; the result says whether it did. */
  readonly isolateNetwork?: boolean
}

export interface ToolRun {
  readonly ended: 'exited' | 'killed' | 'timed-out' | 'output-too-large' | 'cancelled'
  /** Null unless it exited by itself. */
  readonly exitCode: number | null
  readonly killedBy: string | null
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
  readonly networkIsolated: boolean
  readonly memoryLimited: boolean
  readonly durationMs: number
}

/** What an adapter takes, so that a test may give it another. */
export type RunTool = (call: ToolCall) => Promise<ToolRun>

/**
 * Runs a tool to its end and tells how it ended; a tool that fails is a value. No shell, argv only, in a process group of
 * its own that is killed as a whole. Throws OperatorError `tool.missing` or `tool.broken` where it cannot be started.
 */
export async function runTool(call: ToolCall, signal?: AbortSignal): Promise<ToolRun> {
  await demandExecutable(call.command)
  const limits = await limitsFor(call)
  const [command = call.command, ...args] = [...limits.wrapper, call.command, ...call.args]
  const run = await start(command, args, call, signal)
  const ended = endOf(run)
  if (ended === 'killed' && run.signal === undefined) throw notStarted(call, run.cause)
  return {
    ended,
    exitCode: ended === 'exited' ? (run.exitCode ?? null) : null,
    killedBy: run.signal ?? null,
    stdout: decode(run.stdout),
    stderr: decode(run.stderr),
    timedOut: run.timedOut,
    networkIsolated: limits.networkIsolated,
    memoryLimited: limits.memoryLimited,
    durationMs: run.durationMs,
  }
}

/** Whether this machine lets us cut a tool off from the network and bound its memory; asked once, for `doctor`. */
export async function toolIsolation(): Promise<{ readonly network: boolean; readonly memory: boolean }> {
  const { unshare, prlimit } = await machineLimits()
  return { network: unshare !== null, memory: prlimit !== null }
}

function start(command: string, args: readonly string[], call: ToolCall, signal: AbortSignal | undefined) {
  const running = execa(command, args, {
    cwd: call.cwd,
    env: call.env,
    extendEnv: false,
    ...(call.input === undefined ? { stdin: 'ignore' } : { input: call.input }),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
    // Bytes, so that the cap counts bytes and a cut inside a character cannot throw.
    encoding: 'buffer',
    maxBuffer: call.maxOutputBytes,
    timeout: call.timeoutMs,
    killSignal: 'SIGKILL',
    killDescendants: true,
    stripFinalNewline: false,
    reject: false,
  })
  // A process that fled the group may hold the pipes open for ever; what it still has to say is not the tool's answer.
  running.nodeChildProcess.once('exit', () => {
    const closing = setTimeout(() => {
      running.stdout.destroy()
      running.stderr.destroy()
    }, pipesLingerMs)
    running.nodeChildProcess.once('close', () => clearTimeout(closing))
  })
  return running
}

const pipesLingerMs = 1_000

type Started = Awaited<ReturnType<typeof start>>

function endOf(run: Started): ToolRun['ended'] {
  if (run.timedOut) return 'timed-out'
  if (run.isMaxBuffer) return 'output-too-large'
  if (run.isCanceled) return 'cancelled'
  return run.exitCode === undefined ? 'killed' : 'exited'
}

const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes ?? new Uint8Array())

async function demandExecutable(command: string): Promise<void> {
  if (!command.startsWith('/'))
    throw new OperatorError('tool.missing', `a tool needs an absolute path, not "${command}"`)
  if (await isExecutable(command)) return
  throw new OperatorError('tool.missing', `${command} is not there, or may not be executed`)
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

const notStarted = (call: ToolCall, cause: unknown) =>
  new OperatorError('tool.broken', `${call.command} could not be started in ${call.cwd}`, { cause })

async function limitsFor(call: ToolCall) {
  const { unshare, prlimit } = await machineLimits()
  const isolate = call.isolateNetwork === true ? unshare : null
  const bound = call.memoryLimitBytes === undefined ? null : prlimit
  return {
    wrapper: [...(isolate ?? []), ...(bound === null ? [] : [bound, `--as=${call.memoryLimitBytes}`, '--'])],
    networkIsolated: isolate !== null,
    memoryLimited: bound !== null,
  }
}

interface MachineLimits {
  /** The words before a command that give it an empty network namespace, or null where the machine refuses. */
  readonly unshare: readonly string[] | null
  readonly prlimit: string | null
}

let probed: Promise<MachineLimits> | undefined

// A container may forbid namespaces without a trace in its files: only trying tells. The answer cannot change while we run.
function machineLimits(): Promise<MachineLimits> {
  probed ??= Promise.all([firstIsolation(), firstThatRuns('prlimit', ['--as=4294967296', '--'])]).then(
    ([unshare, prlimit]) => ({ unshare, prlimit }),
  )
  return probed
}

/** As root a plain network namespace; for anybody else one inside a user namespace of their own. */
async function firstIsolation(): Promise<readonly string[] | null> {
  for (const flags of [['-n'], ['-r', '-n']]) {
    const unshare = await firstThatRuns('unshare', [...flags, '--'])
    if (unshare !== null) return [unshare, ...flags, '--']
  }
  return null
}

async function firstThatRuns(name: string, flags: readonly string[]): Promise<string | null> {
  for (const folder of ['/usr/bin', '/bin', '/usr/sbin', '/sbin']) {
    const path = `${folder}/${name}`
    if ((await isExecutable(path)) && (await succeeds(path, [...flags, '/bin/sh', '-c', ':']))) return path
  }
  return null
}

const succeeds = async (path: string, args: readonly string[]): Promise<boolean> =>
  (await execa(path, args, { env: {}, extendEnv: false, reject: false, stdio: 'ignore', timeout: 5_000 })).exitCode ===
  0
