import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { overlayFile } from '../scenarios/a-config.ts'
import {
  blamesNoNeighbour,
  impatient,
  takesBackWhatNeverRan,
  takesNothingBackFromTheIll,
  withNeighbour,
} from './blame-stories.ts'
import { rigFolder } from './rig-folder.ts'
import { type Served, startServed } from './served.ts'
import { comesBack, goesOnAfterADarkMinute, neverLeavesDev, neverSoaks, travels } from './stories.ts'
import { tellWhy } from './tell-why.ts'

const folder = rigFolder()
let served: Served
beforeAll(async () => {
  served = await startServed({
    dir: folder(),
    by: 'argo-cd',
    applications: ['api', 'web', 'shop', 'mail', 'cart', 'bill', 'pair'],
    files: (files) => withNeighbour(impatient(impatient(files, 'api'), 'shop'), 'pair'),
  })
})
afterAll(() => served?.end())

describe.concurrent('the whole server with Argo CD', { timeout: 600_000 }, () => {
  // The longest come first: whoever comes last is waited for.
  test('T71 what was merged over a production that was ill already is never taken back', async (context) => {
    tellWhy(context, served)
    await takesNothingBackFromTheIll(served, 'bill')
  })

  test('a second application of a shared Application that fails is not blamed on the promotion of the first', async (context) => {
    tellWhy(context, served)
    await blamesNoNeighbour(served, 'pair')
  })

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

  test('a digest that crashes in production from its first moment is Degraded there, taken back, and healthy again', async (context) => {
    tellWhy(context, served)
    await takesBackWhatNeverRan(served, 'api', /argo\.degraded|health\.deadline/)
  })

  test('a digest that crashes from its first moment in dev never leaves it', async (context) => {
    tellWhy(context, served)
    await neverLeavesDev(served, 'shop')
  })
})

// Alone: in the dark nobody else's story goes on.
test('T43 a minute without sight of the cluster takes nothing back and loses no promotion', {
  timeout: 450_000,
}, async (context) => {
  tellWhy(context, served)
  await goesOnAfterADarkMinute(served, 'cart')
})
