import { describe, expect, test } from 'vitest'
import { fluxKustomization } from '../../src/sandbox/cluster/start-cluster.ts'
import { overlayFile, overlayFolder, quickRules } from './a-config.ts'
import { aStage } from './a-stage.ts'
import { repo } from './scenario.ts'

const stage = aStage({ applications: ['api', 'web', 'shop', 'cart', 'mail', 'late', 'bill', 'hub'], rules: quickRules })

/** What Flux says, whether or not Sluice can see it. */
function isReady(kustomization: string): boolean {
  const kind = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' }
  const { status } = stage().cluster.get(kind, 'flux-system', kustomization) ?? {}
  const conditions = (status?.['conditions'] ?? []) as readonly { readonly type: string; readonly status: string }[]
  return conditions.some((one) => one.type === 'Ready' && one.status === 'True')
}

const darknesses = [
  ['is cut off', 'api', true],
  ['answers 500', 'web', 'errors-500'],
  ['is cut in the middle of answers', 'shop', 'reset'],
  ['takes every request and answers none', 'bill', 'hang'],
] as const

describe('while the API of the cluster cannot be seen', { timeout: 400_000 }, () => {
  test.each(darknesses)(
    'and %s, nothing is promoted and nothing is taken back (T43, I6)',
    async (_, application, dark) => {
      const { bring, cluster, eventually, file, healthy, merged, slot, ours, pull, say } = stage()
      const { digest, pull: entry } = await bring(application, '1.1.0')
      await merged(entry)
      await healthy(application, 'dev', digest)
      const production = await file(overlayFile(application, 'production'))
      cluster.goDark(dark)
      try {
        // What went bad meanwhile is not seen either.
        cluster.badImage(digest, 'crash', 0, 'dev')
        await eventually('it says that it sees nothing', async () => {
          const health = (await slot(application, 'production'))?.health
          return health?.is === 'unknown'
        })
        const before = await ours('promote', application, 'staging')
        const explained = await say('eve', entry, `/sluice explain dev --app ${application}`)
        expect(explained.reply).toContain('unknown')
        // Longer than a soak, a confirmation and a sweep together.
        const since = Date.now()
        await eventually('a while', () => Date.now() - since > 6_000)
        expect(await file(overlayFile(application, 'production'))).toBe(production)
        expect(await ours('rollback', application, 'dev')).toEqual([])
        for (const one of before) expect((await pull(one.number)).state).toBe(one.state)
        cluster.goodImage(digest)
        // It is well again before anybody sees it: a failure that is seen would stand against this release.
        await eventually('it is well again', () => isReady(`${application}-dev`))
      } finally {
        cluster.goDark(false)
      }
      await healthy(application, 'production', digest)
    },
  )
})

test('while Flux cannot fetch the repository, what is merged waits and says why, and goes on by itself (T65, I6)', {
  timeout: 400_000,
}, async () => {
  const { bring, eventually, forge, healthy, merged, ours, slot } = stage()
  // Flux asks without credentials; Sluice, which has some, sees everything.
  const away = forge.faults.add({
    operation: 'git-list',
    kind: 'error-before',
    status: 503,
    where: ({ actor }) => actor === 'anonymous',
  })
  try {
    const { digest, pull } = await bring('late', '1.1.0')
    await merged(pull)
    const { health } = await eventually('dev says why nothing comes', async () => {
      const found = await slot('late', 'dev')
      return found?.health.reason === 'flux.source-not-fetched' && found
    })
    expect(health.is).toBe('unknown')
    // Not before Sluice has seen it again after the darkness of the story before.
    await eventually(
      'staging is as well as it was',
      async () => (await slot('late', 'staging'))?.health.is === 'healthy',
    )
    expect(await ours('rollback', 'late', 'dev')).toEqual([])
    away.remove()
    await healthy('late', 'production', digest)
  } finally {
    away.remove()
  }
})

test('health of a delivery object that was pointed elsewhere is not taken for ours (T46, T64, I6)', {
  timeout: 400_000,
}, async () => {
  const { bring, cluster, forge, eventually, slot, merged, ours, said, healthy } = stage()
  const point = (path: string) =>
    cluster.apply(
      ...fluxKustomization({
        name: 'cart-dev',
        namespace: 'flux-system',
        source: 'config',
        repoUrl: `${forge.url}/${repo}.git`,
        branch: 'main',
        path,
        interval: '2s',
      }),
    )
  point(overlayFolder('mail', 'dev'))
  await eventually('it is not ours', async () => (await slot('cart', 'dev'))?.health.is === 'unknown')
  const { pull, digest } = await bring('cart', '1.1.0')
  await merged(pull)
  const since = Date.now()
  await eventually('a while', () => Date.now() - since > 5_000)
  expect((await ours('promote', 'cart', 'staging')).filter((one) => one.merged_at !== null)).toEqual([])
  expect((await slot('cart', 'dev'))?.health).toMatchObject({ is: 'unknown' })
  expect(await said(pull)).not.toContain('healthy')
  point(overlayFolder('cart', 'dev'))
  await healthy('cart', 'production', digest)
})

test('a controller that stands still is no failure (I6)', { timeout: 400_000 }, async () => {
  const { bring, cluster, eventually, merged, slot, healthy, ours } = stage()
  cluster.suspend('Kustomization', 'flux-system', 'mail-dev')
  const { pull, digest } = await bring('mail', '1.1.0')
  await merged(pull)
  await eventually('it waits for a person', async () => (await slot('mail', 'dev'))?.health.is === 'waiting')
  expect((await ours('promote', 'mail', 'staging')).filter((one) => one.merged_at !== null)).toEqual([])
  cluster.suspend('Kustomization', 'flux-system', 'mail-dev', false)
  await healthy('mail', 'production', digest)
})

// The last one: a watch that was silent once stays so until it ends, and the stories after it would wait for lists.
test('while watches are open and say nothing, what happens is found all the same (T43)', {
  timeout: 400_000,
}, async () => {
  const { bring, cluster, healthy } = stage()
  cluster.muteWatches(true)
  try {
    const { digest } = await bring('hub', '1.1.0')
    await healthy('hub', 'production', digest)
  } finally {
    cluster.muteWatches(false)
  }
})
