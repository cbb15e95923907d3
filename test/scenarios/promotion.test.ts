import { describe, expect, test } from 'vitest'
import { firstDigest, overlayFile } from './a-config.ts'
import { aStage } from './a-stage.ts'
import { repo } from './scenario.ts'

const stage = aStage({ applications: ['api', 'web', 'shop', 'cart', 'mail', 'hub'] })

describe.concurrent('a release on its way', { timeout: 400_000 }, () => {
  test('travels from dev to production with one approval, and each report says what it waits for', async () => {
    const { bring, eventually, promotion, people, pull, file, isRunning, ours, check } = stage()
    const before = await file(overlayFile('api', 'production'))
    const { digest, pull: entry } = await bring('api', '1.1.0')
    await eventually('the entry is merged', async () => (await pull(entry)).merged_at !== null)
    const staging = await promotion('api', 'staging')
    await eventually('it is merged to staging', async () => (await pull(staging.number)).merged_at !== null)

    const production = await promotion('api', 'production')
    const waiting = await eventually('it waits for the approval', async () => {
      const now = await pull(production.number)
      return (now.body ?? '').includes('**Waits** for `approved`') && now
    })
    expect(waiting.body).toContain('Can be unblocked by `acme/sre`')
    expect(waiting.body).toContain('`approvals.too-few`')
    expect(waiting.body).toContain('`signature.signed`')
    expect(waiting.body).toMatch(/api:1\.0\.0.* → .*api:1\.1\.0/)
    expect(waiting.body).toContain(`@${digest}`)
    expect((await check(waiting.head.sha))?.conclusion ?? 'none').not.toBe('success')
    await people.rita.review(repo, production.number, 'APPROVE')

    await eventually('production runs it', () => isRunning('api', 'production', digest))
    const after = await file(overlayFile('api', 'production'))
    expect(after).toBe(before.replace('1.0.0', '1.1.0').replace(firstDigest('api'), digest))
    expect(await ours('promote', 'api', 'production')).toHaveLength(1)
    expect(await ours('promote', 'api', 'staging')).toHaveLength(1)
  })

  test('stays out of staging while nobody signed it, and says so (T34)', async () => {
    const { bring, eventually, promotion, pull, file } = stage()
    await bring('web', '2.0.0', { signed: false })
    const staging = await promotion('web', 'staging')
    const refused = await eventually('it is refused', async () => {
      const now = await pull(staging.number)
      return (now.body ?? '').includes('**Refused** by `signed by its build`') && now
    })
    expect(refused.body).toContain('`signature.')
    expect(await file(overlayFile('web', 'staging'))).toContain(firstDigest('web'))
  })

  test('is judged when somebody edits production by hand, and does not merge without a pass (I1, T07)', async () => {
    const { propose, overlay, eventually, said, check, pull, people, file, build } = stage()
    const digest = await build('shop', '3.0.0')
    const edited = overlay('shop', 'production', '3.0.0', digest)
    const number = await propose('ann', 'shop-by-hand', { [overlayFile('shop', 'production')]: edited })
    await eventually('the report', async () => (await said(number)).includes('`upstream.never-ran`'))
    expect(await said(number)).toContain(`@${digest}`)
    const first = (await pull(number)).head.sha
    expect((await check(first))?.conclusion ?? 'none').not.toBe('success')

    await people.rita.review(repo, number, 'APPROVE')
    await eventually('the approval counts', async () => (await said(number)).includes('`approvals.enough`'))
    await people.ann.commitFiles(repo, 'shop-by-hand', { 'apps/shop/overlays/production/notes.md': 'more\n' }, 'more')
    await eventually('the approval is of an older head', async () =>
      (await said(number)).includes('`approvals.too-few`'),
    )
    expect((await pull(number)).merged_at).toBeNull()
    expect(await file(overlayFile('shop', 'production'))).toContain(firstDigest('shop'))
  })

  test('needs an approval of somebody else than its initiator (T06)', async () => {
    const { bring, eventually, promotion, pull, people, isRunning } = stage()
    const { digest } = await bring('cart', '1.1.0', { by: 'rita' })
    const production = await promotion('cart', 'production')
    await people.rita.review(repo, production.number, 'APPROVE')
    await eventually('the approval is not counted', async () =>
      /Not counted: .*rita/.test((await pull(production.number)).body ?? ''),
    )
    expect((await pull(production.number)).merged_at).toBeNull()
    expect(isRunning('cart', 'production', digest)).toBe(false)
  })

  test('needs an approval of somebody else than whoever made commits of what brought it (T06)', async () => {
    const { build, overlay, people, eventually, promotion, pull, isRunning } = stage()
    const digest = await build('hub', '1.1.0')
    const path = overlayFile('hub', 'dev')
    await people.ann.commitFiles(repo, 'hub-by-two', { 'apps/hub/overlays/dev/notes.md': 'ours\n' }, 'Notes', {
      from: 'main',
    })
    await people.rita.commitFiles(repo, 'hub-by-two', { [path]: overlay('hub', 'dev', '1.1.0', digest) }, 'Bump hub')
    await people.ann.openPull({ repo, title: 'hub by two', head: 'hub-by-two', base: 'main' })
    const production = await promotion('hub', 'production')
    await people.rita.review(repo, production.number, 'APPROVE')
    await eventually('the approval is not counted', async () =>
      /Not counted: .*rita/.test((await pull(production.number)).body ?? ''),
    )
    expect((await pull(production.number)).merged_at).toBeNull()
    expect(isRunning('hub', 'production', digest)).toBe(false)
  })

  test('is refused in production by tag alone, with the line to write (T33)', async () => {
    const { propose, overlay, eventually, said, pull, people } = stage()
    const number = await propose('ann', 'mail-by-tag', {
      [overlayFile('mail', 'production')]: overlay('mail', 'production', '2.0.0', null),
    })
    await eventually('the report', async () => (await said(number)).includes('`image.unpinned`'))
    expect(await said(number)).toContain('digest: sha256:…')
    await people.rita.review(repo, number, 'APPROVE')
    expect((await pull(number)).merged_at).toBeNull()
  })

  test('leaves a pull request that touches no environment in peace', async () => {
    const { propose, eventually, check, pull, said } = stage()
    const number = await propose('ann', 'words', { 'README.md': '# Acme\n' })
    const { head } = await pull(number)
    await eventually('a green check', async () => (await check(head.sha))?.conclusion === 'success')
    expect((await check(head.sha))?.output.title).toBe('touches no environment')
    expect(await said(number)).toBe('')
  })
})
