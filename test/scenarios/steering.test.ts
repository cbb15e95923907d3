import { describe, expect, test } from 'vitest'
import { firstDigest, overlayFile, quickRules } from './a-config.ts'
import { aStage } from './a-stage.ts'
import { repo } from './scenario.ts'

const stage = aStage({
  applications: ['api', 'web', 'shop', 'cart', 'mail', 'bill', 'hub'],
  rules: {
    ...quickRules,
    production: `  promotesFrom: [staging]
  merge: auto
  gates:
    - { name: soaked, type: upstream, soak: 2s }
    - { name: approved, type: approvals, count: 1, from: [acme/sre] }`,
  },
})

describe.concurrent('people steer', { timeout: 400_000 }, () => {
  test('by closing a promotion, which declines its release there and no other', async () => {
    const { bring, promotion, people, eventually, slot, ours, pull, say } = stage()
    await bring('api', '1.1.0')
    const declined = await promotion('api', 'production')
    await people.ann.closePull(repo, declined.number)
    await eventually('the decline is on record', async () => {
      const wanted = (await slot('api', 'production'))?.next
      return wanted?.is === 'nothing' && wanted.reason === 'release.declined'
    })
    expect((await say('ann', declined.number, '/sluice promote production --app api')).reaction).toBe('rocket')
    const ordered = await promotion('api', 'production')
    expect(ordered.title).toContain('1.1.0')
    await people.ann.closePull(repo, ordered.number)
    await bring('api', '1.2.0')
    const next = await eventually('the newer one is proposed', async () =>
      (await ours('promote', 'api', 'production')).find((one) => one.title.includes('1.2.0')),
    )
    expect(next.state).toBe('open')
    expect((await pull(declined.number)).state).toBe('closed')
    expect(await ours('promote', 'api', 'production')).toHaveLength(3)
  })

  test('by deleting its branch, which declines it as well', async () => {
    const { bring, promotion, git, people, eventually, slot, ours } = stage()
    await bring('web', '1.1.0')
    const declined = await promotion('web', 'production')
    await expect(people.ann.deleteBranch(repo, declined.head.ref)).rejects.toThrow(/422|403/)
    await git('update-ref', '-d', `refs/heads/${declined.head.ref}`)
    await people.root.closePull(repo, declined.number)
    await eventually('the decline is on record', async () => {
      const wanted = (await slot('web', 'production'))?.next
      return wanted?.is === 'nothing' && wanted.reason === 'release.declined'
    })
    expect(await ours('promote', 'web', 'production')).toHaveLength(1)
  })

  test('by a newer release, which takes the place of one that nobody has approved', async () => {
    const { bring, promotion, eventually, ours, pull, people, merged, healthy } = stage()
    const first = await bring('shop', '1.1.0')
    await healthy('shop', 'staging', first.digest)
    const open = await promotion('shop', 'production')
    const { digest } = await bring('shop', '1.2.0')
    await eventually('the newer one takes its place', async () =>
      (await pull(open.number)).title.includes('shop:1.2.0'),
    )
    await people.rita.review(repo, open.number, 'APPROVE')
    await merged(open.number)
    await healthy('shop', 'production', digest)
    expect(await ours('promote', 'shop', 'production')).toHaveLength(1)
  })

  test('by an approval, which keeps the approved release in its place', async () => {
    const { bring, promotion, eventually, pull, people, say, merged, healthy } = stage()
    const { digest } = await bring('cart', '1.1.0')
    const open = await promotion('cart', 'production')
    await say('ann', open.number, '/sluice hold --reason "not before lunch"')
    await people.rita.review(repo, open.number, 'APPROVE')
    await eventually('the hold is told', async () => ((await pull(open.number)).body ?? '').includes('`state.held`'))
    const next = await bring('cart', '1.2.0')
    await healthy('cart', 'staging', next.digest)
    expect((await pull(open.number)).title).toContain('cart:1.1.0')
    await say('ann', open.number, '/sluice unhold')
    await merged(open.number)
    await healthy('cart', 'production', digest)
    expect((await promotion('cart', 'production')).title).toContain('cart:1.2.0')
  })

  test('by a draft, which waits', async () => {
    const { build, overlay, people, eventually, said, pull, file } = stage()
    const digest = await build('mail', '1.1.0')
    await people.ann.commitFiles(
      repo,
      'mail-draft',
      { [overlayFile('mail', 'dev')]: overlay('mail', 'dev', '1.1.0', digest) },
      'draft',
      { from: 'main' },
    )
    const wanted = { repo, title: 'mail', head: 'mail-draft', base: 'main', draft: true }
    const number = await people.ann.openPull(wanted)
    await eventually('the draft is told', async () => (await said(number)).includes('`state.draft`'))
    expect((await pull(number)).merged_at).toBeNull()
    expect(await file(overlayFile('mail', 'dev'))).toContain(firstDigest('mail'))
  })

  test('by a lock, which lets only its holder through', async () => {
    const { bring, eventually, said, say, pull, merged } = stage()
    const { pull: others } = await bring('hub', '0.9.0', { by: 'mo' })
    await merged(others)
    await say('ann', others, '/sluice lock dev --app hub --for 1h --reason "debugging"')
    const { pull: waiting } = await bring('hub', '1.1.0', { by: 'rita' })
    const text = await eventually('the lock is told', async () => {
      const report = await said(waiting)
      return report.includes('`state.locked`') && report
    })
    expect(text).toMatch(/locked by .*ann/)
    const refused = await say('rita', waiting, '/sluice unlock dev --app hub')
    expect(refused.reaction).toBe('confused')
    expect((await pull(waiting)).merged_at).toBeNull()
    await say('ann', waiting, '/sluice unlock dev --app hub')
    await merged(waiting)
  })

  test('by questions, which are answered once each', async () => {
    const { bring, say } = stage()
    const { pull } = await bring('bill', '1.1.0')
    const status = await say('eve', pull, '/sluice status production')
    expect(status.reply).toMatch(/`bill`.*`production`/)
    const explained = await say('eve', pull, '/sluice explain production --app bill')
    expect(explained.reply).toMatch(/`bill`.* in `production`.* runs/)
    const help = await say('eve', pull, '/sluice help')
    expect(help.reply).toContain('rollback')
  })
})
