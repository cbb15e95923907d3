import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { environments, firstDigest, overlayFile } from '../scenarios/a-config.ts'
import { rigFolder } from './rig-folder.ts'
import { type Served, startServed } from './served.ts'
import { comesBack, neverSoaks, travels } from './stories.ts'
import { tellWhy } from './tell-why.ts'

const folder = rigFolder()
let served: Served
beforeAll(async () => {
  served = await startServed({
    dir: folder(),
    by: 'argo-cd',
    applications: ['api', 'web', 'mail', 'cart'],
    files: (files) => {
      const path = 'apps/api/base/deployment.yaml'
      const impatient = (files[path] ?? '').replace('  replicas: 1\n', '  replicas: 1\n  progressDeadlineSeconds: 10\n')
      return { ...files, [path]: impatient }
    },
  })
})
afterAll(() => served?.end())

describe.concurrent('the whole server with Argo CD', { timeout: 600_000 }, () => {
  test('a promotion is applied by the real controllers, judged healthy for that content, and taken back byte for byte once it crashes', async (context) => {
    tellWhy(context, served)
    await served.started('web')
    const before = await served.file(overlayFile('web', 'production'))
    const digest = await travels(served, 'web', '1.1.0')
    expect(await served.ours('rollback', 'web', 'production')).toEqual([])
    await comesBack(served, 'web', { digest, before })
  })

  test('a digest that crashes in production from its first moment is Degraded there, taken back, and healthy again', async (context) => {
    tellWhy(context, served)
    const { started, file, stage, rig, bring, eventually, healthy, ours, said } = served
    await started('api')
    const path = overlayFile('api', 'production')
    const before = await file(path)
    const digest = await stage.build('api', '2.0.0')
    await rig.badImage(digest, 'crash', 'production')
    await bring('api', '2.0.0', digest)
    await healthy('api', 'staging', digest)
    const [rollback] = await eventually('it is taken back', async () => {
      const found = await ours('rollback', 'api', 'production')
      return found[0]?.merged_at == null ? undefined : found
    })
    expect(await file(path)).toBe(before)
    await healthy('api', 'production', firstDigest('api'))
    const [promotion] = await ours('promote', 'api', 'production')
    expect(promotion?.merged_at).not.toBeNull()
    await eventually('the reason is told', async () =>
      `${rollback?.body}${await said(promotion?.number ?? 0)}`.includes('argo.degraded') ? true : undefined,
    )
  })

  test('T45 a release that flaps in dev never soaks, and goes on once it stays well', async (context) => {
    tellWhy(context, served)
    await neverSoaks(served, 'mail')
  })
})

test('T43 half a minute without sight of the cluster takes nothing back and loses no promotion', {
  timeout: 450_000,
}, async (context) => {
  tellWhy(context, served)
  const { started, bring, healthy, rig, ours } = served
  await started('cart')
  const digest = await bring('cart', '1.1.0')
  await healthy('cart', 'dev', digest)
  for (const state of ['errors', 'reset'] as const) {
    rig.door.set(state)
    await pause(15_000)
  }
  for (const environment of environments) expect(await ours('rollback', 'cart', environment)).toEqual([])
  rig.door.set('open')
  await healthy('cart', 'production', digest)
})
