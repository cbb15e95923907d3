import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { environments, overlayFile } from '../scenarios/a-config.ts'
import { blamesNoNeighbour, takesBackWhatNeverRan, takesNothingBackFromTheIll, withNeighbour } from './blame-stories.ts'
import { rigFolder } from './rig-folder.ts'
import { fetcherFor, type Served, startServed } from './served.ts'
import { comesBack, goesOnAfterADarkMinute, holds, neverLeavesDev, neverSoaks, travels } from './stories.ts'
import { tellWhy } from './tell-why.ts'

const folder = rigFolder()
let served: Served
beforeAll(async () => {
  served = await startServed({
    dir: folder(),
    by: 'flux',
    applications: ['api', 'web', 'shop', 'cart', 'mail', 'bill', 'pair', 'late'],
    oftenLookedAt: 'web',
    fetchedApart: 'late',
    files: (files) => withNeighbour(files, 'pair'),
  })
})
afterAll(() => served?.end())

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

  test('a digest that crashes in production from its first moment is seen to fail there, taken back, and healthy again', async (context) => {
    tellWhy(context, served)
    // On a busy machine its health check ends after the deadline.
    await takesBackWhatNeverRan(served, 'api', /flux\.health-check-failed|health\.deadline/)
  })

  // The others merge all the time: hardly ever does Flux write that it failed, and not go on at once.
  test('a digest that crashes from its first moment in dev never leaves it', async (context) => {
    tellWhy(context, served)
    await neverLeavesDev(served, 'shop')
  })

  test('T71 what was merged over a production that was ill already is never taken back', async (context) => {
    tellWhy(context, served)
    await takesNothingBackFromTheIll(served, 'bill')
  })

  test('a second application of a shared Kustomization that fails is not blamed on the promotion of the first', async (context) => {
    tellWhy(context, served)
    await blamesNoNeighbour(served, 'pair')
  })

  test('while Flux cannot fetch the repository what is merged waits and says why, and nothing is taken back', async (context) => {
    tellWhy(context, served)
    const { started, stage, eventually, slot, ours, bring, healthy } = served
    await started('late')
    const away = stage.forge.faults.add({
      operation: 'git-list',
      kind: 'error-before',
      status: 503,
      where: ({ actor }) => actor === fetcherFor('late'),
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
})

// Alone: in the dark nobody else's story goes on.
test('T43 a minute without sight of the cluster takes nothing back and loses no promotion', {
  timeout: 450_000,
}, async (context) => {
  tellWhy(context, served)
  await goesOnAfterADarkMinute(served, 'cart')
})
