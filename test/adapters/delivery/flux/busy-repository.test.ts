import { expect, test } from 'vitest'
import { judgeKustomization } from '../../../../src/adapters/delivery/flux/judge-kustomization.ts'
import type { HealthSettings } from '../../../../src/domain/health.ts'
import { toInstant } from '../../../../src/domain/ids.ts'
import { defaultHealth, foldHealth, type Look } from '../fold-health.ts'
import { at, before, commit, expected, kustomization, past, read, ready, reconciling } from './kustomization-objects.ts'

const begin = Date.parse('2026-03-01T10:00:00Z')
const nth = (number: number) => `${number.toString(16).padStart(40, 'a')}`
const notReady = "dependency 'flux-system/db' revision is not up to date"

/** What Sluice sees every five seconds: the last status that Flux wrote before. */
function looks(...written: readonly (readonly [seconds: number, status: Record<string, unknown>])[]): readonly Look[] {
  const seen: Look[] = []
  let time = begin
  for (const [seconds, status] of written) {
    const sighting = judgeKustomization(read({ kustomization: kustomization({ status }) }), expected)
    for (const end = time + seconds * 1_000; time < end; time += 5_000) seen.push({ at: toInstant(time), sighting })
  }
  return seen
}

const words = (seen: readonly Look[], content: readonly string[], settings: HealthSettings = defaultHealth) =>
  foldHealth(seen, content, settings).map(({ health }) => health.is)

const trying = (attempted: string, applied: string, ...history: readonly ReturnType<typeof past>[]) => ({
  lastAppliedRevision: at(applied),
  lastAttemptedRevision: at(attempted),
  conditions: [ready('Unknown', 'Progressing'), reconciling('Progressing', 'Running health checks')],
  history,
})
const applied = (revision: string) => ({
  lastAppliedRevision: at(revision),
  lastAttemptedRevision: at(revision),
  conditions: [ready('True', 'ReconciliationSucceeded')],
  history: [past('ReconciliationSucceeded', revision)],
})

test('what crashes is confirmed although another commit always comes before Flux says so', () => {
  const commits = [0, 1, 2, 3, 4].map(nth)
  const seen = looks(
    [60, trying(nth(0), before, past('ReconciliationSucceeded', before))],
    ...[1, 2, 3, 4].map(
      (number) =>
        [
          60,
          trying(
            nth(number),
            before,
            past('HealthCheckFailed', nth(number - 1)),
            past('ReconciliationSucceeded', before),
          ),
        ] as const,
    ),
  )
  const health = words(seen, commits)
  // A minute until it is known to fail, two until that is confirmed.
  expect(health.slice(0, 36)).not.toContain('failed')
  expect(health.slice(37)).toEqual(health.slice(37).map(() => 'failed'))
  const revert = trying(commit('9'), before, past('HealthCheckFailed', nth(4)), past('ReconciliationSucceeded', before))
  expect(words(looks([300, revert]), [commit('9')]), 'the revert is not blamed').not.toContain('failed')
})

test('a rollout for which Flux waits longer than the deadline is failed', () => {
  const seen = looks([1_200, trying(nth(1), before, past('ReconciliationSucceeded', before))])
  const health = words(seen, [nth(1)])
  expect(health.slice(0, 180)).not.toContain('failed')
  expect(health.slice(181)).toEqual(health.slice(181).map(() => 'failed'))
})

test('commits that change nothing here neither end health nor keep a release from settling', () => {
  const [first, ...others] = [0, 1, 2, 3, 4, 5].map(nth)
  const seen = looks(
    [10, applied(nth(0))],
    ...others.flatMap((next, number) => [
      [10, trying(next, nth(number), past('ReconciliationSucceeded', nth(number)))] as const,
      [10, applied(next)] as const,
    ]),
  )
  const health = words(seen, [first as string, ...others])
  expect(health.slice(8), 'at the first look after half a minute that meets no check').toEqual(
    health.slice(8).map(() => 'healthy'),
  )
})

test('commits for which a dependency is not ready yet end no soak', () => {
  const waits = { ...applied(nth(0)), conditions: [ready('False', 'DependencyNotReady', notReady)] }
  const seen = looks([60, applied(nth(0))], [600, waits], [60, applied(nth(1))])
  const health = foldHealth(seen, [nth(0), nth(1)], defaultHealth).map(({ health }) => health)
  expect(health.slice(6)).toEqual(health.slice(6).map(() => health[6]))
  expect(health[6]).toMatchObject({ is: 'healthy' })
})

test('a source-controller that is gone makes nothing ill that runs, and is told to whoever waits for something newer', () => {
  const gone = {
    ...applied(nth(0)),
    conditions: [ready('False', 'ArtifactFailed', 'connection refused'), reconciling('ProgressingWithRetry')],
  }
  const fetching = {
    ...applied(nth(0)),
    conditions: [ready('Unknown', 'Progressing'), reconciling('Progressing', 'Fetching manifests for revision')],
  }
  const seen = looks([60, applied(nth(0))], [240, fetching], [10, gone], [240, fetching], [1_000, gone])
  const health = words(seen, [nth(0)])
  expect(health.slice(6)).toEqual(health.slice(6).map(() => 'healthy'))
  expect(foldHealth(looks([10, gone]), [nth(1)], defaultHealth).at(-1)?.health).toMatchObject({
    is: 'unknown',
    reason: 'flux.source-not-fetched',
  })
})

test('what could not be applied for a while is not held against pods that only start', () => {
  const words = 'Internal error occurred: failed calling webhook "x": no endpoints available'
  const refused = {
    ...trying(nth(1), before, past('ReconciliationFailed', nth(1)), past('ReconciliationSucceeded', before)),
    conditions: [ready('False', 'ReconciliationFailed', words), reconciling('ProgressingWithRetry', words)],
  }
  const starting = trying(nth(1), before, past('ReconciliationFailed', nth(1)), past('ReconciliationSucceeded', before))
  const tracks = foldHealth(looks([300, refused], [60, starting], [60, applied(nth(1))]), [nth(1)], defaultHealth)
  expect(tracks.filter(({ health }) => health.is === 'failed' && health.infrastructure === undefined)).toEqual([])
  expect(tracks.at(-1)?.health.is).toBe('healthy')
})

test('a first rollout, after which nothing was applied yet, has its deadline too', () => {
  const first = { ...trying(nth(1), before), lastAppliedRevision: undefined, observedGeneration: -1 }
  expect(words(looks([1_200, first]), [nth(1)])).toContain('failed')
})

test('a revert is not blamed for what is tried before it', () => {
  const bad = trying(nth(1), nth(0), past('ReconciliationSucceeded', nth(0)))
  const tracks = foldHealth(looks([1_200, bad]), [nth(0), nth(2)], defaultHealth)
  expect(tracks.map(({ health }) => health.is)).not.toContain('failed')
  expect(tracks.at(-1)).toMatchObject({ appliedAt: null, health: { reason: 'delivery.behind' } })
})
