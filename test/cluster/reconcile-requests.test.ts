import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kubernetesReconcileRequests } from '../../src/adapters/delivery/kubernetes-reconcile-requests.ts'
import { eventually } from '../../src/demo/eventually.ts'
import { toInstant, toSha } from '../../src/domain/ids.ts'
import type { RequestAnswer } from '../../src/ports/reconcile-requests.ts'
import { calledWell, tellTimes } from './own-word.ts'
import type { KubeObject } from './rig/kube.ts'
import { objectsIn } from './rig/manifests.ts'
import { rigFolder } from './rig-folder.ts'
import { tellWhy } from './tell-why.ts'
import { type App, digestOf, startWorld, type World } from './world.ts'

/** Minutes for most people; so long that a slow machine is done with the one who asks before the other looks. */
const lookEverySeconds = 30
const interval = `${lookEverySeconds}s`
/** Flux looks up to a twentieth sooner or later than that. */
const nextLookMs = 0.95 * lookEverySeconds * 1_000
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
    families.map(async (by) => {
      const [unasked, asked] = await Promise.all([
        world.app(`unasked-${by}`, by, { interval }),
        world.app(`asked-${by}`, by, { interval }),
      ])
      return { unasked, asked }
    }),
  )
  const apps = pairs.flatMap(({ unasked, asked }) => [unasked, asked])
  await Promise.all(apps.map(({ sightings }) => sightings.until({ is: 'healthy' })))
  for (const app of apps) {
    const answer = await ask({ app, commit: anyCommit })
    expect(answer, 'without the optional role nothing is written').toMatchObject({ is: 'refused' })
    expect(answer?.detail).toContain('403')
  }
  await world.rig.kube.apply(...objectsIn(optionalRole))
  await Promise.all(pairs.map(comesSooner))
})

interface Pair {
  readonly unasked: App
  readonly asked: App
}

/** Both have just looked at their repositories, and would look again at the same time; who is not asked is merged last. */
async function comesSooner({ unasked, asked }: Pair): Promise<void> {
  await Promise.all([asked, unasked].map(justLooked))
  const told = await merged(asked)
  const asking = healthyAfter(told, 'asked at the merge')
  const left = await merged(unasked)
  const looking = healthyAfter(left, `looking every ${interval}`)
  const at = Date.now()
  expect(await onceAllowed(told)).toMatchObject({ is: 'asked' })
  await handled(told, at)

  const regularly = looksOf(asked).findLast((look) => look <= at) ?? 0
  const next = looksOf(asked).find((look) => look > at) ?? Number.POSITIVE_INFINITY
  expect(next - at, 'it looks because it was asked').toBeLessThan(10_000)
  expect(await asking, 'it is healthy before it would have looked').toBeLessThan(regularly + nextLookMs)
  const looks = looksOf(unasked)
  expect(await looking, 'nothing else made the other look').toBeGreaterThan(
    Math.max(...looks.filter((look) => look <= at)) + nextLookMs,
  )
}

/** When its controllers asked the forge for its branches, which they do without credentials, in milliseconds. */
const looksOf = ({ repository }: App): readonly number[] =>
  world.forge
    .calls()
    .filter(
      ({ operation, path, actor }) => operation === 'git-list' && actor === 'anonymous' && path.includes(repository),
    )
    .map(({ at }) => at)

/** A third of an interval at most is over, so that there is time for what comes before the next look. */
const justLooked = (app: App): Promise<true> =>
  eventually(() => ((looksOf(app).at(-1) ?? 0) > Date.now() - nextLookMs / 3 ? true : undefined), {
    awaited: `${app.namespace} is looked at`,
    within: 90_000,
  })

/** By the controller's own word: it saw this very request, and has acted on it. */
async function handled({ app, commit }: Merge, atMs: number): Promise<void> {
  await eventually(
    async () => {
      if (app.expected.spec.type === 'argo-cd') {
        const found = await world.rig.kube.get(app.object)
        const isTaken = annotationsOf(found)['argocd.argoproj.io/refresh'] === undefined
        return isTaken && Date.parse(found?.['status'].reconciledAt) >= Math.floor(atMs / 1_000) * 1_000
          ? true
          : undefined
      }
      const found = await world.rig.kube.get({ ...app.object, ...gitRepositoryKind })
      const wanted = annotationsOf(found)['reconcile.fluxcd.io/requestedAt']
      return wanted?.endsWith(commit) === true && found?.['status'].lastHandledReconcileAt === wanted ? true : undefined
    },
    { awaited: `${app.namespace} has done what it was asked`, within: 10_000 },
  )
}

const gitRepositoryKind = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' }

const annotationsOf = (object: KubeObject | undefined): Readonly<Record<string, string | undefined>> =>
  (object?.metadata['annotations'] ?? {}) as Readonly<Record<string, string>>

/** No controller has it, and the first thing that is asked is whether one may. */
const anyCommit = 'f'.repeat(40)

interface Merge {
  readonly app: App
  readonly commit: string
}

async function merged(app: App): Promise<Merge> {
  return { app, commit: await app.release(digestOf('b')) }
}

/** When Sluice sees it, in milliseconds. */
async function healthyAfter({ app, commit }: Merge, how: string): Promise<number> {
  const atMs = performance.now()
  const controllers = await calledWell(world.rig.kube, app.object, (at) => at === commit)
  const { atMs: sluice } = await app.sightings.until({ is: 'healthy', revision: commit })
  tellTimes(`${app.expected.spec.type}, ${how}: merge → healthy at this commit`, atMs, { controllers, sluice })
  return performance.timeOrigin + sluice
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
