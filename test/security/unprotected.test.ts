import { beforeAll, describe, expect, test } from 'vitest'
import { environmentFile, firstDigest, overlayFile, quickRules } from '../scenarios/a-config.ts'
import { aStage } from '../scenarios/a-stage.ts'
import { repo } from '../scenarios/scenario.ts'

const production = `  promotesFrom: [staging]
  merge: auto
  gates:
    - { name: soaked, type: upstream, soak: 2s }
    - { name: approved, type: approvals, count: 1, from: [acme/sre] }
  rollback: { when: unhealthy, by: [acme/sre] }`

const stage = aStage({
  applications: ['api', 'web', 'shop', 'cart', 'hub', 'mail'],
  rules: { ...quickRules, production },
})

// Nothing is enforced by the forge any more: what is left is what Sluice sees and says.
beforeAll(() => stage().forge.protect('acme', 'config', []))

const isHeld = async (application: string, environment: 'staging' | 'production'): Promise<boolean> => {
  const wanted = (await stage().slot(application, environment))?.next
  return wanted?.is === 'nothing' && wanted.reason === 'state.ungated'
}

describe.concurrent('where the forge enforces nothing', { timeout: 400_000 }, () => {
  test('a commit that somebody pushes onto the branch of a promotion freezes it (T10)', async () => {
    const { bring, promotion, people, eventually, pull, file, ours } = stage()
    await bring('api', '1.1.0')
    const open = await promotion('api', 'production')
    const path = overlayFile('api', 'production')
    await people.ann.commitFiles(repo, open.head.ref, { [path]: `${await file(path)}# mine\n` }, 'mine')
    await people.rita.review(repo, open.number, 'APPROVE')
    await eventually('it is frozen', async () => (await pull(open.number)).body?.includes('`state.pushed-over`'))
    expect((await pull(open.number)).merged_at).toBeNull()
    expect(await file(path)).toContain(firstDigest('api'))
    await people.ann.closePull(repo, open.number)
    const next = await eventually('it starts again', async () =>
      (await ours('promote', 'api', 'production')).find((one) => one.number !== open.number),
    )
    expect(next.state).toBe('open')
  })

  test('a push around the gates is recorded, and holds its slot until somebody accepts it (T70)', async () => {
    const { push, file, eventually, bring, say, merged, slot, promotion } = stage()
    const path = overlayFile('web', 'staging')
    const commit = await push('ann', path, (text) => text.replace('count: 1', 'count: 2'))
    await eventually('it is held', () => isHeld('web', 'staging'))
    const { pull } = await bring('web', '1.1.0')
    await merged(pull)
    const status = await say('eve', pull, '/sluice status staging')
    expect(status.reply).toContain('ungated')
    expect((await say('ann', pull, `/sluice accept ${commit.slice(0, 12)}`)).reaction).toBe('confused')
    expect((await slot('web', 'staging'))?.next).toMatchObject({ is: 'nothing', reason: 'state.ungated' })
    expect((await say('mo', pull, `/sluice accept ${commit.slice(0, 12)}`)).reaction).toBe('rocket')
    await merged((await promotion('web', 'staging')).number)
    expect(await file(path)).toContain('count: 2')
  })

  test('a merge by somebody else than Sluice is recorded as well (T70)', async () => {
    const { people, file, eventually, propose, said, log } = stage()
    const path = overlayFile('shop', 'production')
    const number = await propose('ann', 'by-button', { [path]: (await file(path)).replace('count: 1', 'count: 2') })
    await eventually('it is judged', async () => (await said(number)).includes('`approvals.too-few`'))
    await people.root.mergePull(repo, number)
    await eventually('it is held', () => isHeld('shop', 'production'))
    await eventually('its owners are called', async () => (await said(number)).includes('changed around the gates'))
    expect(await log()).toContain('changed around the gates')
  })

  test('an overlay that breaks stops its own application only', async () => {
    const { push, eventually, slot, bring, merged, say } = stage()
    const path = overlayFile('hub', 'staging')
    await push('ann', path, () => 'resources: [https://example.com/x]\n')
    await eventually('it is unreadable', async () => (await slot('hub', 'staging'))?.release === null)
    const { pull } = await bring('hub', '1.1.0')
    await merged(pull)
    expect((await say('eve', pull, '/sluice explain staging --app hub')).reply).toContain('`')
  })
})

test('while the manifests are broken, promotions wait and reverts go on', { timeout: 400_000 }, async () => {
  const { people, push, file, eventually, bring, promotion, merged, healthy, slot, said, say, isRunning } = stage()
  const { digest, pull } = await bring('mail', '1.1.0')
  const open = await promotion('mail', 'production')
  await people.rita.review(repo, open.number, 'APPROVE')
  await merged(open.number)
  await healthy('mail', 'production', digest)
  const path = environmentFile('staging')
  const whole = await file(path)
  const broken = await push('ann', path, () => `${whole}\n  nonsense: true\n`)
  const next = await bring('mail', '1.2.0')
  await eventually('promotions wait', async () => {
    const wanted = (await slot('mail', 'staging'))?.next
    return wanted?.is === 'nothing' && wanted.reason === 'config.broken'
  })
  await eventually('its owners are called where something was promoted last', async () =>
    (await said(open.number)).includes('@acme/platform The manifests of the default branch do not parse'),
  )
  await say('rita', pull, '/sluice rollback production --app mail --reason "broken anyway"')
  await healthy('mail', 'production', firstDigest('mail'))
  expect(isRunning('mail', 'staging', next.digest)).toBe(false)
  await push('ann', path, () => whole)
  // Mended, the rules are what they were: only the commit that broke them is left to look at.
  expect((await say('mo', pull, `/sluice accept ${broken.slice(0, 12)}`)).reaction).toBe('rocket')
  await merged((await promotion('mail', 'staging')).number)
})

test('a merge that holds something else than was gated is found at once, and freezes its environment (I3)', {
  timeout: 400_000,
}, async () => {
  const { push, file, eventually, bring, forge, merged, log, ours, said } = stage()
  const path = overlayFile('cart', 'staging')
  const { pull } = await bring('cart', '1.1.0')
  await merged(pull)
  const slow = forge.faults.add({
    operation: 'pulls/merge',
    kind: 'delay',
    milliseconds: 1_500,
    times: 1,
    where: ({ body }) => JSON.stringify(body).includes('cart/staging'),
  })
  await eventually('the merge is on its way', () => slow.hits() > 0)
  await push('ann', path, (text) => text.replace('count: 1', 'count: 2'))
  await eventually('it is merged', async () => !(await file(path)).includes(firstDigest('cart')))
  await eventually('the revert is open', async () => (await ours('rollback', 'cart', 'staging'))[0])
  await eventually('it is told', async () => (await log()).includes('merged with another content than was gated'))
  await eventually('the environment is frozen', () => isHeld('api', 'staging'))
  const [promotion] = await ours('promote', 'cart', 'staging')
  await eventually('its owners are called where it was merged', async () =>
    (await said(promotion?.number ?? 0)).includes(
      '@acme/platform `cart/staging`, `*/staging` changed around the gates',
    ),
  )
})
