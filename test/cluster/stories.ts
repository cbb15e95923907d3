import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { type EnvironmentName, environments, firstDigest, overlayFile } from '../scenarios/a-config.ts'
import { repo } from '../scenarios/scenario.ts'
import { crashPods } from './crash-pods.ts'
import { calledWell, tellTimes } from './own-word.ts'
import { restart } from './pods.ts'
import { deliveryOf, type Served } from './served.ts'

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
  const { bring, eventually, healthy, ours, rig, slot, stage, started } = served
  await started(application)
  const digest = await stage.build(application, '2.0.0')
  await rig.badImage(digest, 'flap')
  await bring(application, '2.0.0', digest)
  await holds(served, application, 'dev', digest)
  const words = new Set<string>()
  const end = performance.now() + 45_000
  await eventually('it flapped long enough', async () => {
    words.add((await slot(application, 'dev'))?.health.is ?? 'none')
    return performance.now() > end ? true : undefined
  })
  expect([...words], 'it is not called healthy all the time').toContain('progressing')
  const promoted = (await ours('promote', application, 'staging')).filter(({ merged_at }) => merged_at !== null)
  expect(promoted, 'it never soaked').toEqual([])
  expect(await ours('rollback', application, 'staging')).toEqual([])
  await rig.goodImage(digest)
  // The last crash is left as it is: KWOK lets no pod recover for which nothing is told any more.
  await restart(rig.kube, 'dev', application)
  await healthy(application, 'production', digest)
}

/**
 * Sluice sees nothing for a minute, longer than the deadline, while a release soaks in dev: it calls nothing ill, takes
 * nothing back of all that was promoted a while ago, and goes on afterwards.
 */
export async function goesOnAfterADarkMinute(served: Served, application: string): Promise<void> {
  const { started, bring, healthy, rig, slot, takenBack } = served
  await started(application)
  const digest = await bring(application, '1.1.0')
  await healthy(application, 'dev', digest)
  const before = await takenBack()
  try {
    for (const state of ['errors', 'reset', 'silent'] as const) {
      rig.door.set(state)
      await pause(20_000)
      for (const environment of environments)
        expect((await slot(application, environment))?.health.is, `${environment}, ${state}`).toBe('unknown')
    }
  } finally {
    rig.door.set('open')
  }
  await healthy(application, 'production', digest)
  expect(await takenBack()).toEqual(before)
}
