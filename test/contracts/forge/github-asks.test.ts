import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'

const main = fileURLToPath(new URL('../../github/main.ts', import.meta.url))
const run = (env: Readonly<Record<string, string>>) =>
  execa(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    env: { PATH: process.env.PATH ?? '', ...env },
    extendEnv: false,
    reject: false,
  })

test('without credentials the contract against GitHub says which variables and permissions it wants, and ends with 2', async () => {
  const { exitCode, stderr } = await run({ SLUICE_TEST_GITHUB_REPOSITORY: 'acme/contract' })
  expect(exitCode).toBe(2)
  expect(stderr).toContain('not run, since SLUICE_APP_ID, SLUICE_PRIVATE_KEY or SLUICE_PRIVATE_KEY_FILE are not set')
  for (const permission of ['contents: write', 'checks: write', 'members: read']) expect(stderr).toContain(permission)
  expect(stderr).not.toMatch(/\n\s+at /)
})

test('credentials that cannot be right are told before anything is tried', async () => {
  const env = { SLUICE_TEST_GITHUB_REPOSITORY: 'acme/contract', SLUICE_APP_ID: 'sluice', SLUICE_PRIVATE_KEY: 'none' }
  const { exitCode, stderr } = await run(env)
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/SLUICE_APP_ID must be a whole number[\s\S]*SLUICE_PRIVATE_KEY must be the private key/)
})
