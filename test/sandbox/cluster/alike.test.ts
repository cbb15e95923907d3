import { afterEach, expect, test, vi } from 'vitest'
import { fluxKustomization } from '../../../src/sandbox/cluster/start-cluster.ts'
import { recordingOf } from '../../adapters/delivery/recorded-stories.ts'
import { type ClusterWorld, clusterWorld, goodDigest } from './cluster-world.ts'

let world: ClusterWorld
afterEach(() => world.end())

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
}

interface Status {
  readonly conditions?: readonly Condition[]
}

/** What a condition says, without its words and times. */
const said = (conditions: readonly Condition[]): readonly string[] =>
  conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`).toSorted()

/** What the real source-controller said in each state of that story, in its order and without repetitions. */
const really = recordingOf('flux-unfetched.json')
  .steps.flatMap(({ lists }) => lists['source.toolkit.fluxcd.io/v1/gitrepositories'] ?? [])
  .map(({ status }) => said((status as Status | undefined)?.conditions ?? []))
  .filter((one, index, all) => one.length > 0 && one.join() !== all[index - 1]?.join())

test('a GitRepository says what a real one says: it begins, then fetched, then out of reach, then fetched again', async () => {
  expect(really).toHaveLength(4)
  const [begun = [], fetched = [], away = [], again = []] = really
  world = await clusterWorld()
  world.release(goodDigest)
  world.cluster.apply(
    ...fluxKustomization({
      name: 'api',
      namespace: 'flux-system',
      repoUrl: world.repoUrl,
      branch: 'main',
      path: 'apps/api/overlays/staging',
    }),
  )
  const kind = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' }
  const says = (wanted: readonly string[]) =>
    vi.waitFor(
      () => {
        const conditions = world.cluster.get(kind, 'flux-system', 'api')?.status?.['conditions']
        expect(said((conditions ?? []) as readonly Condition[])).toEqual(wanted)
      },
      // It begins for no longer than git takes to fetch.
      { timeout: 8_000, interval: 2 },
    )
  await says(begun)
  await says(fetched)
  const back = world.cutOff()
  await says(away)
  back()
  await says(again)
}, 30_000)
