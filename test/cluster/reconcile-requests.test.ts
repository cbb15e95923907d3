import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kubernetesReconcileRequests } from '../../src/adapters/delivery/kubernetes-reconcile-requests.ts'
import { eventually } from '../../src/demo/eventually.ts'
import { toInstant, toSha } from '../../src/domain/ids.ts'
import type { RequestAnswer } from '../../src/ports/reconcile-requests.ts'
import { calledWell, tellTimes } from './own-word.ts'
import { objectsIn } from './rig/manifests.ts'
import { rigFolder } from './rig-folder.ts'
import { tellWhy } from './tell-why.ts'
import { type App, digestOf, startWorld, type World } from './world.ts'

/** Minutes for most people; so long that a slow machine is done with the one who asks before the other looks. */
const lookEverySeconds = 30
const interval = `${lookEverySeconds}s`
const families = ['flux', 'argo-cd'] as const
const optionalRole = fileURLToPath(new URL('../../manifests/reconcile-requests/', import.meta.url))

const folder = rigFolder()
let world: World
beforeAll(async () => {
  world = await startWorld(folder(), families, { argoCdResyncSeconds: lookEverySeconds })
})
afterAll(() => world?.end())

test('I10 what is merged is healthy as soon as its controller is asked, where it would have looked much later', async (context) => {
  tellWhy(context, world.rig)
  const pairs = await Promise.all(
    families.map(async (by) => ({
      by,
      unasked: await world.app(`unasked-${by}`, by, { interval }),
      asked: await world.app(`asked-${by}`, by, { interval }),
    })),
  )
  const apps = pairs.flatMap(({ unasked, asked }) => [unasked, asked])
  await Promise.all(apps.map(({ sightings }) => sightings.until({ is: 'healthy' })))

  const left = await Promise.all(pairs.map(({ unasked }) => merged(unasked)))
  const looking = left.map((merge) => healthyAfter(merge, `looking every ${interval}`))
  for (const merge of left) {
    const answer = await ask(merge)
    expect(answer, 'without the optional role nothing is written').toMatchObject({ is: 'refused' })
    expect(answer?.detail).toContain('403')
  }

  await world.rig.kube.apply(...objectsIn(optionalRole))
  const told = await Promise.all(pairs.map(({ asked }) => merged(asked)))
  const asking = told.map((merge) => healthyAfter(merge, 'asked at the merge'))
  expect(await Promise.all(told.map(onceAllowed))).toEqual(told.map(() => expect.objectContaining({ is: 'asked' })))

  const [looked, asked] = await Promise.all([Promise.all(looking), Promise.all(asking)])
  for (const [index, { by }] of pairs.entries()) expect(asked[index], by).toBeLessThan(looked[index] ?? 0)
})

interface Merge {
  readonly app: App
  readonly commit: string
  readonly atMs: number
}

async function merged(app: App): Promise<Merge> {
  const commit = await app.release(digestOf('b'))
  return { app, commit, atMs: performance.now() }
}

/** Milliseconds until Sluice sees it. */
async function healthyAfter({ app, commit, atMs }: Merge, how: string): Promise<number> {
  const controllers = await calledWell(world.rig.kube, app.object, (at) => at === commit)
  const { atMs: sluice } = await app.sightings.until({ is: 'healthy', revision: commit })
  tellTimes(`${app.expected.spec.type}, ${how}: merge → healthy at this commit`, atMs, { controllers, sluice })
  return sluice - atMs
}

async function ask({ app, commit }: Merge): Promise<RequestAnswer | undefined> {
  const clusters = [{ name: 'rig', server: world.rig.door.url, token: world.rig.sluiceToken, reconcileRequests: true }]
  const merge = { commit: toSha(commit), at: toInstant(Date.now()) }
  const [answer] = await kubernetesReconcileRequests({ clusters }).ask([
    { slot: `${app.namespace}/rig`, merge, expected: app.expected },
  ])
  return answer
}

/** Rights take a moment to be known. */
const onceAllowed = (merge: Merge): Promise<RequestAnswer> =>
  eventually(
    async () => {
      const answer = await ask(merge)
      return answer?.is === 'refused' ? undefined : answer
    },
    { awaited: 'the optional role counts', within: 20_000 },
  )
