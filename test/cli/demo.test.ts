import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { sluice, start } from './sluice.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-cli-demo-'))
  await mkdir(join(folder, 'bin'))
  await mkdir(join(folder, 'work'))
  await writeFile(join(folder, 'bin', 'go'), '#!/bin/sh\nexec /bin/sleep 600\n', { mode: 0o755 })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

vi.setConfig({ testTimeout: 120_000 })

test('--cluster says what the machine lacks before anything is brought or built', async () => {
  const ran = await sluice(['demo', '--cluster'], { env: { PATH: '/nowhere', TMPDIR: join(folder, 'work') } })

  expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringContaining('needs Go 1.26.3 or newer on PATH') })
  expect(await readdir(join(folder, 'work'))).toEqual([])
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s while a tool is being built ends it with %i and leaves nothing', async (signal, code) => {
  const tools = join(folder, `tools-${signal}`)
  const env = { PATH: join(folder, 'bin'), TMPDIR: join(folder, 'work'), SLUICE_TOOLS_DIR: tools }
  const demo = await start(['demo', '--exit'], env)
  await vi.waitUntil(() => demo.out().includes('kustomize 5.8.1: by go install'), { timeout: 100_000 })

  demo.signal(signal)

  expect(await demo.ended).toBe(code)
  expect(demo.out()).toMatch(/Ended before the story was over\.\n$/)
  expect(await readdir(tools)).toEqual([])
  expect(await readdir(join(folder, 'work'))).toEqual([])
})
