import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunTool, runTool, type ToolCall, toolIsolation } from '../src/run-tool.ts'
import { toolRunner } from '../src/tool-runner.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-tool-'))
})
const runner = toolRunner()
afterAll(async () => {
  runner.close()
  await rm(folder, { recursive: true, force: true })
})

const doors: readonly (readonly [string, RunTool])[] = [
  ['from here', (call) => runTool(call)],
  ['from a small process', runner.run],
]

describe.each(doors)('a tool started %s', (_, run) => {
  const shell = (script: string, more: Partial<ToolCall> = {}) =>
    run({
      command: '/bin/sh',
      args: ['-c', script],
      cwd: folder,
      env: {},
      timeoutMs: 5_000,
      maxOutputBytes: 1_000,
      ...more,
    })

  test('a tool that exits tells its code and both outputs', async () => {
    const run = await shell('echo out; echo err >&2; exit 3')
    expect(run).toMatchObject({ ended: 'exited', exitCode: 3, stdout: 'out\n', stderr: 'err\n', timedOut: false })
  })

  test('input reaches standard input, and without any a reading tool ends at once', async () => {
    expect((await shell('cat', { input: 'héllo' })).stdout).toBe('héllo')
    expect(await shell('cat')).toMatchObject({ exitCode: 0, stdout: '' })
  })

  test('T41 nothing of our environment reaches a tool', async () => {
    const ended = await run({
      command: '/usr/bin/env',
      args: [],
      cwd: folder,
      env: { ONLY: 'this' },
      timeoutMs: 5_000,
      maxOutputBytes: 10_000,
    })
    expect(ended.stdout).toBe('ONLY=this\n')
  })

  test('arguments are never read by a shell', async () => {
    const hostile = '$(touch pwned); `id` | & "\n\''
    const ended = await run({
      command: '/usr/bin/printf',
      args: ['%s', hostile],
      cwd: folder,
      env: {},
      timeoutMs: 5_000,
      maxOutputBytes: 1_000,
    })
    expect(ended.stdout).toBe(hostile)
  })

  test('a tool that takes too long is killed with every process it started', async () => {
    const run = await shell('sleep 60 & echo $! > child.pid; wait', { timeoutMs: 300 })
    expect(run).toMatchObject({ ended: 'timed-out', timedOut: true, exitCode: null })
    const child = Number(await readFile(join(folder, 'child.pid'), 'utf8'))
    await expect.poll(() => isAlive(child), { timeout: 5_000 }).toBe(false)
  })

  test('a grandchild that fled its group cannot keep the call open', async () => {
    const run = await shell('setsid sleep 20 & sleep 20', { timeoutMs: 300 })
    expect(run.ended).toBe('timed-out')
    expect(run.durationMs).toBeLessThan(10_000)
    const left = await shell('setsid sleep 20 & echo done')
    expect(left).toMatchObject({ ended: 'exited', exitCode: 0, stdout: 'done\n' })
  })

  test('output over the cap ends the tool, and is an outcome of its own', async () => {
    const run = await shell('yes', { maxOutputBytes: 1_000 })
    expect(run).toMatchObject({ ended: 'output-too-large', exitCode: null })
    expect(run.stdout).toHaveLength(1_000)
  })

  test('a tool that a signal killed is told apart from one that exited', async () => {
    expect(await shell('kill -SEGV $$')).toMatchObject({ ended: 'killed', killedBy: 'SIGSEGV', exitCode: null })
  })

  test('a missing tool, one that may not run and a relative name are the operator’s to mend', async () => {
    const notExecutable = join(folder, 'plain')
    await writeFile(notExecutable, '#!/bin/sh\n')
    await chmod(notExecutable, 0o644)
    for (const command of [join(folder, 'nowhere'), 'sh', notExecutable]) {
      await expect(shell('', { command })).rejects.toMatchObject({ name: 'OperatorError', reason: 'tool.missing' })
    }
  })

  test('a file that cannot be started is broken, not a bug of ours', async () => {
    const broken = join(folder, 'broken')
    await writeFile(broken, '#!/nowhere/interpreter\n', { mode: 0o755 })
    await expect(shell('', { command: broken })).rejects.toMatchObject({ reason: 'tool.broken' })
  })

  test('T18 an isolated tool sees no network but its own silent loopback, and the result says whether it was so', async () => {
    const run = await shell('cat /proc/net/dev', { isolateNetwork: true, maxOutputBytes: 10_000 })
    expect(run.networkIsolated).toBe((await toolIsolation()).network)
    if (run.networkIsolated) expect(run.stdout.match(/^\s*\w+:/gm)?.map((name) => name.trim())).toEqual(['lo:'])
  })

  test('T22 a tool that wants more memory than it may have dies, and we do not', async () => {
    const run = await shell('x=a; while :; do x=$x$x; done', { memoryLimitBytes: 200 * 1024 * 1024 })
    expect(run.memoryLimited).toBe((await toolIsolation()).memory)
    expect(run.exitCode).not.toBe(0)
  })
})

test('a cancelled call ends as cancelled', async () => {
  const controller = new AbortController()
  const running = runTool(sleeping, controller.signal)
  controller.abort()
  expect((await running).ended).toBe('cancelled')
})

const sleeping: ToolCall = {
  command: '/bin/sleep',
  args: ['60'],
  cwd: '/',
  env: {},
  timeoutMs: 60_000,
  maxOutputBytes: 1_000,
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
