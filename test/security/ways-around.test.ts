import { describe, expect, test } from 'vitest'
import { environmentFile, firstDigest, overlayFile, quickRules } from '../scenarios/a-config.ts'
import { aStage } from '../scenarios/a-stage.ts'
import { repo } from '../scenarios/scenario.ts'

/** What every region of production builds upon; no environment upstream reaches it. */
const regions = 'apps/tram/overlays/regions/kustomization.yaml'

const production = `  promotesFrom: [staging]
  merge: auto
  guards: [clusters/production/**]
  gates:
    - { name: soaked, type: upstream, soak: 2s }
    - { name: approved, type: approvals, count: 1, from: [acme/sre] }`

const stage = aStage({
  applications: ['api', 'web', 'shop', 'cart', 'mail', 'bill', 'tram'],
  rules: { ...quickRules, production },
  files: (files) => ({
    ...files,
    'clusters/production/api.yaml': 'path: ./apps/api/overlays/production\n',
    [regions]: files[overlayFile('tram', 'production')] ?? '',
    [overlayFile('tram', 'production')]: 'resources: [../regions]\nnameSuffix: -eu\n',
  }),
})

const isGreen = async (head: string): Promise<boolean> => (await stage().check(head))?.conclusion === 'success'

describe.concurrent('a way around the gates', { timeout: 400_000 }, () => {
  test('a fork imitates the promotion branch, and is a stranger (T09)', async () => {
    const { forge, people, overlay, eventually, said, pull, file, build } = stage()
    await forge.fork('acme', 'config', 'eve')
    const branch = 'sluice/promote/staging/api'
    const digest = await build('api', '6.6.6')
    const files = { [overlayFile('api', 'staging')]: overlay('api', 'staging', '6.6.6', digest) }
    await people.eve.commitFiles('eve/config', branch, files, 'Promote api to staging', { from: 'main' })
    const wanted = {
      repo,
      title: 'Promote api to staging: api:6.6.6',
      head: `eve:${branch}`,
      base: 'main',
      body: 'mine',
    }
    const number = await people.eve.openPull(wanted)
    await eventually('it is judged as an edit', async () => (await said(number)).includes('`upstream.never-ran`'))
    expect((await pull(number)).body).toBe('mine')
    expect(await isGreen((await pull(number)).head.sha)).toBe(false)
    expect(await file(overlayFile('api', 'staging'))).toContain(firstDigest('api'))
  })

  test('a digest that never ran upstream comes by what the regions of production share (I2)', async () => {
    const { people, propose, overlay, eventually, said, file, build, pull, say } = stage()
    const files = { [regions]: overlay('tram', 'production', '6.6.6', await build('tram', '6.6.6')) }
    const number = await propose('ann', 'tram-regions', files)
    await people.rita.review(repo, number, 'APPROVE')
    await say('ann', number, '/sluice merge')
    const report = await eventually('its gates are judged', async () => {
      const text = await said(number)
      return text.includes('`approvals.enough`') ? text : undefined
    })
    expect(report).toContain('`upstream.never-ran`')
    expect(report).not.toContain('`upstream.own`')
    expect(await isGreen((await pull(number)).head.sha)).toBe(false)
    expect(await file(regions)).toContain(firstDigest('tram'))
  })

  test('the same head goes to another base without gates (T61)', async () => {
    const { people, propose, overlay, eventually, said, pull, build } = stage()
    const loose = { [environmentFile('production')]: null }
    await people.ann.commitFiles(repo, 'loose', loose, 'no gates here', { from: 'main' })
    const digest = await build('web', '6.6.6')
    const files = { [overlayFile('web', 'production')]: overlay('web', 'production', '6.6.6', digest) }
    const number = await propose('ann', 'web-twice', files)
    const twin = await people.ann.openPull({ repo, title: 'twin', head: 'web-twice', base: 'loose' })
    await eventually('the first is judged', async () => (await said(number)).includes('`approvals.too-few`'))
    expect(await said(twin)).toBe('')
    expect(await isGreen((await pull(number)).head.sha)).toBe(false)
    await expect(people.ann.mergePull(repo, number)).rejects.toThrow(/405/)
  })

  test('it is approved for a branch that holds the worst of it already, and then pointed at ours (T61)', async () => {
    const { people, overlay, file, eventually, said, pull, build, say } = stage()
    const path = overlayFile('bill', 'production')
    const files = { [path]: overlay('bill', 'production', '6.6.6', await build('bill', '6.6.6')) }
    await people.ann.commitFiles(repo, 'side', files, 'Start', { from: 'main' })
    const harmless = { 'README.md': 'Only words.\n' }
    await people.ann.commitFiles(repo, 'side-words', harmless, 'Only words', { from: 'side' })
    const number = await people.ann.openPull({ repo, title: 'Only words', head: 'side-words', base: 'side' })
    await people.rita.review(repo, number, 'APPROVE')
    await people.ann.request('PATCH', `/repos/${repo}/pulls/${number}`, { base: 'main' })
    await eventually('the approval does not count', async () =>
      /0 of 1 approvals[^|]*Not counted: [^|]*rita/.test(await said(number)),
    )
    expect(await isGreen((await pull(number)).head.sha)).toBe(false)
    await say('ann', number, '/sluice merge')
    expect(await file(path)).toContain(firstDigest('bill'))

    // Whoever has looked at what it is now may say so.
    await people.rita.review(repo, number, 'APPROVE')
    await eventually('it counts', async () => (await said(number)).includes('`approvals.enough`'))
  })

  test('it is approved for a branch that the forge merges away beneath it (T61)', async () => {
    const { people, overlay, file, eventually, said, pull, say, build } = stage()
    const path = overlayFile('bill', 'production')
    const files = { [path]: overlay('bill', 'production', '6.6.7', await build('bill', '6.6.7')) }
    await people.ann.commitFiles(repo, 'step', { 'STEP.md': 'A step.\n' }, 'A step', { from: 'main' })
    const step = await people.ann.openPull({ repo, title: 'A step', head: 'step', base: 'main' })
    await people.ann.commitFiles(repo, 'step-on', files, 'The next step', { from: 'step' })
    const number = await people.ann.openPull({ repo, title: 'The next step', head: 'step-on', base: 'step' })
    for (const pull of [step, number]) await people.rita.review(repo, pull, 'APPROVE')
    await eventually('the first step is green', async () => isGreen((await pull(step)).head.sha))
    await people.ann.mergePull(repo, step)
    await people.ann.deleteBranch(repo, 'step')
    expect((await pull(number)).base.ref).toBe('main')
    await eventually('the approval does not count', async () =>
      /0 of 1 approvals[^|]*Not counted: [^|]*rita/.test(await said(number)),
    )
    await say('ann', number, '/sluice merge')
    expect(await file(path)).toContain(firstDigest('bill'))
  })

  test('the same head goes to the same base twice, once as a draft (T62)', async () => {
    const { people, overlay, eventually, pull, said, build, merged } = stage()
    const digest = await build('shop', '1.1.0')
    const files = { [overlayFile('shop', 'dev')]: overlay('shop', 'dev', '1.1.0', digest) }
    const head = await people.ann.commitFiles(repo, 'shop-one', files, 'shop', { from: 'main' })
    await people.ann.request('POST', `/repos/${repo}/git/refs`, { ref: 'refs/heads/shop-two', sha: head })
    const held = await people.ann.openPull({ repo, title: 'held', head: 'shop-one', base: 'main', draft: true })
    await eventually('the draft is told', async () => (await said(held)).includes('`state.draft`'))
    const twin = await people.ann.openPull({ repo, title: 'twin', head: 'shop-two', base: 'main' })
    await eventually('the twin waits for it', async () => (await said(twin)).includes(`#${held} has the same head`))
    expect((await pull(twin)).merged_at).toBeNull()
    await people.ann.closePull(repo, held)
    await merged(twin)
  })

  test('the gate is taken away first, and is met by who takes it away (T63, I9)', async () => {
    const { propose, file, eventually, said, say, pull, people, merged } = stage()
    const path = environmentFile('production')
    const weaker = (await file(path)).replace(/.*type: approvals.*\n/, '')
    const number = await propose('ann', 'weaker', { [path]: weaker })
    const report = await eventually('it meets the approvals', async () => {
      const text = await said(number)
      return text.includes('`approvals.too-few`') && text
    })
    expect(report).toContain('what decides about it')
    expect((await say('ann', number, '/sluice merge')).reaction).toBe('rocket')
    expect((await pull(number)).merged_at).toBeNull()
    expect(await isGreen((await pull(number)).head.sha)).toBe(false)
    await people.ann.closePull(repo, number)

    const both = await propose('ann', 'weaker-and-more', {
      [path]: weaker,
      [overlayFile('cart', 'production')]: `${await file(overlayFile('cart', 'production'))}# more\n`,
    })
    await eventually('the old rules judge both', async () => {
      const text = await said(both)
      return text.includes('`cart` in `production`') && text.split('`approvals.too-few`').length > 2
    })
    await people.ann.closePull(repo, both)

    const wanted = await propose('ann', 'weaker-by-two', { [path]: (await file(path)).replace('soak: 2s', 'soak: 3s') })
    await people.rita.review(repo, wanted, 'APPROVE')
    await say('ann', wanted, '/sluice merge')
    await merged(wanted)
  })

  test('a delivery object is pointed elsewhere, which is gated as the environment is (T64)', async () => {
    const { propose, eventually, said, pull, say } = stage()
    const number = await propose('ann', 'elsewhere', {
      'clusters/production/api.yaml': 'path: ./apps/api/overlays/dev\n',
    })
    await eventually('it meets the approvals', async () => (await said(number)).includes('`approvals.too-few`'))
    expect(await said(number)).toContain('clusters/production/api.yaml')
    await say('ann', number, '/sluice merge')
    expect((await pull(number)).merged_at).toBeNull()
  })

  test('the base moves under an approved promotion, which is judged anew on the merge result (T12)', async () => {
    const { bring, promotion, people, propose, file, say, said, merged, healthy, eventually, pull } = stage()
    const path = overlayFile('mail', 'production')
    const { digest } = await bring('mail', '1.1.0')
    const open = await promotion('mail', 'production')
    await say('ann', open.number, '/sluice hold')
    const edit = await propose('ann', 'mail-replicas', { [path]: (await file(path)).replace('count: 1', 'count: 3') })
    await eventually('the edit is judged', async () => (await said(edit)).includes('`approvals.too-few`'))
    await people.rita.review(repo, edit, 'APPROVE')
    await people.rita.review(repo, open.number, 'APPROVE')
    expect((await say('ann', edit, '/sluice merge')).reaction).toBe('rocket')
    await merged(edit)
    await say('ann', open.number, '/sluice unhold')
    await merged(open.number)
    expect((await pull(open.number)).head.sha).toBe(open.head.sha)
    await healthy('mail', 'production', digest)
    expect(await file(path)).toContain('count: 3')
    await eventually(
      'nothing is ungated',
      async () => (await say('eve', edit, '/sluice status')).reply.includes('ungated') === false,
    )
  })

  test('a poisonous pull request is refused, and the others go on (T58)', async () => {
    const { propose, eventually, said, bring, merged, check, pull } = stage()
    const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const poison = await propose('ann', 'poison', { [overlayFile('api', 'production')]: `resources: ${nested}\n` })
    const aliases = Array.from({ length: 24 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`).join('\n')
    const bomb = await propose('ann', 'bomb', { [overlayFile('api', 'staging')]: `a0: &a0 [x]\n${aliases}\n` })
    const { pull: entry } = await bring('api', '1.1.0')
    await merged(entry)
    for (const number of [poison, bomb]) {
      const { head } = await pull(number)
      await eventually('it is refused', async () => (await said(number)).includes('❌'))
      expect((await check(head.sha))?.conclusion).toBe('failure')
    }
  })
})
