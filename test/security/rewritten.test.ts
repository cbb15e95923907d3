import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { overlayFile, quickRules } from '../scenarios/a-config.ts'
import { aStage } from '../scenarios/a-stage.ts'

const stage = aStage({ applications: ['api', 'web', 'shop'], rules: quickRules })
const main = 'refs/heads/main'

async function halts(): Promise<void> {
  const { eventually, slot } = stage()
  await eventually('everything stops', async () => {
    const next = (await slot('api', 'staging'))?.next
    return next?.is === 'nothing' && next.reason === 'history.rewritten'
  })
}

async function goesOn(): Promise<void> {
  const { eventually, slot } = stage()
  await eventually('everything goes on', async () => {
    const next = (await slot('api', 'staging'))?.next
    return next !== undefined && !(next.is === 'nothing' && next.reason === 'history.rewritten')
  })
}

async function forget(): Promise<void> {
  const { server, dir } = stage()
  await server.kill()
  await rm(join(dir, 'data'), { recursive: true, force: true })
  await server.start()
}

test('a default branch that lost recorded history stops everything, and nothing is computed from what is lost (T15)', {
  timeout: 400_000,
}, async () => {
  const { git, bring, merged, promotion, healthy, log, say, said, ours, pull, eventually } = stage()
  const before = await git('rev-parse', main)
  const { pull: brought, digest } = await bring('api', '1.1.0')
  await merged(brought)
  await merged((await promotion('api', 'staging')).number)
  await merged((await promotion('api', 'production')).number)
  await healthy('api', 'production', digest)

  // Somebody squashes: the files stay as they are, what Sluice did is gone.
  const whole = await git('rev-parse', main)
  const squashed = await git('commit-tree', `${whole}^{tree}`, '-p', before, '-m', 'Tidy up')
  await git('update-ref', main, squashed, whole)
  await halts()
  await eventually('somebody is called', async () => (await log()).includes('The default branch no longer holds'))

  const asked = await say('rita', brought, '/sluice rollback staging --app api --reason "as it was"')
  expect(asked.reaction).toBe('confused')
  const next = await bring('web', '1.1.0')
  await eventually('what is open waits, and says for what', async () =>
    (await said(next.pull)).includes('is no longer on the default branch'),
  )

  // Neither does a process that remembers nothing take it for the beginning.
  await forget()
  await halts()
  expect((await pull(next.pull)).merged_at).toBeNull()
  expect(await ours('rollback', 'api', 'staging')).toEqual([])
  expect(await git('rev-parse', main)).toBe(squashed)

  await git('update-ref', main, whole, squashed)
  await merged(next.pull)
})

test('history that was merged into an older commit counts as lost, though all of it is still an ancestor (T15)', {
  timeout: 400_000,
}, async () => {
  const { git, bring, eventually, merged, promotion, healthy, file, ours, said } = stage()
  const path = overlayFile('shop', 'production')
  const old = await git('rev-parse', main)
  const { digest } = await bring('shop', '1.1.0')
  await merged((await promotion('shop', 'staging')).number)
  await merged((await promotion('shop', 'production')).number)
  await healthy('shop', 'production', digest)

  // `git merge -s ours` on an old checkout, and a push that no rule against force-pushes stops: everything is as it was.
  const whole = await git('rev-parse', main)
  const aside = await git('commit-tree', `${old}^{tree}`, '-p', old, '-p', whole, '-m', 'Merge main')
  await git('update-ref', main, aside, whole)
  expect(await file(path)).not.toContain(digest)
  await halts()
  const [left] = await ours('promote', 'api', 'production')
  const called = async () =>
    (await said(left?.number ?? 0)).split('@acme/platform The default branch no longer holds').length - 1
  await eventually('the owners are called where something was promoted last', async () => (await called()) === 1)
  await forget()
  await halts()
  expect(await called()).toBe(1)

  await git('update-ref', main, whole, aside)
  await goesOn()
  expect(await file(path)).toContain(digest)
})
