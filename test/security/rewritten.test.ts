import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quickRules } from '../scenarios/a-config.ts'
import { aStage } from '../scenarios/a-stage.ts'

const stage = aStage({ applications: ['api', 'web'], rules: quickRules })
const main = 'refs/heads/main'

async function halts(): Promise<void> {
  const { eventually, slot } = stage()
  await eventually('everything stops', async () => {
    const next = (await slot('api', 'staging'))?.next
    return next?.is === 'nothing' && next.reason === 'history.rewritten'
  })
}

test('a default branch that lost recorded history stops everything, and nothing is computed from what is lost (T15)', {
  timeout: 400_000,
}, async () => {
  const { git, bring, merged, promotion, healthy, log, say, said, ours, pull, eventually, server, dir } = stage()
  const before = await git('rev-parse', main)
  const { pull: brought, digest } = await bring('api', '1.1.0')
  await merged(brought)
  await merged((await promotion('api', 'staging')).number)
  await healthy('api', 'staging', digest)

  // Somebody squashes: the files stay as they are, what Sluice did is gone.
  const whole = await git('rev-parse', main)
  const squashed = await git('commit-tree', `${whole}^{tree}`, '-p', before, '-m', 'Tidy up')
  await git('update-ref', main, squashed)
  await halts()
  await eventually('somebody is called', async () => (await log()).includes('The default branch no longer holds'))

  const asked = await say('rita', brought, '/sluice rollback staging --app api --reason "as it was"')
  expect(asked.reaction).toBe('confused')
  const next = await bring('web', '1.1.0')
  await eventually('what is open waits, and says for what', async () =>
    (await said(next.pull)).includes('is no longer on the default branch'),
  )

  // Neither does a process that remembers nothing take it for the beginning.
  await server.kill()
  await rm(join(dir, 'data'), { recursive: true, force: true })
  await server.start()
  await halts()
  expect((await pull(next.pull)).merged_at).toBeNull()
  expect(await ours('rollback', 'api', 'staging')).toEqual([])
  expect(await git('rev-parse', main)).toBe(squashed)

  await git('update-ref', main, whole)
  await merged(next.pull)
})
