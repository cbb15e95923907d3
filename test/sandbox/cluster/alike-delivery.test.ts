import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { argoApplication, fluxKustomization } from '../../../src/sandbox/cluster/start-cluster.ts'
import type { Recording } from '../../adapters/delivery/replay.ts'
import { type ClusterWorld, clusterWorld, goodDigest, nextDigest } from './cluster-world.ts'

let world: ClusterWorld
afterEach(() => world.end())

type Json = Readonly<Record<string, unknown>>

/** A look at a kind of object, and what each of its states says, without words, names and times. */
interface Watched {
  readonly collection: string
  readonly object: { readonly apiVersion: string; readonly kind: string }
  readonly namespace: string
  readonly says: (status: Json) => string
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
}
const conditionsIn = ({ conditions }: Json): string =>
  ((conditions ?? []) as readonly Condition[])
    .map(({ type, status, reason }) => `${type} ${status} ${reason}`)
    .toSorted()
    .join(', ')
const wordIn = (status: Json, part: string, field: string): string =>
  String((status[part] as Json | undefined)?.[field] ?? 'none')

const kustomization: Watched = {
  collection: 'kustomize.toolkit.fluxcd.io/v1/kustomizations',
  object: { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' },
  namespace: 'flux-system',
  says: (status) => {
    const [newest] = (status.history ?? []) as readonly Json[]
    return `${conditionsIn(status)}; last: ${newest?.lastReconciledStatus ?? 'none'}`
  },
}
const application: Watched = {
  collection: 'argoproj.io/v1alpha1/applications',
  object: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' },
  namespace: 'argocd',
  says: (status) =>
    [
      wordIn(status, 'sync', 'status'),
      wordIn(status, 'health', 'status'),
      wordIn(status, 'operationState', 'phase'),
    ].join(' '),
}
const deployment: Watched = {
  collection: 'apps/v1/deployments',
  object: { apiVersion: 'apps/v1', kind: 'Deployment' },
  namespace: 'api-staging',
  says: conditionsIn,
}

/** What it said in each state of a recording, without repetitions. */
function reallySaid(file: string, { collection, says }: Watched): readonly string[] {
  const url = new URL(`../../../fixtures/delivery/recorded/${file}.json`, import.meta.url)
  const { steps }: Recording = JSON.parse(readFileSync(url, 'utf8'))
  const said = steps.flatMap(({ lists }) => (lists[collection] ?? []).map(({ status }) => says((status ?? {}) as Json)))
  return [...new Set(said)]
}

const now = ({ object, namespace, says }: Watched): string | undefined => {
  const live = world.cluster.get(object, namespace, 'api')
  return live === undefined ? undefined : says((live.status ?? {}) as Json)
}

const isFetched = (): boolean => {
  const kind = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' }
  return world.cluster.get(kind, 'flux-system', 'api')?.status?.['artifact'] !== undefined
}

const settings = { name: 'api', branch: 'main', path: 'apps/api/overlays/staging' }
const families = {
  flux: {
    delivery: kustomization,
    apply: () => fluxKustomization({ ...settings, namespace: 'flux-system', repoUrl: world.repoUrl }),
  },
  'argo-cd': {
    delivery: application,
    apply: () => argoApplication({ ...settings, namespace: 'argocd', repoUrl: world.repoUrl }),
  },
}

describe.each(['flux', 'argo-cd'] as const)('in the story of a crashing release with %s', (by) => {
  const { delivery, apply } = families[by]

  test('the delivery object and its Deployment rest in the states of real ones, and pass through no others', async () => {
    world = await clusterWorld()
    const seen = [delivery, deployment].map((watched) => ({ watched, said: new Set<string>() }))
    const looking = setInterval(() => {
      for (const { watched, said } of seen) {
        const words = now(watched)
        // Before its controller has looked, it says nothing.
        if (words !== undefined && words !== '') said.add(words)
      }
    }, 5)
    const rests = (...wanted: readonly string[]) =>
      vi.waitFor(() => expect([now(delivery), now(deployment)]).toEqual(wanted), { timeout: 8_000, interval: 20 })
    try {
      world.release(goodDigest)
      // As in the recorded story, whose controllers had the repository before.
      const sources = apply().filter(({ kind }) => kind === 'GitRepository')
      const others = apply().filter(({ kind }) => kind !== 'GitRepository')
      world.cluster.apply(...sources)
      if (sources.length > 0) await vi.waitFor(() => expect(isFetched()).toBe(true), { timeout: 8_000 })
      world.cluster.apply(...others)
      await rests(...well[by])
      world.cluster.badImage(nextDigest, 'crash')
      world.release(nextDigest)
      await rests(...ill[by])
      world.release(goodDigest)
      await rests(...well[by])
    } finally {
      clearInterval(looking)
    }
    for (const { watched, said } of seen) {
      const really = [...reallySaid(`${by}-merged`, watched), ...reallySaid(`${by}-crashing`, watched)]
      expect(really).toEqual(expect.arrayContaining([...said]))
    }
  })
})

const rolledOut = 'Available True MinimumReplicasAvailable, Progressing True NewReplicaSetAvailable'
const gaveUp = 'Available True MinimumReplicasAvailable, Progressing False ProgressDeadlineExceeded'
const well = {
  flux: ['Healthy True Succeeded, Ready True ReconciliationSucceeded; last: ReconciliationSucceeded', rolledOut],
  'argo-cd': ['Synced Healthy Succeeded', rolledOut],
}
const ill = {
  flux: [
    'Healthy False HealthCheckFailed, Ready False HealthCheckFailed, Reconciling True ProgressingWithRetry; last: HealthCheckFailed',
    gaveUp,
  ],
  'argo-cd': ['Synced Degraded Succeeded', gaveUp],
}
