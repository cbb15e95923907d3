import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { demandGo } from '../cluster/rig/demand-go.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demand-go-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
afterEach(() => vi.unstubAllEnvs())

/** The only Go on PATH says this of itself. */
async function goSays(version: string): Promise<void> {
  const bin = await mkdtemp(join(folder, 'bin-'))
  await writeFile(join(bin, 'go'), `#!/bin/sh\necho '${version}'\n`, { mode: 0o755 })
  vi.stubEnv('PATH', bin)
}

test.each(['go1.19.8', 'go1.26', 'go1.26.2', 'gone'])(
  'the cluster rig ends before it builds anything where Go is %s, and says which it needs',
  async (version) => {
    await goSays(version)
    await expect(demandGo()).rejects.toThrow(/needs Go 1\.26\.3 or newer/)
    await expect(demandGo()).rejects.toThrow(`The one on PATH is ${version}.`)
  },
)

test.each(['go1.26.3', 'go1.26.8', 'go1.27', 'go1.27rc1', 'go1.26.8 X:nodwarf5', 'devel go1.28-3d6bb8a5'])(
  'the cluster rig builds with %s, and keys what it built by that very word',
  async (version) => {
    await goSays(version)
    expect(await demandGo()).toBe(version)
  },
)

test('the cluster rig says so where there is no Go at all', async () => {
  vi.stubEnv('PATH', folder)
  await expect(demandGo()).rejects.toThrow(/needs Go 1\.26\.3 or newer .*There is none on PATH\./)
})
