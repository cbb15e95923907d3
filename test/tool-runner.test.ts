import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ToolRunner, toolRunner } from '../src/tool-runner.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tool-runner-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let runner: ToolRunner
beforeEach(() => {
  runner = toolRunner()
})
afterEach(() => runner.close())

const shell = (script: string) =>
  runner.run({
    command: '/bin/sh',
    args: ['-c', script],
    cwd: folder,
    env: {},
    timeoutMs: 60_000,
    maxOutputBytes: 10_000,
  })

/** The process that a tool was started by. */
const startedBy = async () => Number((await shell('echo $PPID')).stdout)

test('every tool is started by one process, which is not this one', async () => {
  const [one, other] = [await startedBy(), await startedBy()]
  expect(one).toBe(other)
  expect(one).not.toBe(process.pid)
})

test('T41 that process holds nothing of our environment, secrets least of all', async () => {
  process.env['SLUICE_WEBHOOK_SECRET'] = 'a-secret-that-no-tool-may-see'
  const { stdout } = await shell('cat /proc/$PPID/environ')
  delete process.env['SLUICE_WEBHOOK_SECRET']
  expect(stdout).not.toContain('a-secret')
  expect(stdout).not.toContain('PATH=')
})

test('where it dies, what waits for it fails as something that passes, and the next tool gets a new one', async () => {
  const pid = await startedBy()
  const waiting = shell('sleep 60')
  process.kill(pid, 'SIGKILL')
  await expect(waiting).rejects.toMatchObject({ name: 'TransientError', reason: 'tool.runner' })
  expect(await startedBy()).not.toBe(pid)
})

test('a signal to the whole group does not end it, since rounds that are finished after that need tools', async () => {
  const pid = await startedBy()
  for (const signal of ['SIGINT', 'SIGTERM']) process.kill(pid, signal)
  expect(await startedBy()).toBe(pid)
})

test('when nobody is there any more, what still runs is killed', async () => {
  const ended = expect(shell('echo $$ > running.pid; sleep 60')).rejects.toMatchObject({ reason: 'tool.runner' })
  const noted = () => readFile(join(folder, 'running.pid'), 'utf8').catch(() => '')
  await expect.poll(noted, { timeout: 20_000 }).not.toBe('')
  const tool = Number(await noted())
  runner.close()
  await ended
  await expect.poll(() => isAlive(tool), { timeout: 20_000 }).toBe(false)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
