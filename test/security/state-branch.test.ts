import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { firstDigest, overlayFile, quickRules } from '../scenarios/a-config.ts'
import { aStage } from '../scenarios/a-stage.ts'

const stage = aStage({ applications: ['api', 'web', 'shop'], rules: quickRules })
const ref = 'refs/heads/sluice/state'

/** As after a disk was lost: nothing is known but what Git and the forge hold. */
async function forget(): Promise<void> {
  const { server, dir } = stage()
  await server.kill()
  await rm(join(dir, 'data'), { recursive: true, force: true })
  await server.start()
}

/** What automation says of every slot while its state cannot be believed. */
async function seesUntrusted(): Promise<void> {
  const { eventually, slot } = stage()
  await eventually('the state is untrusted', async () => {
    const wanted = (await slot('api', 'staging'))?.next
    return wanted?.is === 'nothing' && wanted.reason === 'state.untrusted'
  })
}

async function trustsAgain(): Promise<void> {
  const { eventually, slot } = stage()
  await eventually('the state is trusted', async () => {
    const wanted = (await slot('api', 'staging'))?.next
    return wanted !== undefined && !(wanted.is === 'nothing' && wanted.reason === 'state.untrusted')
  })
}

test('an event that somebody else pushed is not believed, nor anything behind it (T68)', {
  timeout: 400_000,
}, async () => {
  const { git, bring, say, file, merged, healthy, eventually, ours, said } = stage()
  const { pull, digest } = await bring('web', '1.1.0')
  await merged(pull)
  await healthy('web', 'production', digest)
  const head = await git('rev-parse', ref)
  const forged = await git('commit-tree', `${head}^{tree}`, '-p', head, '-m', 'Record command')
  await git('update-ref', ref, forged)
  await seesUntrusted()
  const refused = await say('rita', pull, '/sluice rollback production --app web --reason "x"')
  expect(refused.reaction).toBe('confused')
  expect(refused.reply).toContain('`state.untrusted`')
  const [promotion] = await ours('promote', 'web', 'production')
  const called = async () =>
    (await said(promotion?.number ?? 0)).split('@acme/platform The branch sluice/state holds a commit').length - 1
  await eventually('the owners are called where something was promoted last', async () => (await called()) === 1)
  await forget()
  await seesUntrusted()
  expect((await say('rita', pull, '/sluice rollback production --app web --reason "y"')).reaction).toBe('confused')
  expect(await called()).toBe(1)
  expect(await file(overlayFile('web', 'production'))).toContain(digest)
  await git('update-ref', ref, head)
  await trustsAgain()
})

test('a state that was rewound to before a freeze is not believed (T67)', { timeout: 400_000 }, async () => {
  const { git, bring, say, merged, file, eventually, promotion, pull } = stage()
  const { pull: first } = await bring('shop', '1.1.0')
  const before = await git('rev-parse', ref)
  expect((await say('mo', first, '/sluice freeze production --reason "audit"')).reaction).toBe('rocket')
  await merged((await promotion('shop', 'staging')).number)
  const frozen = await promotion('shop', 'production')
  await eventually('it waits', async () => ((await pull(frozen.number)).body ?? '').includes('`state.frozen`'))
  const head = await git('rev-parse', ref)
  await git('update-ref', ref, before)
  await forget()
  await seesUntrusted()
  expect((await pull(frozen.number)).merged_at).toBeNull()
  expect(await file(overlayFile('shop', 'production'))).toContain(firstDigest('shop'))
  await git('update-ref', ref, head)
  await trustsAgain()
})

test('a state branch that was deleted is untrusted, not empty (T66)', { timeout: 400_000 }, async () => {
  const { git, file, bring, merged, log, pulls } = stage()
  const head = await git('rev-parse', ref)
  await git('update-ref', '-d', ref)
  await seesUntrusted()
  await forget()
  await seesUntrusted()
  expect(await git('for-each-ref', ref)).toBe('')
  expect(await log()).toContain('a person is needed')
  expect(await file(overlayFile('shop', 'production'))).toContain(firstDigest('shop'))
  const open = (await pulls()).filter((one) => one.state === 'open').map((one) => one.number)
  await git('update-ref', ref, head)
  await trustsAgain()
  const { pull } = await bring('api', '1.1.0')
  await merged(pull)
  expect((await pulls()).filter((one) => open.includes(one.number)).every((one) => one.state === 'open')).toBe(true)
})
