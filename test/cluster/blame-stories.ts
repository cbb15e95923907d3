import { expect } from 'vitest'
import { firstDigest, overlayFile } from '../scenarios/a-config.ts'
import { crashPods } from './crash-pods.ts'
import { restart } from './pods.ts'
import type { Served } from './served.ts'
import { holds, travels } from './stories.ts'

type Files = Readonly<Record<string, string>>

/** A digest that crashes in production from its first moment is seen to fail there, taken back, and healthy again. */
export async function takesBackWhatNeverRan(served: Served, application: string, reason: RegExp): Promise<void> {
  const { started, file, stage, rig, bring, eventually, healthy, ours, said } = served
  await started(application)
  const path = overlayFile(application, 'production')
  const before = await file(path)
  const digest = await stage.build(application, '2.0.0')
  await rig.badImage(digest, 'crash', 'production')
  await bring(application, '2.0.0', digest)
  await healthy(application, 'staging', digest)
  const [rollback] = await eventually('it is taken back', async () => {
    const found = await ours('rollback', application, 'production')
    return found[0]?.merged_at == null ? undefined : found
  })
  expect(await file(path)).toBe(before)
  await healthy(application, 'production', firstDigest(application))
  const [promotion] = await ours('promote', application, 'production')
  expect(promotion?.merged_at).not.toBeNull()
  await eventually('the reason is told', async () =>
    reason.test(`${rollback?.body}${await said(promotion?.number ?? 0)}`) ? true : undefined,
  )
}

/** For a digest that never runs: its Deployment gives up after ten seconds, where it would wait for ten minutes. */
export const impatient = (files: Files, application: string): Files => {
  const path = `apps/${application}/base/deployment.yaml`
  const changed = (files[path] ?? '').replace('  replicas: 1\n', '  replicas: 1\n  progressDeadlineSeconds: 10\n')
  return { ...files, [path]: changed }
}

/**
 * Production is ill before a promotion reaches it, which does not mend it: nothing is taken back, and somebody is told. The one
 * after that does mend it: it is let through, and not taken back either for what still fails until it has come. Each travels
 * while the one before is waited for, up to a lock.
 */
export async function takesNothingBackFromTheIll(served: Served, application: string): Promise<void> {
  const { started, rig, eventually, slot, stage, bring, ours, said, say, file, healthy } = served
  await started(application)
  const isIll = () =>
    eventually('production is ill', async () =>
      (await slot(application, 'production'))?.health.is === 'failed' ? true : undefined,
    )
  const locked = async (tag: string, digest?: string) => {
    const brought = await bring(application, tag, digest)
    await say(`/sluice lock production --app ${application} --reason "it is ill"`)
    return brought
  }
  const unlock = () => say(`/sluice unlock production --app ${application}`)

  await crashPods(rig.kube, 'production', firstDigest(application))
  const digest = await stage.build(application, '1.1.0')
  await rig.badImage(digest, 'crash', 'production')
  await locked('1.1.0', digest)
  await healthy(application, 'staging', digest)
  await isIll()
  await unlock()
  await holds(served, application, 'production', digest)
  const fix = await locked('1.2.0')
  const [promotion] = await ours('promote', application, 'production')
  await eventually('somebody is told', async () =>
    (await said(promotion?.number ?? 0)).includes('`attribution.not-healthy-before`') ? true : undefined,
  )
  expect(await ours('rollback', application, 'production')).toEqual([])
  expect(await file(overlayFile(application, 'production'))).toContain(digest)

  await healthy(application, 'staging', fix)
  await isIll()
  await unlock()
  await healthy(application, 'production', fix)
  expect(await ours('rollback', application, 'production')).toEqual([])
  const merged = (await ours('promote', application, 'production')).filter(({ merged_at }) => merged_at !== null)
  expect(merged, 'by promotions alone').toHaveLength(2)
}

/** The second application that an application's delivery objects apply fails: the promotion of the first is not blamed. */
export async function blamesNoNeighbour(served: Served, application: string): Promise<void> {
  const { started, rig, eventually, slot, ours, file, healthy } = served
  await started(application)
  const digest = await travels(served, application, '1.1.0')
  await crashPods(rig.kube, 'production', firstDigest('neighbour'))
  const { notTakenBack } = await eventually('it says why it does not take it back', async () => {
    const found = await slot(application, 'production')
    return found?.health.is === 'failed' && found.notTakenBack !== null ? found : undefined
  })
  expect(notTakenBack).toContain('Deployment production/neighbour')
  expect(notTakenBack).toContain('(attribution.other-object)')
  expect(await ours('rollback', application, 'production')).toEqual([])
  expect(await file(overlayFile(application, 'production'))).toContain(digest)
  await restart(rig.kube, 'production', 'neighbour')
  await healthy(application, 'production', digest)
}

/** For `blamesNoNeighbour`: the second application, whose image no promotion ever changes. */
export const withNeighbour = (files: Files, application: string): Files => {
  const base = `apps/${application}/base`
  const neighbour = (files[`${base}/deployment.yaml`] ?? '')
    .replaceAll(`name: ${application}`, 'name: neighbour')
    .replaceAll(`app: ${application}`, 'app: neighbour')
    .replace(`/acme/${application}`, `/acme/neighbour@${firstDigest('neighbour')}`)
  const resources = 'resources:\n  - deployment.yaml\n  - neighbour.yaml\n'
  return { ...files, [`${base}/neighbour.yaml`]: neighbour, [`${base}/kustomization.yaml`]: resources }
}
