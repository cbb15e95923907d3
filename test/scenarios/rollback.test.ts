import { describe, expect, test } from 'vitest'
import { type EnvironmentName, environments, firstDigest, overlayFile, overlayFolder, quickRules } from './a-config.ts'
import { aStage } from './a-stage.ts'

const stage = aStage({
  applications: ['api', 'web', 'shop', 'cart', 'mail', 'bill', 'hub'],
  rules: quickRules,
  files: withFlag,
})

const flagFile = (environment: EnvironmentName): string => `${overlayFolder('hub', environment)}/flags.yaml`
const flags = (color: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: hub-flags }\ndata:\n  color: ${color}\n`
const withFlags = (kustomization: string): string =>
  kustomization.replace('  - ../../base\n', '  - ../../base\n  - flags.yaml\n')

/** A release of hub is an image and a flag. */
function withFlag(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const flagged: Record<string, string> = {
    ...files,
    '.sluice/hub.yaml': `apiVersion: sluice.dev/v1alpha1
kind: Application
metadata: { name: hub }
spec:
  source: acme/hub
  owners: ["acme/platform"]
  promotes: { fields: [{ file: flags.yaml, path: data.color }] }
`,
  }
  for (const environment of environments) {
    flagged[flagFile(environment)] = flags('blue')
    flagged[overlayFile('hub', environment)] = withFlags(files[overlayFile('hub', environment)] ?? '')
  }
  return flagged
}

describe.concurrent('what turns out bad', { timeout: 400_000 }, () => {
  test('is caught by the soak where it was healthy for a moment only (T45)', async () => {
    const { bring, build, cluster, eventually, merged, slot, ours, file } = stage()
    const digest = await build('web', '2.0.0')
    cluster.badImage(digest, 'degrade-after', 1_500)
    const { pull } = await bring('web', '2.0.0', { digest })
    await merged(pull)
    await eventually('dev is seen to fail', async () => (await slot('web', 'dev'))?.health.is === 'failed')
    await eventually('staging says why nothing comes', async () => {
      const wanted = (await slot('web', 'staging'))?.next
      return wanted?.is === 'nothing' && wanted.reason === 'upstream.unhealthy'
    })
    expect((await ours('promote', 'web', 'staging')).filter((one) => one.merged_at !== null)).toEqual([])
    expect(await file(overlayFile('web', 'staging'))).toContain(firstDigest('web'))
  })

  test('is not taken back by itself where somebody changed the overlay after it, and by order without that change (T48, I5)', async () => {
    const { bring, cluster, eventually, healthy, propose, file, say, merged, said, ours } = stage()
    const path = overlayFile('shop', 'production')
    const before = await file(path)
    const { digest } = await bring('shop', '1.1.0')
    await healthy('shop', 'production', digest)
    const edited = (await file(path)).replace('count: 1   #', 'count: 2   #')
    const edit = await propose('ann', 'more-replicas', { [path]: edited })
    await eventually('the edit is judged', async () => (await said(edit)).includes('sluice:report'))
    expect((await say('ann', edit, '/sluice merge')).reaction).toBe('rocket')
    await merged(edit)
    await healthy('shop', 'production', digest)
    const [promotion] = await ours('promote', 'shop', 'production')
    cluster.badImage(digest, 'crash', 0, 'production')
    const told = await eventually('somebody is told', async () => {
      const text = await said(promotion?.number ?? 0)
      return text.includes('@acme/platform') && text
    })
    expect(told).toContain('/sluice rollback production --app shop')
    expect(await ours('rollback', 'shop', 'production')).toEqual([])

    await say('rita', edit, '/sluice rollback production --app shop --reason "it crashes"')
    await eventually('it is taken back', async () => !(await file(path)).includes(digest))
    expect(await file(path)).toBe(before.replace('count: 1   #', 'count: 2   #'))
    await healthy('shop', 'production', firstDigest('shop'))
  })

  test('is taken back by those who may, and by nobody else (T05)', async () => {
    const { bring, eventually, healthy, file, say, ours, slot, pull } = stage()
    const path = overlayFile('cart', 'production')
    const before = await file(path)
    const { digest, pull: entry } = await bring('cart', '1.1.0')
    await healthy('cart', 'production', digest)
    for (const by of ['eve', 'ann'] as const) {
      const heard = await say(by, entry, '/sluice rollback production --app cart --reason "because"')
      expect(heard.reaction).toBe('confused')
      expect(heard.reply).toContain('`rights.')
    }
    expect(await file(path)).toContain(digest)
    const heard = await say('rita', entry, '/sluice rollback production --app cart --reason "wrong price"')
    expect(heard.reaction).toBe('rocket')
    await eventually('it is taken back', async () => (await file(path)) === before)
    await eventually('the bad release stays out (I12)', async () => {
      const wanted = (await slot('cart', 'production'))?.next
      return wanted?.is === 'nothing' && wanted.reason === 'release.quarantined'
    })
    const [rollback] = await ours('rollback', 'cart', 'production')
    expect((await pull(rollback?.number ?? 0)).title).toMatch(/^Roll back cart in production/)
    expect(await ours('promote', 'cart', 'production')).toHaveLength(1)
  })

  test('is only proposed to be taken back where the manifest says so, until somebody with the right says merge', async () => {
    const { bring, cluster, eventually, healthy, ours, pull, say, file, merged } = stage()
    const { digest } = await bring('mail', '1.1.0')
    await healthy('mail', 'staging', digest)
    cluster.badImage(digest, 'crash', 0, 'staging')
    const rollback = await eventually(
      'a rollback is proposed',
      async () => (await ours('rollback', 'mail', 'staging'))[0],
    )
    await eventually('it waits for an order', async () => {
      const { body } = await pull(rollback.number)
      return (body ?? '').includes('somebody with the right to roll back')
    })
    expect((await say('ann', rollback.number, '/sluice merge')).reaction).toBe('confused')
    expect((await pull(rollback.number)).state).toBe('open')
    expect((await say('mo', rollback.number, '/sluice merge')).reaction).toBe('rocket')
    await merged(rollback.number)
    expect(await file(overlayFile('mail', 'staging'))).toContain(firstDigest('mail'))
  })

  test('waits in another release that holds all that it changed, until somebody lifts the quarantine (T49, I12)', async () => {
    const { build, eventually, file, healthy, merged, overlay, promotion, propose, pull, say, slot } = stage()
    const path = overlayFile('hub', 'production')
    const digest = await build('hub', '1.1.0')
    const bringing = { [overlayFile('hub', 'dev')]: withFlags(overlay('hub', 'dev', '1.1.0', digest)) }
    const entry = await propose('ann', 'hub-1.1.0', bringing)
    await healthy('hub', 'production', digest)
    await say('rita', entry, '/sluice rollback production --app hub --reason "it is slow"')
    await healthy('hub', 'production', firstDigest('hub'))
    await eventually('it stays out', async () => {
      const wanted = (await slot('hub', 'production'))?.next
      return wanted?.is === 'nothing' && wanted.reason === 'release.quarantined'
    })

    await merged(await propose('ann', 'hub-red', { [flagFile('dev')]: flags('red') }))
    await eventually('the flag is in staging', async () => (await file(flagFile('staging'))).includes('red'))
    const { number } = await promotion('hub', 'production')
    const similar = await eventually('it waits, and names the release that it is like', async () => {
      const [, release] = /holds everything that release `?([0-9a-f]{12,})/.exec((await pull(number)).body ?? '') ?? []
      return release
    })
    // An order to merge is an order to merge what passes. By the time of another answer it has been acted on, or not.
    expect((await say('ann', number, '/sluice merge')).reaction).toBe('rocket')
    expect((await say('eve', number, '/sluice explain production --app hub')).reaction).toBe('+1')
    expect((await pull(number)).body).toContain('`state.quarantine-similar`')
    expect((await pull(number)).merged_at).toBeNull()
    expect(await file(path)).toContain(firstDigest('hub'))
    expect((await say('mo', number, `/sluice unquarantine production ${similar} --app hub`)).reaction).toBe('rocket')
    await merged(number)
    await healthy('hub', 'production', digest)
    expect(await file(flagFile('production'))).toContain('red')
  })

  test('is never taken back where production was ill before it came (T71)', async () => {
    const { build, bring, cluster, eventually, slot, said, ours, file } = stage()
    cluster.badImage(firstDigest('bill'), 'crash', 0, 'production')
    await eventually('production is ill', async () => (await slot('bill', 'production'))?.health.is === 'failed')
    const digest = await build('bill', '1.1.0')
    cluster.badImage(digest, 'crash', 0, 'production')
    await bring('bill', '1.1.0', { digest })
    await eventually('the fix is there', async () => (await file(overlayFile('bill', 'production'))).includes(digest))
    const [promotion] = await ours('promote', 'bill', 'production')
    await eventually('somebody is told', async () =>
      (await said(promotion?.number ?? 0)).includes('`attribution.not-healthy-before`'),
    )
    expect(await ours('rollback', 'bill', 'production')).toEqual([])
    expect(await file(overlayFile('bill', 'production'))).toContain(digest)
  })
})

test('goes back during a freeze, byte for byte, by itself, and does not come again (I5, I11, I12, I13, T49)', {
  timeout: 400_000,
}, async () => {
  const { bring, cluster, eventually, healthy, file, say, ours, slot, said, git, propose, overlay } = stage()
  const path = overlayFile('api', 'production')
  const before = await file(path)
  const { digest, pull: entry } = await bring('api', '1.1.0')
  await healthy('api', 'production', digest)
  await say('mo', entry, '/sluice freeze production --reason "holidays"')
  cluster.badImage(digest, 'crash', 0, 'production')

  await eventually('it is taken back', async () => (await file(path)) === before)
  await healthy('api', 'production', firstDigest('api'))
  const [promotion] = await ours('promote', 'api', 'production')
  const told = await eventually('its owners are called', async () => {
    const text = await said(promotion?.number ?? 0)
    return text.includes('@acme/platform') && text
  })
  expect(told).toContain('/sluice unquarantine production')
  const evidence = await git('grep', '-h', '-A40', '"kind": "quarantine"', 'sluice/state', '--', 'events')
  expect(evidence).toContain(digest)
  expect(evidence).toContain('failing since')

  await say('mo', entry, '/sluice thaw production')
  await eventually('it stays out', async () => {
    const wanted = (await slot('api', 'production'))?.next
    return wanted?.is === 'nothing' && wanted.reason === 'release.quarantined'
  })
  const again = await propose('ann', 'api-again', { [path]: overlay('api', 'production', '1.1.0', digest) })
  await eventually('it is refused by hand too', async () => (await said(again)).includes('`state.quarantined`'))
  expect(await ours('promote', 'api', 'production')).toHaveLength(1)
  expect(await ours('rollback', 'api', 'production')).toHaveLength(1)
})
