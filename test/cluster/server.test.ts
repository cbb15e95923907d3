import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { environments, firstDigest, overlayFile } from '../scenarios/a-config.ts'
import { crashPods } from './crash-pods.ts'
import { restart } from './pods.ts'
import { rigFolder } from './rig-folder.ts'
import { type Served, startServed } from './served.ts'
import { comesBack, holds, neverSoaks, travels } from './stories.ts'
import { tellWhy } from './tell-why.ts'

const folder = rigFolder()
let served: Served
beforeAll(async () => {
  served = await startServed({
    dir: folder(),
    by: 'flux',
    applications: ['api', 'web', 'shop', 'cart', 'mail', 'bill', 'pair', 'late'],
    files: withNeighbour,
  })
})
afterAll(() => served?.end())

/** The Kustomization of `pair` applies a second application, whose image no promotion ever changes. */
const withNeighbour = (files: Readonly<Record<string, string>>) => {
  const base = 'apps/pair/base'
  const neighbour = (files[`${base}/deployment.yaml`] ?? '')
    .replaceAll('name: pair', 'name: neighbour')
    .replaceAll('app: pair', 'app: neighbour')
    .replace('/acme/pair', `/acme/neighbour@${firstDigest('neighbour')}`)
  const resources = 'resources:\n  - deployment.yaml\n  - neighbour.yaml\n'
  return { ...files, [`${base}/neighbour.yaml`]: neighbour, [`${base}/kustomization.yaml`]: resources }
}

describe.concurrent('the whole server with Flux', { timeout: 600_000 }, () => {
  test('a promotion is applied by the real controllers, judged healthy for that content, and taken back byte for byte once it crashes', async (context) => {
    tellWhy(context, served)
    await served.started('web')
    const before = await served.file(overlayFile('web', 'production'))
    const digest = await travels(served, 'web', '1.1.0')
    expect(await served.ours('rollback', 'web', 'production')).toEqual([])
    await comesBack(served, 'web', { digest, before })
  })

  test('T45 a release that flaps in dev never soaks, and goes on once it stays well', async (context) => {
    tellWhy(context, served)
    await neverSoaks(served, 'mail')
  })

  test('T71 what was merged over a production that was ill already is never taken back', async (context) => {
    tellWhy(context, served)
    const { started, rig, eventually, slot, stage, bring, ours, said, file, healthy } = served
    await started('bill')
    await crashPods(rig.kube, 'production', firstDigest('bill'))
    await eventually('production is ill', async () =>
      (await slot('bill', 'production'))?.health.is === 'failed' ? true : undefined,
    )
    const digest = await stage.build('bill', '1.1.0')
    await rig.badImage(digest, 'crash', 'production')
    await bring('bill', '1.1.0', digest)
    await holds(served, 'bill', 'production', digest)
    const [promotion] = await ours('promote', 'bill', 'production')
    await eventually('somebody is told', async () =>
      (await said(promotion?.number ?? 0)).includes('`attribution.not-healthy-before`') ? true : undefined,
    )
    expect(await ours('rollback', 'bill', 'production')).toEqual([])
    expect(await file(overlayFile('bill', 'production'))).toContain(digest)
    await rig.goodImage(digest)
    await restart(rig.kube, 'production', 'bill')
    await healthy('bill', 'production', digest)
  })

  test('a second application of a shared Kustomization that fails is not blamed on the promotion of the first', async (context) => {
    tellWhy(context, served)
    const { started, rig, eventually, slot, ours, file, healthy } = served
    await started('pair')
    const digest = await travels(served, 'pair', '1.1.0')
    await crashPods(rig.kube, 'production', firstDigest('neighbour'))
    const { notTakenBack } = await eventually('it says why it does not take it back', async () => {
      const found = await slot('pair', 'production')
      return found?.health.is === 'failed' && found.notTakenBack !== null ? found : undefined
    })
    expect(notTakenBack).toContain('Deployment production/neighbour')
    expect(notTakenBack).toContain('(attribution.other-object)')
    expect(await ours('rollback', 'pair', 'production')).toEqual([])
    expect(await file(overlayFile('pair', 'production'))).toContain(digest)
    await restart(rig.kube, 'production', 'neighbour')
    await healthy('pair', 'production', digest)
  })
})

// Apart: beside stories that merge all the time it was not seen to fail within the deadline.
test('a digest that crashes from its first moment in dev never leaves it', { timeout: 300_000 }, async (context) => {
  tellWhy(context, served)
  const { started, stage, rig, bring, eventually, slot, ours } = served
  await started('shop')
  const digest = await stage.build('shop', '3.0.0')
  await rig.badImage(digest, 'crash')
  await bring('shop', '3.0.0', digest)
  await eventually('dev is seen to fail', async () =>
    (await slot('shop', 'dev'))?.health.is === 'failed' ? true : undefined,
  )
  expect((await ours('promote', 'shop', 'staging')).filter(({ merged_at }) => merged_at !== null)).toEqual([])
})

test('while Flux cannot fetch the repository what is merged waits and says why, and nothing is taken back', {
  timeout: 450_000,
}, async (context) => {
  tellWhy(context, served)
  const { started, stage, eventually, slot, ours, bring, healthy } = served
  await started('late')
  // Flux asks without credentials; Sluice, which has some, goes on.
  const away = stage.forge.faults.add({
    operation: 'git-list',
    kind: 'error-before',
    status: 503,
    where: ({ isAnonymous }) => isAnonymous === true,
  })
  const digest = await bring('late', '1.1.0')
  await holds(served, 'late', 'dev', digest)
  const waiting = await eventually('it says that Flux cannot fetch', async () => {
    const found = await slot('late', 'dev')
    return found?.health.reason === 'flux.source-not-fetched' ? found : undefined
  })
  expect(waiting.health.is).toBe('unknown')
  expect(waiting.health.detail).toContain('503')
  await pause(10_000)
  expect((await slot('late', 'dev'))?.health.is).toBe('unknown')
  for (const environment of environments) {
    expect(await ours('rollback', 'late', environment)).toEqual([])
    if (environment !== 'dev') expect((await slot('late', environment))?.health.is).toBe('healthy')
  }
  expect(away.hits()).toBeGreaterThan(2)
  away.remove()
  await healthy('late', 'production', digest)
})

test('T43 a minute without sight of the cluster takes nothing back and loses no promotion', {
  timeout: 450_000,
}, async (context) => {
  tellWhy(context, served)
  const { started, bring, healthy, rig, ours } = served
  await started('cart')
  const digest = await bring('cart', '1.1.0')
  await healthy('cart', 'dev', digest)
  for (const state of ['errors', 'reset', 'silent'] as const) {
    rig.door.set(state)
    await pause(20_000)
  }
  for (const environment of environments) expect(await ours('rollback', 'cart', environment)).toEqual([])
  rig.door.set('open')
  await healthy('cart', 'production', digest)
})
