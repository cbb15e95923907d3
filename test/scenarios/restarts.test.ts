import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { firstDigest, overlayFile, quickRules } from './a-config.ts'
import { aStage } from './a-stage.ts'
import { killAt } from './kill-server.ts'

const stage = aStage({ applications: ['api', 'shop', 'cart', 'mail'], rules: quickRules })

const effects = [
  'git/create-commit',
  'git/create-ref',
  'git/delete-ref',
  'pulls/create',
  'pulls/update',
  'pulls/merge',
  'checks/create',
  'checks/update',
  'issues/create-comment',
  'git-push',
]

/** What one release leaves behind in three environments when all went well, however often somebody died on the way. */
async function expectOnce(application: string, digest: string, entry: number): Promise<void> {
  const { git, ours, file, isRunning } = stage()
  for (const environment of ['staging', 'production'] as const) {
    const pulls = await ours('promote', application, environment)
    expect(pulls.map((pull) => [pull.title, pull.merged_at !== null])).toEqual([[pulls[0]?.title, true]])
    expect(await file(overlayFile(application, environment))).toContain(digest)
    expect(isRunning(application, environment, digest)).toBe(true)
  }
  const merges = (await git('log', '--first-parent', '--format=%s', 'main')).split('\n')
  expect(merges.filter((title) => title.includes(`#${entry})`))).toHaveLength(1)
  expect(merges.filter((title) => title.startsWith(`Promote ${application} to`))).toHaveLength(2)
}

test('the server dies before and after every effect, and all happens once (I7, T13)', {
  timeout: 900_000,
}, async () => {
  const scenario = stage()
  const { bring, healthy, eventually, file } = scenario
  const { digest, pull } = await bring('api', '1.1.0')
  const killing = killAt(scenario, effects)
  try {
    const path = overlayFile('api', 'production')
    await eventually('it is in production', async () => (await file(path)).includes(digest), 480_000)
  } finally {
    await killing.stop()
  }
  expect(killing.kills.length).toBeGreaterThan(10)
  await healthy('api', 'production', digest)
  await expectOnce('api', digest, pull)
})

test('the server dies again and again while it takes a release back, and takes it back once (I5, I7, I12)', {
  timeout: 900_000,
}, async () => {
  const scenario = stage()
  const { bring, healthy, cluster, server, eventually, file, ours } = scenario
  const path = overlayFile('shop', 'production')
  const before = await file(path)
  const { digest } = await bring('shop', '1.1.0')
  await healthy('shop', 'production', digest)
  cluster.badImage(digest, 'crash', 0, 'production')
  const killing = killAt(scenario, ['git-push', 'git/create-ref', 'pulls/create', 'pulls/merge'])
  try {
    await eventually('it is taken back', async () => (await file(path)) === before, 480_000)
  } finally {
    await killing.stop()
  }
  await server.kill()
  await server.start()
  await healthy('shop', 'production', firstDigest('shop'))
  expect(await ours('rollback', 'shop', 'production')).toHaveLength(1)
  expect(await ours('promote', 'shop', 'production')).toHaveLength(1)
})

test('the local files are lost, then put back from an old backup, and Git and the forge are what counts (T57)', {
  timeout: 400_000,
}, async () => {
  const { bring, promotion, server, dir, healthy, say, eventually, slot } = stage()
  const { pull, digest } = await bring('cart', '1.1.0')
  await promotion('cart', 'staging')
  await say('ann', pull, '/sluice lock production --app mail --reason "kept"')
  const [data, backup] = [join(dir, 'data'), join(dir, 'backup')]
  await server.kill()
  await rename(data, backup)
  await server.start()
  await healthy('cart', 'production', digest)
  await expectOnce('cart', digest, pull)
  expect((await say('eve', pull, '/sluice status production')).reply).toContain('kept')
  await eventually('the bad release is still out', async () => {
    const wanted = (await slot('shop', 'production'))?.next
    return wanted?.is === 'nothing' && wanted.reason === 'release.quarantined'
  })
  await say('ann', pull, '/sluice unlock production --app mail')

  // In the backup the lock stands, and cart is on its way.
  await server.kill()
  await rm(data, { recursive: true })
  await rename(backup, data)
  await server.start()
  const { reply } = await say('eve', pull, '/sluice status production')
  expect(reply).toContain('`cart`')
  expect(reply).not.toMatch(/kept|not trusted|no longer on the default branch/)
  await expectOnce('cart', digest, pull)
})

test('no event arrives at all, and only time is lost', { timeout: 400_000 }, async () => {
  const { bring, healthy, forge } = stage()
  const lost = forge.faults.add({ kind: 'drop', operation: 'webhook' })
  try {
    const { digest, pull } = await bring('mail', '1.1.0')
    await healthy('mail', 'production', digest)
    await expectOnce('mail', digest, pull)
  } finally {
    lost.remove()
  }
})

test('every event arrives twice and out of order, and nothing happens twice (I7)', { timeout: 400_000 }, async () => {
  const { bring, healthy, forge, git } = stage()
  const odd = [
    forge.faults.add({ kind: 'double', operation: 'webhook' }),
    forge.faults.add({ kind: 'reorder', operation: 'webhook' }),
  ]
  try {
    const { digest, pull } = await bring('mail', '1.2.0')
    await healthy('mail', 'production', digest)
    const merges = (await git('log', '--first-parent', '--format=%s', 'main')).split('\n')
    expect(merges.filter((title) => title.includes('mail') && title.includes('1.2.0'))).toHaveLength(3)
    expect(merges.filter((title) => title.includes(`#${pull})`))).toHaveLength(1)
  } finally {
    for (const one of odd) one.remove()
  }
})
