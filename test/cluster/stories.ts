import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import { type EnvironmentName, environments, firstDigest, overlayFile } from '../scenarios/a-config.ts'
import { repo } from '../scenarios/scenario.ts'
import { crashPods } from './crash-pods.ts'
import { calledWell, tellTimes } from './own-word.ts'
import { isReady, podsOf, restart } from './pods.ts'
import { deliveryOf, type Served, soakSeconds } from './served.ts'

/** Brings a release from dev to production, and tells how long the last environment took from its merge on. */
export async function travels(served: Served, application: string, tag: string): Promise<string> {
  const digest = await served.bring(application, tag)
  for (const environment of environments.slice(0, -1)) await served.healthy(application, environment, digest)
  await holds(served, application, 'production', digest)
  const merged = performance.now()
  const controllers = await wellWith(served, application, digest)
  await served.healthy(application, 'production', digest)
  const sluice = performance.now()
  tellTimes(`${served.by}: merge → healthy for this content`, merged, { controllers, sluice })
  return digest
}

/**
 * What runs in production since a promotion begins to crash: it goes back byte for byte, and gets healthy again. Tells how
 * long each half took.
 */
export async function comesBack(
  served: Served,
  application: string,
  { digest, before }: { readonly digest: string; readonly before: string },
): Promise<void> {
  const { file, healthy, ours, eventually, rig, by } = served
  await crashPods(rig.kube, 'production', digest)
  const degraded = performance.now()
  const path = overlayFile(application, 'production')
  await eventually('it is taken back', async () => ((await file(path)) === before ? true : undefined))
  const reverted = performance.now()
  const controllers = await wellWith(served, application, firstDigest(application))
  await healthy(application, 'production', firstDigest(application))
  const sluice = performance.now()
  process.stderr.write(`${by}: degraded → reverted in Git: ${((reverted - degraded) / 1_000).toFixed(1)} s\n`)
  tellTimes(`${by}: reverted → healthy again`, reverted, { controllers, sluice })
  tellTimes(`${by}: degraded → healthy again`, degraded, { controllers, sluice })
  expect(await ours('rollback', application, 'production')).toHaveLength(1)
}

/** When the controllers call a commit well in production whose overlay holds the digest. */
const wellWith = (served: Served, application: string, digest: string): Promise<number> =>
  calledWell(served.rig.kube, deliveryOf(served, application, 'production'), async (commit) =>
    (await textAt(served, overlayFile(application, 'production'), commit)).includes(digest),
  )

async function textAt({ stage }: Served, path: string, commit: string): Promise<string> {
  const found = await stage.people.root.request('GET', `/repos/${repo}/contents/${path}?ref=${commit}`)
  return Buffer.from((found as { readonly content: string }).content, 'base64').toString()
}

/** Resolves once the default branch has it there. */
export const holds = (
  { eventually, file }: Served,
  application: string,
  environment: EnvironmentName,
  digest: string,
): Promise<true> =>
  eventually(`${application} is merged to ${environment}`, async () =>
    (await file(overlayFile(application, environment))).includes(digest) ? true : undefined,
  )

/** An app that is well for a few seconds, crashes, and comes back, without end: it soaks nowhere until it stays well. */
export async function neverSoaks(served: Served, application: string): Promise<void> {
  const { bring, eventually, healthy, merged, ours, rig, slot, stage, started } = served
  await started(application)
  const digest = await stage.build(application, '2.0.0')
  await rig.badImage(digest, 'flap')
  await bring(application, '2.0.0', digest)
  await holds(served, application, 'dev', digest)
  const end = performance.now() + 45_000
  const [words, flaps] = [new Set<string>(), [] as boolean[]]
  await eventually('it flapped long enough', async () => {
    const isWell = (await podsOf(rig.kube, 'dev', application)).some(isReady)
    if (isWell !== flaps.at(-1)) flaps.push(isWell)
    const found = await slot(application, 'dev')
    if (found?.release?.name === `${application}:2.0.0`) words.add(found.health.is)
    return performance.now() > end ? true : undefined
  })
  expect(flaps.filter((isWell) => isWell).length, 'it was well again and again').toBeGreaterThan(3)
  // Failed it may be called: some looks meet nothing but its crashes.
  expect([...words], 'it is never called healthy').not.toContain('healthy')
  expect([...words], 'each time that it is well its clock begins anew').toContain('progressing')
  expect(await merged('promote', application), 'it never soaked').toEqual([])
  for (const environment of environments) expect(await ours('rollback', application, environment)).toEqual([])
  await rig.goodImage(digest)
  // The last crash is left as it is: KWOK lets no pod recover for which nothing is told any more.
  await restart(rig.kube, 'dev', application)
  await healthy(application, 'production', digest)
}

/** A digest that crashes from its first moment in dev fails there, and no environment ever gets it. */
export async function neverLeavesDev(served: Served, application: string): Promise<void> {
  const { started, stage, rig, bring, eventually, slot, merged, ours } = served
  await started(application)
  const digest = await stage.build(application, '3.0.0')
  await rig.badImage(digest, 'crash')
  await bring(application, '3.0.0', digest)
  await eventually('dev is seen to fail', async () =>
    (await slot(application, 'dev'))?.health.is === 'failed' ? true : undefined,
  )
  const untouched = async () => {
    expect(await merged('promote', application)).toEqual([])
    expect((await slot(application, 'dev'))?.health.is, 'what fails does not heal by waiting').not.toBe('healthy')
  }
  await everySecond(soakSeconds + 4, untouched)
  for (const environment of environments) expect(await ours('rollback', application, environment)).toEqual([])
}

/**
 * Sluice sees nothing for a minute, longer than the deadline, while a release soaks in dev: it calls nothing ill, merges
 * nothing, takes nothing back of all that was promoted a while ago, and goes on afterwards.
 */
export async function goesOnAfterADarkMinute(served: Served, application: string): Promise<void> {
  const { started, bring, eventually, healthy, merged, rig, slot, takenBack } = served
  await started(application)
  const before = await takenBack()
  const digest = await bring(application, '1.1.0')
  await eventually('it begins to soak', async () => {
    const found = await slot(application, 'dev')
    const isWell = found?.health.is === 'healthy' || found?.health.reason === 'health.settling'
    return isWell && found?.release?.name === `${application}:1.1.0` ? true : undefined
  })
  rig.door.set('errors')
  const words = () =>
    Promise.all(environments.map(async (environment) => (await slot(application, environment))?.health.is))
  const dark = environments.map(() => 'unknown')
  try {
    await eventually('it sees nothing any more', async () =>
      isDeepStrictEqual(await words(), dark) ? true : undefined,
    )
    expect(await merged('promote', application), 'it soaks yet').toEqual([])
    const done = await merged()
    const staysDark = async () => {
      expect(await words()).toEqual(dark)
      expect(await merged(), 'nothing of ours is merged in the dark').toEqual(done)
    }
    for (const state of ['errors', 'reset', 'silent'] as const) {
      rig.door.set(state)
      await everySecond(15, staysDark)
    }
    const open = await rig.door.wallUp()
    try {
      await everySecond(15, staysDark)
    } finally {
      await open()
    }
  } finally {
    rig.door.set('open')
  }
  await healthy(application, 'production', digest)
  expect(await takenBack()).toEqual(before)
}

/** For so many seconds, and at their end. */
async function everySecond(seconds: number, holds: () => Promise<void>): Promise<void> {
  const end = performance.now() + seconds * 1_000
  while (performance.now() < end) {
    await holds()
    await pause(1_000)
  }
  await holds()
}
